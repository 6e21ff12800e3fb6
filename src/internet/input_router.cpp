// What routers tell a host (RFC 4861 §6.3.4, RFC 4862 §5.5.3, RFC 4191, RFC 8106): believed on interfaces
// that are to configure themselves, within the bounds of learned.hpp.
#include <algorithm>

#include "internet/internet.hpp"
#include "internet/ndp.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

/// Routes of routers come behind those of the user; among them the preferred first (RFC 4191 §3.1).
std::uint32_t metric_of(RouterPreference preference) {
  constexpr std::uint32_t kBase = 1024;
  switch (preference) {
    case RouterPreference::high: return kBase - 1;
    case RouterPreference::low: return kBase + 1;
    case RouterPreference::medium: break;
  }
  return kBase;
}

/// How long a redirect holds, if nothing else ends it.
constexpr NdLifetime kRedirectLifetime = 600;

/// CVE-2015-2922: a forged limit that ends every packet at the first router.
constexpr std::uint8_t kHopLimitMin = 32;

}  // namespace

void Internet::input_router_advertisement(NicId id, const Delivery& delivery, const NdView& message,
                                          Instant now) {
  Interface& nic = interfaces_[index_of(id) - 1];
  if (!nic.autoconf) return counters_.add(Counter::nd_not_for_us);
  if (const auto mac = message.options().mac(nd_option::kSourceLinkLayer); mac && is_neighbor_mac(*mac, nic))
    learn(nic, delivery.src, *mac, now);
  if (message.hop_limit() >= kHopLimitMin) nic.hop_limit = message.hop_limit();
  if (const auto mtu = message.options().mtu(); mtu && *mtu >= kIpv6MtuMin && *mtu <= nic.link.mtu) {
    if (nic.ipv6_mtu != *mtu) ++routes_version_;
    nic.ipv6_mtu = *mtu;
  }
  if (message.router_lifetime() > 0) nic.solicitations_left = 0;  // there is one
  learn_route(LearnedKind::default_router,
              {.destination = {IpAddress(), 0},
               .gateway = delivery.src,
               .nic = nic.id,
               .metric = metric_of(message.preference())},
              message.router_lifetime(), now);
  message.options().for_each([&](std::uint8_t type, Bytes option) {
    if (type == nd_option::kPrefix) learn_prefix(nic, option, now);
    if (type == nd_option::kRoute) learn_further_route(nic, delivery.src, option, now);
    if (type == nd_option::kDnsServers) learn_dns_servers(nic, option, now);
  });
}

/// RFC 4861 §8.3: only the router that we use for the destination knows better.
void Internet::input_redirect(NicId id, const Delivery& delivery, const NdView& message, Instant now) {
  const Interface& nic = interfaces_[index_of(id) - 1];
  if (!nic.autoconf) return counters_.add(Counter::nd_not_for_us);
  const IpAddress target = message.target();
  const IpAddress destination = message.destination();
  const bool is_possible = is_ipv6_host_address(destination) && !destination.is_link_local() &&
                           (target.is_link_local() || target == destination) && !is_local(target, id);
  const auto way = is_possible ? route(destination, id) : Err{Errc::network_unreachable};
  if (!way || way->nic != id || way->next_hop != delivery.src) return counters_.add(Counter::nd_bad_redirect);
  if (const auto mac = message.options().mac(nd_option::kTargetLinkLayer); mac && is_neighbor_mac(*mac, nic))
    learn(nic, target, *mac, now);
  const IpAddress gateway = target == destination ? IpAddress() : target;
  // What an earlier redirect said is over.
  learn_route(LearnedKind::route, {.destination = {destination, 128}, .gateway = delivery.src, .nic = id}, 0,
              now);
  learn_route(LearnedKind::route, {.destination = {destination, 128}, .gateway = gateway, .nic = id},
              kRedirectLifetime, now);
}

/// RFC 4861 §7.2.5: it says itself that it routes no more.
void Internet::forget_router(NicId id, const IpAddress& router, Instant now) {
  learn_route(LearnedKind::default_router, {.destination = {IpAddress(), 0}, .gateway = router, .nic = id}, 0,
              now);
}

void Internet::learn_route(LearnedKind kind, const Route& route, NdLifetime lifetime, Instant now) {
  Learned old;
  switch (learned_.put({.kind = kind, .route = route, .until = end_of(lifetime, now)}, now, old)) {
    case LearnedChange::none: break;
    case LearnedChange::full: counters_.add(Counter::nd_table_full); break;
    case LearnedChange::replaced: forget(old); [[fallthrough]];
    case LearnedChange::added:
      // One that the user gave is there already, and stays.
      if (kind != LearnedKind::dns_server) (void)routes_.add(route);
      ++routes_version_;
      break;
    case LearnedChange::removed: forget(old); break;
  }
  ipv6_next_ = std::min(ipv6_next_, learned_.next_deadline());
}

