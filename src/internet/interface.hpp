// An interface as the internet layer sees it: a link address, what the link can do, and the host's addresses
// on it.
#pragma once

#include <optional>
#include <vector>

#include "internet/address_life.hpp"
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
  std::vector<Prefix> addresses;  ///< IPv4; fixed when the interface is made
  std::vector<Ipv6Address> ipv6;  ///< never more than were reserved
  bool has_ipv6 = false;
  bool autoconf = false;
  std::uint8_t hop_limit = 0;           ///< as a router said; 0: the stack's own
  std::uint8_t solicitations_left = 0;  ///< for routers
  Instant solicit_at;
  std::size_t ipv6_mtu = 0;           ///< at most link.mtu
  std::vector<IpAddress> broadcasts;  ///< of their networks, each once

  bool owns(const IpAddress& address) const;
  /// The group is one that every host is in, or one of an address of ours (RFC 4291 §2.8).
  bool listens_to(const IpAddress& group) const;
  /// The broadcast address of one of our networks (RFC 1122 §3.2.1.3 (e)).
  bool is_directed_broadcast(const IpAddress& address) const;
  /// IPv4: our address in the network that `other` lies in; nullptr when it is in none of them.
  const Prefix* on_link(const IpAddress& other) const;
  /// IPv4: our address to use towards `next_hop`: of its network, else the first.
  std::optional<IpAddress> source_towards(const IpAddress& next_hop) const;
};

/// An IPv4 address that one host can have: not unspecified, multicast, broadcast or reserved, and not its own
/// network's name.
bool is_host_address(const Prefix& prefix);
/// The same for IPv6: not unspecified, loopback or a group.
bool is_ipv6_host_address(const IpAddress& address);

/// Copies what `config` says after checking it by itself.
Result<Interface> make_interface(NicId id, const InterfaceConfig& config, std::size_t addresses_max);

}  // namespace strata::internet
