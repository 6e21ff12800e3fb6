// Frames in: every check before a transport sees a packet, in the order of the headers. A refused packet is
// counted under its reason and never answered, except where a standard asks for an answer.
#include <array>
#include <utility>

#include "internet/arp.hpp"
#include "internet/icmp.hpp"
#include "internet/internet.hpp"
#include "wire/arp.hpp"
#include "wire/ethernet.hpp"
#include "wire/icmp.hpp"
#include "wire/ip_ecn.hpp"
#include "wire/ipv4.hpp"

namespace strata::internet {
namespace {

/// All hosts of a link (RFC 1112 §4): the one group that every host is in.
constexpr IpAddress kAllHosts = IpAddress::v4(224, 0, 0, 1);

/// DEVIATION: RFC 9293 §3.9.2.1, RFC 1122 §3.2.1.8 (c): we are no end of source routes and forward none; see
/// docs/deviations.md#source-routes.
std::optional<Counter> refuse_options(const Ipv4View& ip) {
  const auto options = parse_ipv4_options(ip.options());
  if (!options) return counter_of(options.error());
  if (options->source_route) return Counter::ip_source_routed;
  return std::nullopt;
}

Fragment fragment_of(const Delivery& delivery, std::uint16_t id, std::uint32_t offset, bool more) {
  return {.key = {.src = delivery.src, .dst = delivery.dst, .id = id, .protocol = delivery.protocol},
          .offset = offset,
          .more = more,
          .ecn = delivery.ecn,
          .header_size = delivery.ip_header_size,
          .nic = delivery.nic,
          .to_group = delivery.to_group};
}

}  // namespace

void Internet::drop(Packet& packet, Counter reason) {
  counters_.add(reason);
  packet.reset();
}

Input Internet::input(NicId id, Packet& packet, Instant now) {
  const Interface* nic = interface(id);
  STRATA_CHECK(nic != nullptr);
  Input input;
  if (nic->link.has_ethernet_header) {
    input_ethernet(*nic, input, packet, now);
  } else {
    input_any_ip({.nic = nic, .to_group = false}, input, packet, now);
  }
  return input;
}

/// Where nothing in front says which family it is.
void Internet::input_any_ip(const Arrival& arrival, Input& input, Packet& packet, Instant now) {
  const Bytes head = packet.head();
  const bool is_ipv6 = !head.empty() && head[0] >> 4 == 6;
  return is_ipv6 ? input_ipv6(arrival, input, packet, now) : input_ip(arrival, input, packet, now);
}

void Internet::input_ethernet(const Interface& nic, Input& input, Packet& packet, Instant now) {
  const auto ethernet = EthernetView::parse(packet.raw()->head());
  if (!ethernet) return drop(packet, counter_of(ethernet.error()));
  const MacAddress to = ethernet->dst();
  if (ethernet->src().is_multicast()) return drop(packet, Counter::eth_source_multicast);
  if (to != nic.mac && !to.is_multicast()) return drop(packet, Counter::eth_not_for_us);
  switch (ethernet->type()) {
    case kEtherTypeIpv4:
      packet.raw()->trim_head(EthernetView::kSize);
      return input_ip({.nic = &nic, .to_group = to.is_multicast()}, input, packet, now);
    case kEtherTypeIpv6:
      packet.raw()->trim_head(EthernetView::kSize);
      return input_ipv6({.nic = &nic, .to_group = to.is_multicast()}, input, packet, now);
    case kEtherTypeArp: input_arp(nic, ethernet->payload(), now); return packet.reset();
    default: return drop(packet, Counter::eth_unknown_type);
  }
}

Input Internet::input_local(Packet& packet, Instant now) {
  Input input;
  input_any_ip({}, input, packet, now);
  return input;
}

void Internet::input_arp(const Interface& nic, Bytes bytes, Instant now) {
  counters_.add(Counter::arp_in);
  const auto arp = ArpView::parse(bytes);
  if (!arp) return counters_.add(counter_of(arp.error()));
  const IpAddress sender = arp->sender_ip();
  const MacAddress mac = arp->sender_mac();
  Neighbor* answered = nullptr;
  switch (classify(*arp, nic)) {
    case ArpMeaning::bad_source: return counters_.add(Counter::arp_bad_source);
    case ArpMeaning::not_for_us: return counters_.add(Counter::arp_not_for_us);
    case ArpMeaning::claim:
      counters_.add(Counter::arp_unsolicited);
      neighbors_.on_claim(nic.id, sender, mac, now);
      break;
    case ArpMeaning::request: answered = neighbors_.on_request(nic.id, sender, mac, now); [[fallthrough]];
    case ArpMeaning::probe:
      counters_.add(Counter::arp_out);
      queue_output(nic.id, make_arp_reply(pools_, nic, *arp));
      break;
    case ArpMeaning::reply:
      answered = neighbors_.on_reply(nic.id, sender, mac, now);
      if (answered == nullptr) counters_.add(Counter::arp_unsolicited);
      break;
  }
  if (answered != nullptr) send_waiting(*answered);
  ask_neighbors();
}

/// Fills in `input` field by field: it is made once and never copied on its way to the transport.
void Internet::input_ip(const Arrival& arrival, Input& input, Packet& packet, Instant now) {
  counters_.add(Counter::ip_in);
  buf::PacketBuf& raw = *packet.raw();
  const auto ip = Ipv4View::parse(raw.head(), raw.size());
  if (!ip) return drop(packet, counter_of(ip.error()));
  Delivery& delivery = input.delivery;
  delivery.protocol = ip->protocol();
  delivery.src = ip->src();
  delivery.dst = ip->dst();
  delivery.nic = arrival.nic == nullptr ? NicId::none : arrival.nic->id;
  delivery.ttl = ip->ttl();
  delivery.dscp = ip->dscp();
  delivery.ecn = ip->ecn();
  if (delivery.ecn == ip_ecn::kCe) counters_.add(Counter::ip_ce_in);
  delivery.to_group = arrival.to_group;
  delivery.ip_header_size = static_cast<std::uint16_t>(ip->header_size());
  if (const auto reason = refuse(*ip, arrival, delivery.to_group)) return drop(packet, *reason);
  const bool is_fragment = ip->is_fragment();
  const std::uint16_t id = ip->id();
  const auto offset = static_cast<std::uint32_t>(ip->fragment_offset());
  const bool more = ip->more_fragments();
  raw.trim_to(ip->total_length());  // the view ends here: an inline head may have moved
  raw.trim_head(delivery.ip_header_size);
  if (is_fragment && !reassemble(fragment_of(delivery, id, offset, more), delivery, packet, now)) return;
  deliver(input, packet, now);
}

std::optional<Counter> Internet::refuse(const Ipv4View& ip, const Arrival& arrival, bool& to_group) const {
  if (ip.header_size() > Ipv4View::kMinSize) {
    if (const auto reason = refuse_options(ip)) return reason;
  }
  if (arrival.nic != nullptr) {
    const auto misdirected = refuse_destination(ip.dst(), *arrival.nic, to_group);
    const bool intercepted =
        accepts_any_tcp_ && misdirected == Counter::ip_not_for_us && ip.protocol() == kProtocolTcp;
    if (misdirected && !intercepted) return misdirected;
    if (const auto reason = refuse_source(ip.src(), *arrival.nic)) return reason;
  }
  return std::nullopt;
}

// RFC 1122 §3.2.1.3: what may be a source. A packet from outside that claims to be from us is a forgery.
std::optional<Counter> Internet::refuse_source(const IpAddress& src, const Interface& nic) const {
  const std::uint32_t first_octet = src.v4_value() >> 24;
  const bool impossible = first_octet == 0 || first_octet == 127 || first_octet >= 224;
  if (impossible || nic.is_directed_broadcast(src) || addresses_.owner_of(src) != NicId::none) {
    return Counter::ip_bad_source;
  }
  return std::nullopt;
}

// The weak end system model (RFC 1122 §3.3.4.2): an address of any of our interfaces will do.
std::optional<Counter> Internet::refuse_destination(const IpAddress& dst, const Interface& nic,
                                                    bool& to_group) const {
  const NicId owner = addresses_.owner_of(dst);
  if (owner == nic.id) return std::nullopt;
  if (dst.is_loopback() || dst.is_unspecified()) return Counter::ip_bad_destination;
  if (dst.is_limited_broadcast() || dst == kAllHosts || nic.is_directed_broadcast(dst)) {
    to_group = true;
    return std::nullopt;
  }
  if (owner == NicId::none) return Counter::ip_not_for_us;
  return std::nullopt;
}

/// Says in `input` what the packet is, beside where it came from.
void Internet::deliver(Input& input, Packet& packet, Instant now) {
  switch (input.delivery.protocol) {
    case kProtocolTcp:
    case kProtocolUdp: input.kind = Input::Kind::transport; return;
    case kProtocolIcmp: return input_icmp(input, packet, now);
    default:
      // RFC 1122 §3.2.2.1: protocol unreachable SHOULD be sent.
      send_unreachable(IcmpErrorKind::protocol_unreachable, input.delivery, packet, now);
      return drop(packet, Counter::ip_unknown_protocol);
  }
}

void Internet::input_icmp(Input& input, Packet& packet, Instant now) {
  const Delivery& delivery = input.delivery;
  counters_.add(Counter::icmp_in);
  const auto message = IcmpView::parse(packet.head());
  if (!message) return drop(packet, counter_of(message.error()));
  if (packet.meta().csum != ChecksumState::verified && !icmp_checksum_ok(packet)) {
    return drop(packet, Counter::icmp_bad_checksum);
  }
  if (message->type() == icmp_type::kEchoReply) {
    counters_.add(Counter::icmp_echo_reply_in);
    input.kind = Input::Kind::echo_reply;
    last_echo_ = {.from = delivery.src,
                  .id = message->id(),
                  .sequence = message->sequence(),
                  .ttl = delivery.ttl,
                  .payload_size = packet.size() - IcmpView::kHeaderSize};
    input.echo = &last_echo_;
    return packet.reset();
  }
  if (message->type() == icmp_type::kEchoRequest) {
    answer_echo(delivery, packet, now);
    return packet.reset();
  }
  if (message->is_error()) return input_icmp_error(input, packet);
  drop(packet, Counter::icmp_unknown_type);
}

void Internet::answer_echo(const Delivery& delivery, const Packet& request, Instant now) {
  counters_.add(Counter::icmp_echo_in);
  // RFC 1122 §3.2.2.6: a request to a group MAY be ignored; answering would help amplifiers.
  if (delivery.to_group) return counters_.add(Counter::icmp_echo_to_group);
  if (!answers_echo_) return;
  const IpSend send{.src = delivery.dst,
                    .dst = delivery.src,
                    .protocol = kProtocolIcmp,
                    .ttl = ttl_,
                    .dscp = delivery.dscp,
                    .dont_fragment = false,
                    .may_split = true};
  send_icmp(make_echo_reply(pools_, request), send, now);
}

bool Internet::may_be_ours(const IcmpError& error) const {
  return is_local(error.src) || (accepts_any_tcp_ && error.protocol == kProtocolTcp);
}

void Internet::input_icmp_error(Input& input, Packet& packet) {
  counters_.add(Counter::icmp_error_in);
  // The longest IP header and eight bytes behind it, in one piece wherever the packet is cut.
  std::array<std::uint8_t, IcmpView::kHeaderSize + 60 + 8> front;
  const auto message = IcmpView::parse(Bytes(front).first(packet.copy_to(front)));
  if (message->type() == icmp_type::kSourceQuench || message->type() == icmp_type::kRedirect) {
    return drop(packet, Counter::icmp_unknown_type);
  }
  const auto error = parse_icmp_error(*message);
  if (!error || input.delivery.to_group || !may_be_ours(*error)) {
    return drop(packet, Counter::icmp_error_bad_quote);
  }
  input.kind = Input::Kind::error;
  last_error_ = *error;
  last_error_.reporter = input.delivery.src;
  input.error = &last_error_;
  packet.reset();
}

}  // namespace strata::internet
