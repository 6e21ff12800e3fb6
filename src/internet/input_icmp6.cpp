// ICMPv6 in: echo, errors about our packets, and neighbour discovery (RFC 4443, RFC 4861).
#include "internet/icmp6.hpp"
#include "internet/internet.hpp"
#include "internet/ndp.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

constexpr std::uint8_t kHopLimitOfLink = 255;

bool is_neighbor_discovery(std::uint8_t type) {
  return type >= icmp6_type::kRouterSolicitation && type <= icmp6_type::kRedirect;
}

}  // namespace

void Internet::input_icmp6(Input& input, Packet& packet, Instant now) {
  const Delivery& delivery = input.delivery;
  counters_.add(Counter::icmp_in);
  const auto message = Icmp6View::parse(packet.head());
  if (!message) return drop(packet, counter_of(message.error()));
  if (packet.meta().csum != ChecksumState::verified && !icmp6_checksum_ok(packet, delivery))
    return drop(packet, Counter::icmp_bad_checksum);
  if (is_neighbor_discovery(message->type())) {
    input_nd(delivery, packet, now);
    return packet.reset();
  }
  if (delivery.src.is_unspecified()) return drop(packet, Counter::ip_bad_source);
  switch (message->type()) {
    case icmp6_type::kEchoReply: return input_echo_reply6(input, packet);
    case icmp6_type::kEchoRequest: answer_echo6(delivery, packet, now); return packet.reset();
    default: break;
  }
  if (message->is_error()) return input_icmp6_error(input, packet);
  drop(packet, Counter::icmp_unknown_type);
}

void Internet::input_echo_reply6(Input& input, Packet& packet) {
  const auto message = Icmp6View::parse(packet.head());
  counters_.add(Counter::icmp_echo_reply_in);
  input.kind = Input::Kind::echo_reply;
  last_echo_ = {.from = input.delivery.src,
                .id = message->id(),
                .sequence = message->sequence(),
                .ttl = input.delivery.ttl,
                .payload_size = packet.size() - Icmp6View::kHeaderSize};
  input.echo = &last_echo_;
  packet.reset();
}

void Internet::answer_echo6(const Delivery& delivery, const Packet& request, Instant now) {
  counters_.add(Counter::icmp_echo_in);
  if (!answers_echo_) return;
  if (delivery.to_group) {
    // RFC 4443 §4.2 wants an answer. Beyond the link it would help amplifiers.
    if (!delivery.src.is_link_local()) return counters_.add(Counter::icmp_echo_to_group);
    if (!error_limit_.take(now)) return counters_.add(Counter::icmp_rate_limited);
  }
  const auto choice = route(delivery.src, delivery.zone);
  if (!choice) return counters_.add(Counter::ip_no_route);
  send_icmp6(make_echo_reply6(pools_, request),
             {.src = delivery.dst.is_multicast() ? choice->source : delivery.dst,
              .dst = delivery.src,
              .protocol = kProtocolIcmp6,
              .ttl = ttl_,
              .dscp = delivery.dscp,
              .zone = delivery.zone},
             now);
}

void Internet::input_icmp6_error(Input& input, Packet& packet) {
  counters_.add(Counter::icmp_error_in);
  // As much as errors quote at most, in one piece wherever the packet is cut.
  std::array<std::uint8_t, kIpv6MtuMin> front;
  const auto message = Icmp6View::parse(Bytes(front).first(packet.copy_to(front)));
  const auto error = parse_icmp6_error(*message, ipv6_.limits);
  if (!error || input.delivery.to_group || !may_be_ours(*error))
    return drop(packet, Counter::icmp_error_bad_quote);
  input.kind = Input::Kind::error;
  last_error_ = *error;
  last_error_.reporter = input.delivery.src;
  if (error->src.needs_zone() || error->dst.needs_zone()) last_error_.zone = input.delivery.nic;
  input.error = &last_error_;
  packet.reset();
}

