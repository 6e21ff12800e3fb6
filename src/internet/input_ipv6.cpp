// IPv6 packets in (RFC 8200 §3, §4): addresses, then the chain of headers, then whom it is for. What IPv4
// does in one file is two here: the chain may refuse a packet in ways that its sender has to be told of.
#include "internet/icmp6.hpp"
#include "internet/internet.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

/// RFC 4291 §2.7: scope 0 is reserved, and what stays inside an interface does not come from outside.
bool is_wide_enough(const IpAddress& group) { return (group.octets()[1] & 0xf) > 1; }

}  // namespace

void Internet::input_ipv6(const Arrival& arrival, Input& input, Packet& packet, Instant now) {
  counters_.add(Counter::ip_in);
  buf::PacketBuf& raw = *packet.raw();
  const auto ip = Ipv6View::parse(raw.head(), raw.size());
  if (!ip) return drop(packet, counter_of(ip.error()));
  Delivery& delivery = input.delivery;
  delivery.protocol = ip->next_header();
  delivery.src = ip->src();
  delivery.dst = ip->dst();
  delivery.nic = arrival.nic == nullptr ? NicId::none : arrival.nic->id;
  delivery.ttl = ip->hop_limit();
  delivery.dscp = ip->dscp();
  delivery.ecn = ip->ecn();
  delivery.to_group = arrival.to_group;
  if (delivery.src.needs_zone() || delivery.dst.needs_zone()) delivery.zone = delivery.nic;
  if (const auto reason = refuse_ipv6(arrival, delivery)) return drop(packet, *reason);
  const auto chain = walk_ipv6(ip->bytes(), ipv6_.limits);
  raw.trim_to(ip->total_length());  // the view ends here: an inline head may have moved
  if (!chain) return refuse_chain(chain.error(), delivery, packet, now);
  if (chain->fragment && !chain->fragment->is_atomic()) return drop(packet, Counter::ip_fragment);
  delivery.protocol = chain->protocol;
  delivery.ip_header_size = chain->size;
  delivery.is_fragment = chain->fragment.has_value();
  raw.trim_head(chain->size);
  deliver_ipv6(chain->named_at, input, packet, now);
}

std::optional<Counter> Internet::refuse_ipv6(const Arrival& arrival, Delivery& delivery) const {
  // RFC 4291 §2.5.5.2: mapped addresses are for interfaces of programs. Here they would pass for IPv4.
  if (delivery.src.is_v4() || delivery.src.is_multicast()) return Counter::ip_bad_source;
  if (delivery.dst.is_v4() || delivery.dst.is_unspecified()) return Counter::ip_bad_destination;
  if (arrival.nic == nullptr) return std::nullopt;
  const Interface& nic = *arrival.nic;
  if (!nic.has_ipv6) return Counter::ip6_disabled;
  const auto misdirected = refuse_ipv6_destination(nic, delivery);
  const bool intercepted =
      accepts_any_tcp_ && misdirected == Counter::ip_not_for_us && delivery.protocol == kProtocolTcp;
  if (misdirected && !intercepted) return misdirected;
  // A packet from outside that claims to be from us is a forgery, or our own that somebody sent back.
  if (delivery.src.is_loopback() || nic.owns(delivery.src) || owner_of(delivery.src) != nullptr)
    return Counter::ip_bad_source;
  return std::nullopt;
}

/// The weak end system model, as for IPv4, but nothing leaves its zone (RFC 4007 §9).
std::optional<Counter> Internet::refuse_ipv6_destination(const Interface& nic, Delivery& delivery) const {
  const IpAddress& dst = delivery.dst;
  if (dst.is_multicast()) {
    delivery.to_group = true;
    if (!is_wide_enough(dst)) return Counter::ip6_bad_scope;
    if (!nic.listens_to(dst)) return Counter::ip_not_for_us;
    return std::nullopt;
  }
  if (dst.is_loopback()) return Counter::ip_bad_destination;
  if (nic.owns(dst)) return std::nullopt;
  if (dst.is_link_local()) return Counter::ip_not_for_us;
  if (owner_of(dst) == nullptr) return Counter::ip_not_for_us;
  if (delivery.src.is_link_local()) return Counter::ip6_bad_scope;
  return std::nullopt;
}

/// The packet still begins with its IPv6 header.
void Internet::refuse_chain(const Ipv6Refusal& refusal, Delivery& delivery, Packet& packet, Instant now) {
  const bool answered = refusal.answer == Ipv6Refusal::Answer::always ||
                        (refusal.answer == Ipv6Refusal::Answer::to_unicast && !delivery.to_group);
  delivery.ip_header_size = 0;
  // Nothing was walked over yet: what is quoted begins where the packet does.
  if (answered) {
    send_icmp6_error({.type = icmp6_type::kParameterProblem, .code = refusal.code, .rest = refusal.pointer},
                     delivery, packet, now);
  }
  drop(packet, counter_of(refusal.reason));
}

void Internet::deliver_ipv6(std::uint16_t named_at, Input& input, Packet& packet, Instant now) {
  // Nobody could be answered; only neighbour discovery and listeners speak without an address.
  if (input.delivery.src.is_unspecified() && input.delivery.protocol != kProtocolIcmp6)
    return drop(packet, Counter::ip_bad_source);
  switch (input.delivery.protocol) {
    case kProtocolTcp:
    case kProtocolUdp: input.kind = Input::Kind::transport; return;
    case kProtocolIcmp6: return input_icmp6(input, packet, now);
    case kProtocolNoNext: return drop(packet, Counter::ip6_no_next_header);
    default:
      // RFC 8200 §4: the pointer leads to the number that nobody here knows.
      if (!input.delivery.to_group) {
        send_icmp6_error(
            {.type = icmp6_type::kParameterProblem, .code = icmp6_code::kUnknownNextHeader, .rest = named_at},
            input.delivery, packet, now);
      }
      return drop(packet, Counter::ip_unknown_protocol);
  }
}

}  // namespace strata::internet
