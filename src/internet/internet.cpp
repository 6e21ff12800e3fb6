// Setting up interfaces and routes, and choosing a way.
#include "internet/internet.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

/// The way to ourselves: nothing is cut and no checksum is computed.
constexpr LinkCapabilities kLocalLink{
    .mtu = kMtuMax, .gso_max = kMtuMax, .checksum_offload_tx = true, .has_ethernet_header = false};

RouteChoice local_choice(const IpAddress& dst, const IpAddress& src) {
  return {.nic = NicId::none,
          .next_hop = dst,
          .source = src,
          .mtu = kMtuMax,
          .route_mtu = kMtuMax,
          .link = &kLocalLink};
}

/// RFC 7217 §5: F's secret key, kept by the user or drawn for this run.
SipKey stable_key(const Ipv6Config& config, const Entropy& entropy) {
  if (config.stable_secret != decltype(config.stable_secret){})
    return {config.stable_secret[0], config.stable_secret[1]};
  const SipKey drawn{entropy.words[0], entropy.words[5]};
  const auto half = [&](std::string_view name) { return siphash24(drawn, as_bytes(name)); };
  return {half("stable addresses 0"), half("stable addresses 1")};
}

/// Two prefixes that each other's addresses lie in; one of IPv6 may be on several links' interfaces only as
/// fe80::/10.
bool overlap(const Prefix& a, const Prefix& b) {
  return (a.contains(b.address) || b.contains(a.address)) && !a.address.is_link_local();
}

}  // namespace

Internet::Internet(const Config& config, const Entropy& entropy, buf::Pools& pools, Counters& counters)
    : limits_(config.tables),
      ipv6_(config.ipv6),
      stable_key_(stable_key(config.ipv6, entropy)),
      answers_echo_(config.icmp.answer_echo),
      ttl_(config.ttl),
      pools_(pools),
      counters_(counters),
      rng_(entropy.words[4] + entropy.words[5]),
      learned_(config.ipv6),
      ids_({entropy.words[3], entropy.words[5]}),
      addresses_(config.tables.interfaces_max * config.tables.addresses_per_interface_max),
      outputs_(new buf::PacketQueue[config.tables.interfaces_max + 1]),
      routes_(config.tables.routes_max),
      neighbors_(config.neighbor, config.tables, entropy.words[5], counters),
      paths_(config.tables, config.tcp, entropy.words[2] ^ entropy.words[5], counters),
      reassembly_(config, entropy.words[1] ^ entropy.words[3], pools, counters),
      error_limit_(config.icmp.errors_per_second, config.icmp.errors_burst) {
  interfaces_.reserve(config.tables.interfaces_max);
}

Result<NicId> Internet::add_interface(const InterfaceConfig& config) {
  if (interfaces_.size() == limits_.interfaces_max) return Err{Errc::no_memory};
  const NicId id = static_cast<NicId>(interfaces_.size() + 1);
  Result<Interface> made = make_interface(id, config, limits_.addresses_per_interface_max);
  if (!made) return Err{made.error()};
  if (routes_.available() < config.addresses.size()) return Err{Errc::no_memory};
  for (const Prefix& own : config.addresses) {
    for (const Interface& other : interfaces_) {
      const auto overlaps = [&](const Prefix& theirs) { return overlap(own, theirs); };
      if (std::ranges::any_of(other.addresses, overlaps) ||
          std::ranges::any_of(other.ipv6, overlaps, &Ipv6Address::prefix))
        return Err{Errc::address_in_use};
    }
  }
  interfaces_.push_back(*std::move(made));
  ++routes_version_;
  for (const Prefix& own : config.addresses) {
    if (own.address.is_link_local()) continue;  // of one interface, and always on its link
    if (own.address.is_v4()) addresses_.add(own.address, id);
    // Two addresses of one network share its route.
    (void)routes_.add(
        {.destination = own.network(), .gateway = IpAddress::any(own.address.family()), .nic = id});
  }
  if (interfaces_.back().has_ipv6) begin_ipv6(interfaces_.back());
  return id;
}

Result<void> Internet::add_route(const Route& route) {
  const Interface* nic = interface(route.nic);
  const Prefix& destination = route.destination;
  const bool is_v4 = destination.address.is_v4();
  if (nic == nullptr || destination.length > (is_v4 ? 32 : 128)) return Err{Errc::invalid_argument};
  const std::size_t least_mtu = is_v4 ? kMtuMin : kIpv6MtuMin;
  if (route.mtu != 0 && (route.mtu < least_mtu || route.mtu > nic->link.mtu))
    return Err{Errc::invalid_argument};
  Route normal = route;
  if (route.gateway.is_unspecified()) {
    normal.gateway = IpAddress::any(destination.address.family());
  } else if (!is_v4) {
    const bool is_neighbor = is_ipv6_host_address(route.gateway) && is_on_link(*nic, route.gateway);
    if (!nic->has_ipv6 || !is_neighbor || nic->owns(route.gateway)) return Err{Errc::invalid_argument};
  } else {
    const Prefix* own = nic->on_link(route.gateway);
    if (own == nullptr || nic->owns(route.gateway) || !is_host_address({route.gateway, own->length})) {
      return Err{Errc::invalid_argument};
    }
  }
  ++routes_version_;
  return routes_.add(normal);
}

