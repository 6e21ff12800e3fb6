// Packets out: IP header, the neighbour's address, Ethernet header; and what waits in between.
#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "internet/arp.hpp"
#include "internet/icmp.hpp"
#include "internet/icmp6.hpp"
#include "internet/internet.hpp"
#include "internet/ndp.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

/// Room for a header in front. What was measured from the old front moves back with it.
std::uint8_t* prepend_header(buf::PacketBuf& packet, std::size_t size) {
  if (packet.meta.csum == ChecksumState::partial) {
    packet.meta.csum_start = static_cast<std::uint16_t>(packet.meta.csum_start + size);
  }
  return packet.prepend(size);
}

/// The packet begins with an IP header, whose first four bits say the family.
void write_ethernet_header(buf::PacketBuf& packet, const MacAddress& dst, const MacAddress& src) {
  const std::uint16_t type = packet.head()[0] >> 4 == 6 ? kEtherTypeIpv6 : kEtherTypeIpv4;
  EthernetHeader{.dst = dst, .src = src, .type = type}.write(prepend_header(packet, EthernetHeader::kSize));
}

/// RFC 1112 §6.4: the low 23 bits of an IPv4 group name its Ethernet group; a broadcast is one for everybody.
MacAddress group_mac(const IpAddress& group) {
  if (!group.is_v4()) return ipv6_group_mac(group);
  if (!group.is_multicast()) return MacAddress::broadcast();
  const IpAddress::Octets& octets = group.octets();
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(octets[13] & 0x7f), octets[14], octets[15]}};
}

/// How many datagrams a packet becomes on the wire.
std::uint16_t wire_segments(const buf::PacketBuf& packet) {
  const std::uint32_t size = packet.meta.gso_size;
  if (size == 0 || packet.payload_size <= size) return 1;
  return static_cast<std::uint16_t>((packet.payload_size + size - 1) / size);
}

}  // namespace

Packet Internet::wrap(Packet packet, const IpSend& send, const RouteChoice& choice, Instant now) {
  const bool written = send.dst.is_v4() ? write_ip_header(*packet.raw(), send, choice)
                                        : write_ipv6_header(*packet.raw(), send, choice);
  if (!written) return {};
  if (choice.nic == NicId::none) {
    queue_output(NicId::none, std::move(packet));
    return {};
  }
  if (!choice.link->has_ethernet_header) return packet;
  if (choice.to_group) {
    write_ethernet_header(*packet.raw(), group_mac(choice.next_hop), interface(choice.nic)->mac);
    return packet;
  }
  return frame_for_neighbor(std::move(packet), choice, send.confirms_neighbor, now);
}

bool Internet::write_ip_header(buf::PacketBuf& packet, const IpSend& send, const RouteChoice& choice) {
  const std::size_t total = packet.size() + Ipv4Header::kSize;
  const std::uint32_t most = send.whole_link ? choice.route_mtu : choice.mtu;
  if (total > most && packet.meta.gso_size == 0) {
    counters_.add(Counter::ip_too_big);
    return false;
  }
  // The cut segments of a super-segment get consecutive numbers, so it uses up several. Unique numbers matter
  // only for datagrams that may be fragmented (RFC 6864 §4.1).
  const bool is_fragment = send.more_fragments || send.fragment_offset != 0;
  const std::uint16_t id = is_fragment          ? send.id
                           : send.dont_fragment ? ids_.take(send.dst, wire_segments(packet))
                                                : ids_.take_unpredictable(send.dst);
  const Ipv4Header header{.src = send.src,
                          .dst = send.dst,
                          .protocol = send.protocol,
                          .ttl = send.ttl,
                          .dscp = send.dscp,
                          .ecn = send.ecn,
                          .id = id,
                          .dont_fragment = send.dont_fragment,
                          .more_fragments = send.more_fragments,
                          .fragment_offset = send.fragment_offset,
                          .total_length = static_cast<std::uint16_t>(total <= 0xffff ? total : 0)};
  header.write(prepend_header(packet, Ipv4Header::kSize));
  counters_.add(Counter::ip_out);
  return true;
}

bool Internet::write_ipv6_header(buf::PacketBuf& packet, const IpSend& send, const RouteChoice& choice) {
  const std::size_t length = packet.size();
  if (length + Ipv6Header::kSize > choice.mtu && packet.meta.gso_size == 0) {
    counters_.add(Counter::ip_too_big);
    return false;
  }
  const Ipv6Header header{.src = send.src,
                          .dst = send.dst,
                          .next_header = send.protocol,
                          .hop_limit = send.ttl,
                          .dscp = send.dscp,
                          .ecn = send.ecn,
                          .flow_label = send.flow_label,
                          .payload_length = static_cast<std::uint16_t>(length)};
  header.write(prepend_header(packet, Ipv6Header::kSize));
  counters_.add(Counter::ip_out);
  return true;
}

Packet Internet::frame_for_neighbor(Packet packet, const RouteChoice& choice, bool confirmed, Instant now) {
  Neighbor* neighbor = neighbors_.resolve(choice.nic, choice.next_hop, confirmed, now);
  if (neighbor == nullptr) return {};
  if (neighbor->has_mac()) {
    write_ethernet_header(*packet.raw(), neighbor->mac, interface(choice.nic)->mac);
  } else if (neighbor->state == NeighborState::incomplete) {
    neighbors_.park(*neighbor, std::move(packet));
  } else {
    give_up(std::move(packet), now);
  }
  ask_neighbors();
  return packet;
}

