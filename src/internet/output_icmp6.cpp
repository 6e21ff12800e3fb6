// ICMPv6 out: every message gets its checksum here, once its source is known.
#include <utility>

#include "internet/icmp6.hpp"
#include "internet/internet.hpp"
#include "internet/ndp.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

Icmp6Header error_of(IcmpErrorKind kind) {
  using enum IcmpErrorKind;
  const auto unreachable = [](std::uint8_t code) {
    return Icmp6Header{.type = icmp6_type::kUnreachable, .code = code};
  };
  switch (kind) {
    case network_unreachable: return unreachable(icmp6_code::kNoRoute);
    case host_unreachable: return unreachable(icmp6_code::kAddress);
    case port_unreachable: return unreachable(icmp6_code::kPort);
    case administratively_prohibited: return unreachable(icmp6_code::kProhibited);
    // A protocol that is unknown is a parameter problem: send_icmp6_error() says where.
    case protocol_unreachable:
    case fragmentation_needed:
    case time_exceeded:
    case parameter_problem: break;
  }
  std::unreachable();
}

}  // namespace

void Internet::send_icmp6(Packet message, const IpSend& to, Instant now) {
  if (!message) return counters_.add(Counter::no_packet);
  counters_.add(Counter::icmp_out);
  finish_icmp6_checksum(message, to.src, to.dst);
  send(std::move(message), to, now);
}

void Internet::send_icmp6_error(const Icmp6Header& error, const Delivery& delivery, const Packet& original,
                                Instant now) {
  if (!may_answer_with_error6(error, delivery, original)) return;
  if (!error_limit_.take(now)) return counters_.add(Counter::icmp_rate_limited);
  // RFC 4443 §2.2: from the address that was spoken to, unless that was a group's.
  const auto choice = route(delivery.src, delivery.zone);
  if (!choice) return counters_.add(Counter::ip_no_route);
  send_icmp6(make_icmp6_error(pools_, error, delivery, original),
             {.src = delivery.dst.is_multicast() ? choice->source : delivery.dst,
              .dst = delivery.src,
              .protocol = kProtocolIcmp6,
              .ttl = ttl_,
              .zone = delivery.zone},
             now);
}

void Internet::send_unreachable6(IcmpErrorKind kind, const Delivery& delivery, const Packet& original,
                                 Instant now) {
  send_icmp6_error(error_of(kind), delivery, original, now);
}

void Internet::send_nd(Packet message, const IpAddress& src, const IpAddress& dst, const Interface& nic,
                       Instant now) {
  if (!message) return counters_.add(Counter::no_packet);
  counters_.add(Counter::nd_out);
  send(std::move(message), {.src = src, .dst = dst, .protocol = kProtocolIcmp6, .ttl = 255, .zone = nic.id},
       now);
}

}  // namespace strata::internet