const Interface* Internet::interface(NicId nic) const {
  const std::size_t number = static_cast<std::size_t>(nic);
  return number == 0 || number > interfaces_.size() ? nullptr : &interfaces_[number - 1];
}

bool Internet::is_local(const IpAddress& address, NicId zone) const {
  if (address.is_link_local()) {
    const Interface* nic = zone_of(address, zone, nullptr);
    return nic != nullptr && nic->owns(address);
  }
  return address.is_loopback() || owner_of(address) != nullptr;
}

Result<RouteChoice> Internet::route(const IpAddress& dst, NicId zone) const {
  if (is_local(dst, zone)) return local_choice(dst, dst);
  return dst.is_v4() ? choose(dst, nullptr, nullptr) : choose_ipv6(dst, zone, nullptr, nullptr);
}

Result<RouteChoice> Internet::route(const IpAddress& dst, const IpAddress& src, NicId zone) const {
  if (dst.is_v4() != src.is_v4()) return Err{Errc::network_unreachable};
  if (is_local(dst, zone)) return local_choice(dst, src);
  // RFC 1122 §3.2.1.3 (g), RFC 4291 §2.5.3: loopback addresses must not appear outside a host.
  if (src.is_loopback()) return Err{Errc::network_unreachable};
  return dst.is_v4() ? choose(dst, owner_of(src), &src) : choose_ipv6(dst, zone, owner_of(src), &src);
}

const Route* Internet::best_route(const IpAddress& dst, NicId nic) const {
  // RFC 4861 §6.3.6: routers that fell silent come last.
  const auto is_promising = [&](const Route& route) {
    if (route.gateway.is_unspecified()) return true;
    const Neighbor* router = neighbors_.find(route.nic, route.gateway);
    return router == nullptr || router->is_promising() || router->state == NeighborState::incomplete;
  };
  const Route* route = nic == NicId::none ? nullptr : routes_.find(dst, nic, is_promising);
  return route != nullptr ? route : routes_.find(dst, NicId::none, is_promising);
}

Result<RouteChoice> Internet::choose(const IpAddress& dst, const Interface* preferred,
                                     const IpAddress* fixed_source) const {
  if (dst.is_unspecified() || interfaces_.empty()) return Err{Errc::network_unreachable};
  const bool everywhere = dst.is_multicast() || dst.is_limited_broadcast();
  const Route* found = best_route(dst, preferred == nullptr ? NicId::none : preferred->id);
  // A group is on the link of its interface, whether or not a route says so: the preferred one, else the
  // first.
  if (found == nullptr && !everywhere) return Err{Errc::network_unreachable};
  const Interface* nic = found != nullptr       ? interface(found->nic)
                         : preferred != nullptr ? preferred
                                                : &interfaces_[0];
  const bool direct = everywhere || found->gateway.is_unspecified();
  const IpAddress next_hop = direct ? dst : found->gateway;
  const auto source = fixed_source != nullptr ? *fixed_source : nic->source_towards(next_hop);
  if (!source) return Err{Errc::network_unreachable};
  RouteChoice choice{.nic = nic->id,
                     .to_group = everywhere || nic->is_directed_broadcast(next_hop),
                     .next_hop = next_hop,
                     .source = *source,
                     .mtu = static_cast<std::uint32_t>(nic->link.mtu),  // at most kMtuMax
                     .route_mtu = static_cast<std::uint16_t>(nic->link.mtu),
                     .link = &nic->link};
  fit_to_path(dst, found, choice);
  return choice;
}

/// What a route knows better than its link, and the path behind it better than both.
void Internet::fit_to_path(const IpAddress& dst, const Route* route, RouteChoice& choice) const {
  if (route != nullptr) choice.advertised_mss = route->advertised_mss;
  if (route != nullptr && route->mtu != 0) {
    choice.mtu = route->mtu;  // at most the link's
    choice.route_mtu = static_cast<std::uint16_t>(route->mtu);
  }
  if (const auto path = paths_.find(dst)) {
    choice.mtu = std::min(choice.mtu, path->mtu);
    choice.is_narrower = path->is_narrower;
  }
}

void Internet::narrow_path(const IpAddress& dst, std::uint32_t mtu, Instant now) {
  const auto choice = route(dst);
  if (!choice || choice->nic == NicId::none) return;
  if (paths_.lower(dst, mtu, choice->route_mtu, now)) ++routes_version_;
}

}  // namespace strata::internet
