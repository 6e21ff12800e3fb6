// How an interface comes to its IPv6 addresses (RFC 4862): each is asked for before it is used, some are made
// up by ourselves (RFC 7217, RFC 8981), and all end when their time is over.
#include <algorithm>
#include <bit>

#include "internet/interface_id.hpp"
#include "internet/internet.hpp"
#include "internet/ndp.hpp"

namespace strata::internet {
namespace {

constexpr IpAddress kLinkLocal = IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
constexpr IpAddress kAllRouters = IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2});
constexpr std::uint32_t kFirstDelayMaxMs = 1000;                  // MAX_RTR_SOLICITATION_DELAY
constexpr Duration kSolicitationInterval = Duration::seconds(4);  // RTR_SOLICITATION_INTERVAL
constexpr std::uint8_t kAttemptsMax = 3;  // IDGEN_RETRIES (RFC 7217 §6), TEMP_IDGEN_RETRIES (RFC 8981 §3.8)

bool is_made_up(const Ipv6Address& address) { return address.origin != AddressOrigin::configured; }

}  // namespace

/// What the interface was given is asked for like everything else.
void Internet::begin_ipv6(Interface& nic) {
  const auto is_link_local = [](const Ipv6Address& own) { return own.prefix.address.is_link_local(); };
  // RFC 4291 §2.1: every interface has one, if only to speak to its routers.
  if (std::ranges::none_of(nic.ipv6, is_link_local))
    nic.ipv6.push_back({.prefix = {kLinkLocal, 64}, .origin = AddressOrigin::link_local});
  for (Ipv6Address& own : nic.ipv6) begin_address(nic, own, Instant());
  nic.solicitations_left = nic.autoconf ? ipv6_.router_solicitations : 0;
}

/// Makes it up, if that is our part, and has it asked for.
void Internet::begin_address(const Interface& nic, Ipv6Address& address, Instant now) {
  if (is_made_up(address)) {
    const bool is_temporary = address.origin == AddressOrigin::temporary;
    const std::uint64_t moment = is_temporary ? static_cast<std::uint64_t>(now.count_nanos()) : 0;
    address.prefix.address = stable_address(stable_key_, address.prefix, nic.mac, address.attempt, moment);
  }
  address.state = AddressState::tentative;
  address.probes_left = ipv6_.dad_transmits;
  // Nobody is asked where nobody is to answer.
  if (ipv6_.dad_transmits == 0) return finish_address(nic, address);
  address.due = Instant();
  ipv6_next_ = Instant();
}

void Internet::finish_address(const Interface& nic, Ipv6Address& address) {
  const IpAddress& own = address.prefix.address;
  if (!own.is_link_local() && owner_of(own) != nullptr) {  // by another interface of ours
    address.due = address.valid_until;
    return;
  }
  address.state = AddressState::preferred;
  address.due = std::min(address.preferred_until, address.valid_until);
  ipv6_next_ = std::min(ipv6_next_, address.due);
  if (!own.is_link_local()) addresses_.add(own, nic.id);
  ++routes_version_;
}

void Internet::advance_ipv6(Instant now) {
  if (now < ipv6_next_) return;
  ipv6_next_ = Instant::never();
  for (Interface& nic : interfaces_) {
    // Backwards: what is over is taken out, what is new is appended.
    for (std::size_t i = nic.ipv6.size(); i > 0; --i) advance_address(nic, i - 1, now);
    solicit_routers(nic, now);
    for (const Ipv6Address& own : nic.ipv6) ipv6_next_ = std::min(ipv6_next_, own.due);
    if (nic.solicitations_left > 0) ipv6_next_ = std::min(ipv6_next_, nic.solicit_at);
  }
  while (const auto gone = learned_.pop_expired(now)) forget(*gone);
  ipv6_next_ = std::min(ipv6_next_, learned_.next_deadline());
}