void Internet::forget(const Learned& gone) {
  if (gone.kind == LearnedKind::dns_server) return;
  routes_.remove(gone.route);
  ++routes_version_;
}

void Internet::learn_prefix(Interface& nic, Bytes option, Instant now) {
  const auto told = read_nd_prefix(option);
  if (!told || told->prefix.address.is_link_local() || told->prefix.address.is_multicast() ||
      told->preferred > told->valid) {
    return counters_.add(Counter::nd_bad_prefix);
  }
  if (told->on_link) {
    learn_route(LearnedKind::on_link_prefix,
                {.destination = told->prefix,
                 .gateway = IpAddress(),
                 .nic = nic.id,
                 .metric = metric_of(RouterPreference::medium)},
                told->valid, now);
  }
  if (!told->autonomous) return;
  if (told->prefix.length != 64) return counters_.add(Counter::nd_bad_prefix);  // RFC 4862 §5.5.3 (d)
  autoconfigure(nic, AddressOrigin::stable, *told, now);
  if (ipv6_.temporary_addresses) autoconfigure(nic, AddressOrigin::temporary, *told, now);
}

/// RFC 4862 §5.5.3 (d), (e), and RFC 8981 §3.4 for those that last a day.
void Internet::autoconfigure(Interface& nic, AddressOrigin origin, const NdPrefix& told, Instant now) {
  const bool is_temporary = origin == AddressOrigin::temporary;
  bool is_known = false;
  for (Ipv6Address& own : nic.ipv6) {
    if (own.origin != origin || !told.prefix.contains(own.prefix.address)) continue;
    // A temporary one that is deprecated has done its work: no advertisement brings it back.
    if (is_temporary && own.state == AddressState::deprecated) continue;
    is_known = true;
    const Instant temporary_end = own.preferred_until;
    renew(own, told.preferred, told.valid, now);
    if (is_temporary) own.preferred_until = std::min(own.preferred_until, temporary_end);
    ipv6_next_ = std::min(ipv6_next_, own.due);
  }
  if (is_known || told.valid == 0 || (is_temporary && told.preferred == 0)) return;
  if (nic.ipv6.size() + nic.addresses.size() >= limits_.addresses_per_interface_max)
    return counters_.add(Counter::nd_table_full);
  Ipv6Address made{.prefix = told.prefix,
                   .origin = origin,
                   .preferred_until = end_of(told.preferred, now),
                   .valid_until = end_of(told.valid, now)};
  if (is_temporary) {
    made.preferred_until = std::min(made.preferred_until, now + ipv6_.temporary_preferred);
    made.valid_until = std::min(made.valid_until, now + ipv6_.temporary_valid);
  }
  begin_address(nic, nic.ipv6.emplace_back(made), now);
}

/// RFC 8981 §3.4: the next one, as long as routers say that the prefix is good.
void Internet::replace_temporary(Interface& nic, const Prefix& prefix, Instant now) {
  const auto stable = std::ranges::find_if(nic.ipv6, [&](const Ipv6Address& own) {
    return own.origin == AddressOrigin::stable && own.state == AddressState::preferred &&
           prefix.contains(own.prefix.address);
  });
  if (stable == nic.ipv6.end() ||
      nic.ipv6.size() + nic.addresses.size() >= limits_.addresses_per_interface_max)
    return;
  const Ipv6Address made{
      .prefix = prefix.network(),
      .origin = AddressOrigin::temporary,
      .preferred_until = std::min(stable->preferred_until, now + ipv6_.temporary_preferred),
      .valid_until = std::min(stable->valid_until, now + ipv6_.temporary_valid)};
  begin_address(nic, nic.ipv6.emplace_back(made), now);
}

void Internet::learn_further_route(const Interface& nic, const IpAddress& router, Bytes option, Instant now) {
  const auto told = read_nd_route(option);
  if (!told || told->prefix.address.is_link_local() || told->prefix.address.is_multicast())
    return counters_.add(Counter::nd_bad_prefix);
  learn_route(
      told->prefix.length == 0 ? LearnedKind::default_router : LearnedKind::route,
      {.destination = told->prefix, .gateway = router, .nic = nic.id, .metric = metric_of(told->preference)},
      told->lifetime, now);
}

void Internet::learn_dns_servers(const Interface& nic, Bytes option, Instant now) {
  const auto told = read_nd_dns_servers(option);
  if (!told) return counters_.add(Counter::nd_bad_prefix);
  for (std::size_t i = 0; i < told->size(); ++i) {
    const IpAddress server = (*told)[i];
    if (!is_ipv6_host_address(server)) continue;
    learn_route(LearnedKind::dns_server, {.destination = {IpAddress(), 0}, .gateway = server, .nic = nic.id},
                told->lifetime, now);
  }
}

}  // namespace strata::internet
