// Questions about our own addresses. The lists are short, so every answer is a scan.
#include "internet/interface.hpp"

#include <algorithm>

#include "wire/ipv6.hpp"
#include "wire/ndp.hpp"

namespace strata::internet {

namespace {

/// All nodes of a link (RFC 4291 §2.7.1).
constexpr IpAddress kAllNodesOfLink = IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

}  // namespace

bool Interface::owns(const IpAddress& address) const {
  const auto is_it = [&](const Ipv6Address& own) { return own.prefix.address == address && own.is_usable(); };
  if (!address.is_v4()) return std::ranges::any_of(ipv6, is_it);
  return std::ranges::any_of(addresses, [&](const Prefix& own) { return own.address == address; });
}

bool Interface::listens_to(const IpAddress& group) const {
  if (group == kAllNodesOfLink) return true;
  return std::ranges::any_of(
      ipv6, [&](const Ipv6Address& own) { return solicited_node_group(own.prefix.address) == group; });
}

bool Interface::is_directed_broadcast(const IpAddress& address) const {
  return std::ranges::find(broadcasts, address) != broadcasts.end();
}

const Prefix* Interface::on_link(const IpAddress& other) const {
  const auto found = std::ranges::find_if(addresses, [&](const Prefix& own) { return own.contains(other); });
  return found == addresses.end() ? nullptr : &*found;
}

std::optional<IpAddress> Interface::source_towards(const IpAddress& next_hop) const {
  if (const Prefix* own = on_link(next_hop)) return own->address;
  if (addresses.empty()) return std::nullopt;
  return addresses.front().address;
}

bool is_host_address(const Prefix& prefix) {
  const IpAddress& address = prefix.address;
  // Class E is reserved (RFC 1112 §4) and 0.0.0.0/8 means "this network" (RFC 1122 §3.2.1.3 (a)).
  if (!address.is_v4() || address.is_multicast() || address.v4_value() >> 28 == 0xf ||
      address.v4_value() >> 24 == 0) {
    return false;
  }
  if (prefix.length == 0 || prefix.length > 32) return false;
  const auto broadcast = prefix.directed_broadcast();
  return !broadcast || (address != *broadcast && address != prefix.network().address);
}

bool is_ipv6_host_address(const IpAddress& address) {
  return !address.is_v4() && !address.is_unspecified() && !address.is_loopback() && !address.is_multicast();
}

namespace {

bool is_possible(const Prefix& own, const LinkCapabilities& link) {
  if (!own.address.is_v4()) return is_ipv6_host_address(own.address) && own.length >= 1 && own.length <= 128;
  return is_host_address(own) && !(own.address.is_loopback() && link.has_ethernet_header);
}

}  // namespace

Result<Interface> make_interface(NicId id, const InterfaceConfig& config, std::size_t addresses_max) {
  const LinkCapabilities& link = config.link;
  if (link.mtu < kMtuMin || link.mtu > kMtuMax) return Err{Errc::invalid_argument};
  if (link.has_ethernet_header && (config.mac.is_multicast() || config.mac == MacAddress{})) {
    return Err{Errc::invalid_argument};
  }
  const auto is_v6 = [](const Prefix& own) { return !own.address.is_v4(); };
  const bool has_ipv6 = config.ipv6 || config.autoconf || std::ranges::any_of(config.addresses, is_v6);
  if (has_ipv6 && link.mtu < kIpv6MtuMin) return Err{Errc::invalid_argument};
  // One place is kept for the link-local address.
  if (config.addresses.size() + (has_ipv6 ? 1 : 0) > addresses_max) return Err{Errc::no_memory};
  for (const Prefix& own : config.addresses) {
    if (!is_possible(own, link)) return Err{Errc::invalid_argument};
    const auto same = [&](const Prefix& other) { return other.address == own.address; };
    if (std::ranges::count_if(config.addresses, same) != 1) return Err{Errc::address_in_use};
  }
  Interface made{.id = id,
                 .mac = config.mac,
                 .link = link,
                 .has_ipv6 = has_ipv6,
                 .autoconf = config.autoconf,
                 .ipv6_mtu = link.mtu};
  if (has_ipv6) made.ipv6.reserve(addresses_max);
  for (const Prefix& own : config.addresses) {
    if (is_v6(own)) {
      made.ipv6.push_back({.prefix = own});
      continue;
    }
    made.addresses.push_back(own);
    const auto broadcast = own.directed_broadcast();
    if (broadcast && !made.is_directed_broadcast(*broadcast)) made.broadcasts.push_back(*broadcast);
  }
  return made;
}

}  // namespace strata::internet