void Internet::input_nd(const Delivery& delivery, const Packet& packet, Instant now) {
  counters_.add(Counter::nd_in);
  if (delivery.ttl != kHopLimitOfLink) return counters_.add(Counter::nd_bad_hop_limit);
  if (delivery.is_fragment) return counters_.add(Counter::nd_fragmented);  // RFC 6980 §5
  // In one piece wherever the packet is cut; a longer one no link of ours carries.
  std::array<std::uint8_t, kNdSizeMax> whole;
  if (packet.size() > whole.size()) return counters_.add(Counter::nd_too_long);
  const auto message = NdView::parse(Bytes(whole).first(packet.copy_to(whole)));
  if (!message) return counters_.add(counter_of(message.error()));
  if (packet.head()[1] != 0) return counters_.add(Counter::nd_bad_code);
  if (const auto reason = refuse_nd(*message, delivery)) return counters_.add(*reason);
  const Interface* nic = interface(delivery.nic);
  if (nic == nullptr) return counters_.add(Counter::nd_not_for_us);  // we know ourselves
  switch (message->type()) {
    case icmp6_type::kNeighborSolicitation: return input_solicitation(*nic, delivery, *message, now);
    case icmp6_type::kNeighborAdvertisement: return input_advertisement(*nic, *message, now);
    case icmp6_type::kRouterAdvertisement:
      return input_router_advertisement(nic->id, delivery, *message, now);
    case icmp6_type::kRedirect: return input_redirect(nic->id, delivery, *message, now);
    default: return counters_.add(Counter::nd_not_for_us);  // a host is no router
  }
}

/// RFC 4861 §7.2.3.
void Internet::input_solicitation(const Interface& nic, const Delivery& delivery, const NdView& message,
                                  Instant now) {
  const bool from_nobody = delivery.src.is_unspecified();
  // RFC 4862 §5.4.3: who has an address already only asks; who has none wants the same as we.
  if (from_nobody && input_about_tentative(nic.id, message, true, now)) return;
  if (!nic.owns(message.target())) return counters_.add(Counter::nd_not_for_us);
  // VU#472363: who is not on the link has no link address to tell.
  if (!from_nobody && !is_on_link(nic, delivery.src)) return counters_.add(Counter::nd_bad_source);
  const auto mac = message.options().mac(nd_option::kSourceLinkLayer);
  if (mac && is_neighbor_mac(*mac, nic)) learn(nic, delivery.src, *mac, now);
  // RFC 4861 §7.2.4: who has no address yet hears it with all others.
  const IpAddress dst = from_nobody ? kAllNodes : delivery.src;
  const NdAdvertisement answer{
      .target = message.target(), .solicited = !from_nobody, .overrides = true, .target_mac = nic.mac};
  send_nd(make_nd_message(pools_, answer, message.target(), dst), message.target(), dst, nic, now);
}

void Internet::learn(const Interface& nic, const IpAddress& neighbor, const MacAddress& mac, Instant now) {
  if (Neighbor* known = neighbors_.on_mention(nic.id, neighbor, mac, now)) send_waiting(*known);
}

void Internet::input_advertisement(const Interface& nic, const NdView& message, Instant now) {
  if (input_about_tentative(nic.id, message, false, now)) return;
  // RFC 4862 §5.4.4: a duplicate that the questions missed. Nothing of ours changes by a claim.
  if (nic.owns(message.target())) return counters_.add(Counter::address_conflict);
  const auto mac = message.options().mac(nd_option::kTargetLinkLayer);
  if (mac && !is_neighbor_mac(*mac, nic)) return counters_.add(Counter::nd_bad_target);
  if (!message.is_router()) forget_router(nic.id, message.target(), now);
  Neighbor* neighbor = neighbors_.on_advertisement(
      nic.id, message.target(),
      {.mac = mac, .solicited = message.is_solicited(), .overrides = message.overrides()}, now);
  if (neighbor == nullptr) return counters_.add(Counter::nd_unsolicited);
  if (neighbor->has_mac()) send_waiting(*neighbor);
  ask_neighbors();
}

}  // namespace strata::internet
