// Setting up interfaces and routes, and choosing a way.
#include "internet/internet.hpp"

#include <algorithm>

#include "base/check.hpp"

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

}  // namespace

Internet::Internet(const Config& config, const Entropy& entropy, buf::Pools& pools, Counters& counters)
    : limits_(config.tables),
      answers_echo_(config.icmp.answer_echo),
      ttl_(config.ttl),
      pools_(pools),
      counters_(counters),
      next_id_(static_cast<std::uint16_t>(entropy.words[5] >> 48)),
      addresses_(config.tables.interfaces_max * config.tables.addresses_per_interface_max),
      outputs_(new buf::PacketQueue[config.tables.interfaces_max + 1]),
      routes_(config.tables.routes_max),
      neighbors_(config.neighbor, config.tables, entropy.words[5], counters),
      paths_(config.tables, config.tcp, entropy.words[2] ^ entropy.words[5], counters),
      error_limit_(config.icmp.errors_per_second, config.icmp.errors_burst) {
  interfaces_.reserve(config.tables.interfaces_max);
}

Result<NicId> Internet::add_interface(const InterfaceConfig& config) {
  if (interfaces_.size() == limits_.interfaces_max) return Err{Errc::no_memory};
  const NicId id = static_cast<NicId>(interfaces_.size() + 1);
  Result<Interface> made = make_interface(id, config, limits_.addresses_per_interface_max);
  if (!made) return Err{made.error()};
  if (routes_.available() < made->addresses.size()) return Err{Errc::no_memory};
  for (const Prefix& own : made->addresses) {
    for (const Interface& other : interfaces_) {
      const auto overlaps = [&](const Prefix& theirs) {
        return theirs.contains(own.address) || own.contains(theirs.address);
      };
      if (std::ranges::any_of(other.addresses, overlaps)) return Err{Errc::address_in_use};
    }
  }
  interfaces_.push_back(*std::move(made));
  ++routes_version_;
  for (const Prefix& own : interfaces_.back().addresses) {
    addresses_.add(own.address, id);
    // Two addresses of one network share its route.
    (void)routes_.add(
        {.destination = own.network(), .gateway = IpAddress::any(own.address.family()), .nic = id});
  }
  return id;
}

Result<void> Internet::add_route(const Route& route) {
  const Interface* nic = interface(route.nic);
  const Prefix& destination = route.destination;
  if (nic == nullptr || !destination.address.is_v4() || destination.length > 32)
    return Err{Errc::invalid_argument};
  const std::size_t link_mtu = nic->link.mtu;
  if (route.mtu != 0 && (route.mtu < kMtuMin || route.mtu > link_mtu)) return Err{Errc::invalid_argument};
  Route normal = route;
  if (route.gateway.is_unspecified()) {
    normal.gateway = IpAddress::any(destination.address.family());
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

bool Internet::is_local(const IpAddress& address) const {
  return (address.is_v4() && address.is_loopback()) || owner_of(address) != nullptr;
}

Result<RouteChoice> Internet::route(const IpAddress& dst) const {
  if (!dst.is_v4()) return Err{Errc::network_unreachable};  // IPv4 is all that we speak
  if (is_local(dst)) return local_choice(dst, dst);
  return choose(dst, nullptr, nullptr);
}

Result<RouteChoice> Internet::route(const IpAddress& dst, const IpAddress& src) const {
  if (!dst.is_v4() || !src.is_v4()) return Err{Errc::network_unreachable};
  if (is_local(dst)) return local_choice(dst, src);
  // RFC 1122 §3.2.1.3 (g): loopback addresses must not appear outside a host.
  if (src.is_loopback()) return Err{Errc::network_unreachable};
  return choose(dst, owner_of(src), &src);
}

const Route* Internet::best_route(const IpAddress& dst, NicId nic) const {
  const Route* route = nic == NicId::none ? nullptr : routes_.find(dst, nic);
  return route != nullptr ? route : routes_.find(dst);
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
  if (found != nullptr) apply_metrics(*found, choice);
  if (const auto path = paths_.find(dst)) {
    choice.mtu = std::min(choice.mtu, path->mtu);
    choice.is_narrower = path->is_narrower;
  }
  return choice;
}

/// What a route knows better than its link.
void Internet::apply_metrics(const Route& route, RouteChoice& choice) {
  choice.advertised_mss = route.advertised_mss;
  if (route.mtu == 0) return;
  choice.mtu = route.mtu;  // at most the link's
  choice.route_mtu = static_cast<std::uint16_t>(route.mtu);
}

void Internet::narrow_path(const IpAddress& dst, std::uint32_t mtu, Instant now) {
  const auto choice = route(dst);
  if (!choice || choice->nic == NicId::none) return;
  if (paths_.lower(dst, mtu, choice->route_mtu, now)) ++routes_version_;
}

}  // namespace strata::internet
