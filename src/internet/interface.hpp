// An interface as the internet layer sees it: a link address, what the link can do, and the host's addresses
// on it.
#pragma once

#include <optional>
#include <vector>

#include "strata/address.hpp"
#include "strata/error.hpp"
#include "strata/network.hpp"

namespace strata::internet {

/// The smallest MTU of an IPv4 link (RFC 791 §3.2) and the largest datagram.
inline constexpr std::size_t kMtuMin = 68;
inline constexpr std::size_t kMtuMax = 65535;

struct Interface {
  NicId id = NicId::none;
  MacAddress mac;
  LinkCapabilities link;
  std::vector<Prefix> addresses;      ///< fixed when the interface is made
  std::vector<IpAddress> broadcasts;  ///< of their networks, each once

  bool owns(const IpAddress& address) const;
  /// The broadcast address of one of our networks (RFC 1122 §3.2.1.3 (e)).
  bool is_directed_broadcast(const IpAddress& address) const;
  /// Our address in the network that `other` lies in; nullptr when it is in none of them.
  const Prefix* on_link(const IpAddress& other) const;
  /// Our address to use towards `next_hop`: of its network, else the first of its family.
  std::optional<IpAddress> source_towards(const IpAddress& next_hop) const;
};

/// An address that one host can have: not unspecified, multicast, broadcast or reserved, and not its own
/// network's name.
bool is_host_address(const Prefix& prefix);

/// Copies what `config` says after checking it by itself.
Result<Interface> make_interface(NicId id, const InterfaceConfig& config, std::size_t addresses_max);

}  // namespace strata::internet
