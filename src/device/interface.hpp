// What netdevice(7) tells about a network interface.
#pragma once

#include <net/if.h>

#include <cstddef>
#include <string>

#include "strata/address.hpp"
#include "strata/system_error.hpp"

namespace strata {

struct InterfaceFacts {
  int index = 0;
  std::size_t mtu = 0;
  bool is_up = false;       ///< switched on
  bool is_running = false;  ///< and joined to something
  MacAddress mac;
};

SystemResult<InterfaceFacts> read_interface(const std::string& name);

/// The kernel throws away what is sent in the moment between switching an interface on and its being in service. Waits that
/// out; for at most a second, since the other end of a wire may be missing.
SystemResult<void> wait_until_running(const std::string& name);

/// False when `name` is empty or longer than the kernel takes.
bool set_interface_name(ifreq& request, const std::string& name);

}  // namespace strata