void Internet::send(Packet packet, const IpSend& send, Instant now) {
  const auto choice = route(send.dst, send.src, send.zone);
  if (!choice) return counters_.add(Counter::ip_no_route);
  if (must_split(*packet.raw(), send, *choice)) return send_fragments(packet, send, *choice, now);
  if (Packet frame = wrap(std::move(packet), send, *choice, now)) queue_output(choice->nic, std::move(frame));
}

void Internet::send_icmp(Packet message, const IpSend& to, Instant now) {
  if (!message) return counters_.add(Counter::no_packet);
  counters_.add(Counter::icmp_out);
  send(std::move(message), to, now);
}

void Internet::send_unreachable(IcmpErrorKind kind, const Delivery& delivery, const Packet& original,
                                Instant now) {
  if (!delivery.dst.is_v4()) return send_unreachable6(kind, delivery, original, now);
  if (!may_answer_with_error(delivery, original)) return;
  if (!error_limit_.take(now)) return counters_.add(Counter::icmp_rate_limited);
  const Interface* nic = interface(delivery.nic);
  const std::size_t mtu = nic == nullptr ? kMtuMax : nic->link.mtu;
  const IpSend answer{.src = delivery.dst,
                      .dst = delivery.src,
                      .protocol = kProtocolIcmp,
                      .ttl = ttl_,
                      .dont_fragment = false};
  send_icmp(make_unreachable(pools_, kind, delivery, original, mtu), answer, now);
}

Result<void> Internet::send_echo(const IpAddress& to, std::uint16_t id, std::uint16_t sequence, Bytes payload,
                                 Instant now, NicId zone) {
  const auto choice = route(to, zone);
  if (!choice) return Err{choice.error()};
  const std::size_t header = to.is_v4() ? Ipv4Header::kSize : Ipv6Header::kSize;
  const std::size_t most = to.is_v4() ? kMtuMax : choice->mtu;
  if (payload.size() + header + IcmpView::kHeaderSize > most) return Err{Errc::message_too_large};
  Packet request = to.is_v4() ? make_echo_request(pools_, id, sequence, payload)
                              : make_echo_request6(pools_, id, sequence, payload);
  if (!request) {
    counters_.add(Counter::no_packet);
    return Err{Errc::no_memory};
  }
  IpSend send{.src = choice->source,
              .dst = to,
              .protocol = kProtocolIcmp,
              .ttl = ttl_,
              .dont_fragment = false,
              .may_split = true};
  if (!to.is_v4()) {
    send.protocol = kProtocolIcmp6;
    send.zone = zone;
    send_icmp6(std::move(request), send, now);
    return {};
  }
  send_icmp(std::move(request), send, now);
  return {};
}

void Internet::advance(Instant now) {
  if (paths_.expire(now)) ++routes_version_;
  advance_ipv6(now);
  expire_fragments(now);
  const std::uint32_t losses = neighbors_.losses();
  while (Neighbor* silent = neighbors_.expire_next(now)) {
    while (Packet packet = silent->waiting.pop_front()) give_up(std::move(packet), now);
  }
  if (losses != neighbors_.losses()) ++routes_version_;
  ask_neighbors();
}

void Internet::send_waiting(Neighbor& neighbor) {
  const Interface& nic = *interface(neighbor.nic);
  while (Packet packet = neighbor.waiting.pop_front()) {
    write_ethernet_header(*packet.raw(), neighbor.mac, nic.mac);
    queue_output(nic.id, std::move(packet));
  }
}

void Internet::ask_neighbors() {
  while (const auto question = neighbors_.take_solicitation()) {
    const Interface& nic = *interface(question->nic);
    const bool by_arp = question->target.is_v4();
    counters_.add(by_arp ? Counter::arp_out : Counter::nd_out);
    queue_output(question->nic, by_arp ? make_arp_request(pools_, nic, *question)
                                       : make_neighbor_solicitation(pools_, nic, *question));
  }
}

/// The packet begins with its IP header and has nowhere to go.
void Internet::give_up(Packet packet, Instant now) {
  if (undeliverable_.size() >= limits_.output_queue_max) return counters_.add(Counter::ip_output_queue_full);
  if (undeliverable_.empty()) errors_since_ = now;
  undeliverable_.push_back(std::move(packet));
}

Instant Internet::next_deadline() const {
  const Instant tables =
      std::min({neighbors_.next_deadline(), paths_.next_deadline(), reassembly_.next_deadline(), ipv6_next_});
  return undeliverable_.empty() ? tables : std::min(tables, errors_since_);
}

std::optional<IcmpError> Internet::take_error() {
  const Packet packet = undeliverable_.pop_front();
  if (!packet) return std::nullopt;
  const bool is_ipv6 = packet.head()[0] >> 4 == 6;
  auto error = is_ipv6 ? quote_of_ipv6(packet.head(), ipv6_.limits) : quote_of(packet.head());
  if (!error) return std::nullopt;
  error->kind = IcmpErrorKind::host_unreachable;
  error->reporter = error->src;
  return error;
}

/// Takes an empty handle for "memory ran out".
void Internet::queue_output(NicId nic, Packet packet) {
  if (!packet) return counters_.add(Counter::no_packet);
  buf::PacketQueue& queue = queue_of(nic);
  if (queue.size() >= limits_.output_queue_max) return counters_.add(Counter::ip_output_queue_full);
  queue.push_back(std::move(packet));
}

}  // namespace strata::internet
