#include "internet/ndp.hpp"

#include "internet/address_selection.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

constexpr std::uint8_t kHopLimit = 255;  // no router let it through (RFC 4861 §3.1)

/// Something of it is only told by those who have no address yet (RFC 4861 §7.1.1).
bool asks_without_address(const NdView& message, const Delivery& delivery) {
  return delivery.dst == solicited_node_group(message.target()) &&
         !message.options().has(nd_option::kSourceLinkLayer);
}

}  // namespace

std::optional<Counter> refuse_nd(const NdView& message, const Delivery& delivery) {
  const bool from_nobody = delivery.src.is_unspecified();
  switch (message.type()) {
    case icmp6_type::kNeighborSolicitation:
      if (message.target().is_multicast() || message.target().is_v4()) return Counter::nd_bad_target;
      if (from_nobody && !asks_without_address(message, delivery)) return Counter::nd_bad_source;
      return std::nullopt;
    case icmp6_type::kNeighborAdvertisement:
      if (message.target().is_multicast() || message.target().is_v4()) return Counter::nd_bad_target;
      if (from_nobody) return Counter::nd_bad_source;
      // An answer to nobody in particular answers no question.
      if (delivery.to_group && message.is_solicited()) return Counter::nd_bad_target;
      return std::nullopt;
    case icmp6_type::kRouterSolicitation:
      if (from_nobody && message.options().has(nd_option::kSourceLinkLayer)) return Counter::nd_bad_source;
      return std::nullopt;
    default:  // router advertisement and redirect: from the router's own link-local address
      if (!delivery.src.is_link_local()) return Counter::nd_bad_source;
      return std::nullopt;
  }
}

MacAddress ipv6_group_mac(const IpAddress& group) {
  const IpAddress::Octets& octets = group.octets();
  return {{0x33, 0x33, octets[12], octets[13], octets[14], octets[15]}};
}

Packet make_neighbor_solicitation(buf::Pools& pools, const Interface& nic, const Solicitation& question) {
  const auto source = select_source(nic.ipv6, question.target);
  if (!source) return {};
  const IpAddress dst = question.to ? question.target : solicited_node_group(question.target);
  const NdSolicitation message{.target = question.target, .source_mac = nic.mac};
  Packet packet = make_nd_message(pools, message, *source, dst);
  if (!packet) return packet;
  Ipv6Header{.src = *source,
             .dst = dst,
             .next_header = kProtocolIcmp6,
             .hop_limit = kHopLimit,
             .payload_length = static_cast<std::uint16_t>(message.size())}
      .write(packet.raw()->prepend(Ipv6Header::kSize));
  EthernetHeader{.dst = question.to.value_or(ipv6_group_mac(dst)), .src = nic.mac, .type = kEtherTypeIpv6}
      .write(packet.raw()->prepend(EthernetHeader::kSize));
  return packet;
}

}  // namespace strata::internet
