// Questions about our own addresses. The lists are short, so every answer is a scan.
#include "internet/interface.hpp"

#include <algorithm>

namespace strata::internet {

bool Interface::owns(const IpAddress& address) const {
  return std::ranges::any_of(addresses, [&](const Prefix& own) { return own.address == address; });
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
  const auto same_family = [&](const Prefix& own) { return own.address.family() == next_hop.family(); };
  const auto found = std::ranges::find_if(addresses, same_family);
  if (found == addresses.end()) return std::nullopt;
  return found->address;
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

Result<Interface> make_interface(NicId id, const InterfaceConfig& config, std::size_t addresses_max) {
  const LinkCapabilities& link = config.link;
  if (link.mtu < kMtuMin || link.mtu > kMtuMax) return Err{Errc::invalid_argument};
  if (link.has_ethernet_header && (config.mac.is_multicast() || config.mac == MacAddress{})) {
    return Err{Errc::invalid_argument};
  }
  if (config.addresses.size() > addresses_max) return Err{Errc::no_memory};
  for (const Prefix& own : config.addresses) {
    if (!is_host_address(own)) return Err{Errc::invalid_argument};
    if (own.address.is_loopback() && link.has_ethernet_header) return Err{Errc::invalid_argument};
    const auto same = [&](const Prefix& other) { return other.address == own.address; };
    if (std::ranges::count_if(config.addresses, same) != 1) return Err{Errc::address_in_use};
  }
  Interface made{.id = id, .mac = config.mac, .link = link};
  made.addresses.assign(config.addresses.begin(), config.addresses.end());
  for (const Prefix& own : config.addresses) {
    const auto broadcast = own.directed_broadcast();
    if (broadcast && !made.is_directed_broadcast(*broadcast)) made.broadcasts.push_back(*broadcast);
  }
  return made;
}

}  // namespace strata::internet
