// The few rtnetlink requests that a network of our own needs (rtnetlink(7)), so that no `ip` command has to
// be there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  /// The kernel throws away what is sent in the moment between switching an interface on and its being in
  /// service. Waits that out, for at most a second: the other end of a wire may be missing. Interfaces that
  /// never say how their wire is (IF_OPER_UNKNOWN, as a new TAP) are in service at once if `unknown_is_good`.
  SystemResult<void> wait_until_in_service(const std::string& name, bool unknown_is_good);
  /// An address that is there already is no error.
  SystemResult<void> add_address(const std::string& name, const Prefix& address);

 private:
  explicit Netlink(Fd fd) : fd_(std::move(fd)) {}
  /// Sends the request and returns the errno of the kernel's verdict; what the kernel tells before that goes
  /// to `answer`.
  int transact(NetlinkMessage& message, std::vector<std::uint8_t>* answer = nullptr);
  /// IF_OPER_* of RFC 2863 §3.1.14.
  SystemResult<std::uint8_t> operational_state(const std::string& name);

  Fd fd_;
};

}  // namespace strata
