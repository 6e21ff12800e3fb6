// Choosing a way for IPv6. The zone of a scoped address (RFC 4007) is an
// interface.
#include "internet/address_selection.hpp"
#include "internet/internet.hpp"
#include "internet/ndp.hpp"

namespace strata::internet {

/// RFC 4861 §2.1 "on-link", as far as a host knows. What an address's own prefix seems to say does not count
/// (RFC 5942 §4).
bool Internet::is_on_link(const Interface& nic, const IpAddress& address) const {
  if (address.is_link_local()) return true;
  const Route* route = routes_.find(address, nic.id);
  return route != nullptr && route->gateway.is_unspecified();
}

/// The interface that a scoped address is meant on: the one said, else the one preferred, else the only one.
const Interface* Internet::zone_of(const IpAddress& dst, NicId zone, const Interface* preferred) const {
  if (zone != NicId::none) return interface(zone);
  if (preferred != nullptr || !dst.needs_zone()) return preferred;
  const Interface* only = nullptr;
  for (const Interface& nic : interfaces_) {
    if (!nic.has_ipv6) continue;
    if (only != nullptr) return nullptr;
    only = &nic;
  }
  return only;
}

Result<RouteChoice> Internet::choose_ipv6(const IpAddress& dst, NicId zone, const Interface* preferred,
                                          const IpAddress* fixed_source) const {
  if (dst.is_unspecified()) return Err{Errc::network_unreachable};
  const Interface* nic = zone_of(dst, zone, preferred);
  const bool is_direct = dst.needs_zone() || (dst.is_multicast() && nic != nullptr);
  const Route* found = is_direct ? nullptr : best_route(dst, nic == nullptr ? NicId::none : nic->id);
  if (found != nullptr) nic = interface(found->nic);
  if (nic == nullptr || !nic->has_ipv6 || (found == nullptr && !is_direct))
    return Err{Errc::network_unreachable};
  const bool by_router = found != nullptr && !found->gateway.is_unspecified();
  const auto source = fixed_source != nullptr ? *fixed_source : select_source(nic->ipv6, dst);
  if (!source) return Err{Errc::network_unreachable};
  RouteChoice choice{.nic = nic->id,
                     .to_group = dst.is_multicast(),
                     .next_hop = by_router ? found->gateway : dst,
                     .source = *source,
                     .mtu = static_cast<std::uint32_t>(nic->ipv6_mtu),
                     .route_mtu = static_cast<std::uint16_t>(nic->ipv6_mtu),
                     .hop_limit = nic->hop_limit,
                     .link = &nic->link};
  fit_to_path(dst, found, choice);
  return choice;
}

}  // namespace strata::internet
