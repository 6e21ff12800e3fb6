// The few rtnetlink requests that a network of our own needs (rtnetlink(7)), so that no `ip` command has to be there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "device/fd.hpp"
#include "strata/address.hpp"
#include "strata/system_error.hpp"

namespace strata {

class NetlinkMessage;

class Netlink {
 public:
  /// Speaks to the network namespace of the calling thread.
  static SystemResult<Netlink> open();

  /// Two Ethernet interfaces joined by a wire.
  SystemResult<void> add_veth_pair(const std::string& name, const std::string& peer);
  SystemResult<void> bring_up(const std::string& name, std::optional<std::size_t> mtu = std::nullopt);
  /// An address that is there already is no error.
  SystemResult<void> add_address(const std::string& name, const Prefix& address);

 private:
  explicit Netlink(Fd fd) : fd_(std::move(fd)) {}
  /// Sends the request and returns the errno of the kernel's answer.
  int transact(NetlinkMessage& message);

  Fd fd_;
};

}  // namespace strata