void Internet::advance_address(Interface& nic, std::size_t index, Instant now) {
  for (;;) {
    Ipv6Address& own = nic.ipv6[index];
    if (own.due == Instant()) {  // RFC 4862 §5.4.2: not all hosts of a link at once
      own.due = now + Duration::millis(below(rng_, kFirstDelayMaxMs));
      nic.solicit_at = std::max(nic.solicit_at, own.due);
    }
    switch (step(own, now)) {
      case AddressEvent::none: return;
      case AddressEvent::probe: send_probe(nic, own, now); break;
      case AddressEvent::usable:
        own.state = AddressState::tentative;  // finish_address() decides
        finish_address(nic, own);
        if (!own.is_usable()) return;
        break;
      case AddressEvent::deprecated:
        ++routes_version_;
        if (own.origin == AddressOrigin::temporary) replace_temporary(nic, own.prefix, now);
        break;
      case AddressEvent::expired: return remove_address(nic, index);
    }
  }
}

/// RFC 4862 §5.4.2, with the nonce of RFC 7527 §4.2.
void Internet::send_probe(const Interface& nic, Ipv6Address& address, Instant now) {
  const auto random = std::bit_cast<std::array<std::uint8_t, 8>>(rng_.next_u64());
  std::copy_n(random.begin(), address.nonce.size(), address.nonce.begin());
  const NdSolicitation probe{.target = address.prefix.address, .nonce = address.nonce};
  const IpAddress group = solicited_node_group(address.prefix.address);
  send_nd(make_nd_message(pools_, probe, IpAddress(), group), IpAddress(), group, nic, now);
}

/// RFC 4861 §6.3.7.
void Internet::solicit_routers(Interface& nic, Instant now) {
  if (nic.solicitations_left == 0 || now < nic.solicit_at) return;
  const auto source = select_link_local(nic);
  if (!source) {  // not ours yet: a router would have nobody to answer
    nic.solicit_at = now + kProbeInterval;
    return;
  }
  --nic.solicitations_left;
  nic.solicit_at = now + kSolicitationInterval;
  const NdRouterSolicitation question{.source_mac = nic.mac};
  send_nd(make_nd_message(pools_, question, *source, kAllRouters), *source, kAllRouters, nic, now);
}

std::optional<IpAddress> Internet::select_link_local(const Interface& nic) {
  const auto own = std::ranges::find_if(nic.ipv6, [](const Ipv6Address& address) {
    return address.is_usable() && address.prefix.address.is_link_local();
  });
  if (own == nic.ipv6.end()) return std::nullopt;
  return own->prefix.address;
}

void Internet::remove_address(Interface& nic, std::size_t index) {
  const IpAddress address = nic.ipv6[index].prefix.address;
  if (addresses_.owner_of(address) == nic.id && nic.ipv6[index].is_usable()) addresses_.remove(address);
  nic.ipv6.erase(nic.ipv6.begin() + static_cast<std::ptrdiff_t>(index));
  ++routes_version_;
}

/// A probe from somebody else, or an answer to ours (RFC 4862 §5.4.5).
void Internet::on_conflict(Interface& nic, std::size_t index, Instant now) {
  counters_.add(Counter::address_conflict);
  Ipv6Address& address = nic.ipv6[index];
  if (!is_made_up(address) || address.attempt == kAttemptsMax) return remove_address(nic, index);
  ++address.attempt;
  begin_address(nic, address, now);
}

/// Whether the message was about an address that is not ours yet. `nonce`: of a probe; nothing: an answer.
bool Internet::input_about_tentative(NicId id, const NdView& message, bool is_probe, Instant now) {
  Interface& nic = interfaces_[index_of(id) - 1];
  const auto own = std::ranges::find_if(nic.ipv6, [&](const Ipv6Address& address) {
    return !address.is_usable() && address.prefix.address == message.target();
  });
  if (own == nic.ipv6.end()) return false;
  if (is_probe && message.options().nonce() == own->nonce && own->nonce != NdNonce{}) {
    // Our own came back: the link has a loop, which says nothing about others (RFC 7527 §4.1).
    counters_.add(Counter::nd_looped_back);
    own->probes_left = std::max(own->probes_left, kProbesAfterLoop);
    return true;
  }
  on_conflict(nic, static_cast<std::size_t>(own - nic.ipv6.begin()), now);
  return true;
}

}  // namespace strata::internet
