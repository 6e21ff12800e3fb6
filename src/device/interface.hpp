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
  bool is_up = false;
  MacAddress mac;
};

SystemResult<InterfaceFacts> read_interface(const std::string& name);

/// False when `name` is empty or longer than the kernel takes.
bool set_interface_name(ifreq& request, const std::string& name);

}  // namespace strata
