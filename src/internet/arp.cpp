// Reading and making ARP packets.
#include "internet/arp.hpp"

#include "wire/ethernet.hpp"

namespace strata::internet {
namespace {

Packet make_frame(buf::Pools& pools, const MacAddress& to, const ArpPacket& arp) {
  Packet packet = pools.packets.allocate();
  if (!packet) return packet;
  arp.write(packet.raw()->prepend(ArpPacket::kSize));
  const EthernetHeader ethernet{.dst = to, .src = arp.sender_mac, .type = kEtherTypeArp};
  ethernet.write(packet.raw()->prepend(EthernetHeader::kSize));
  return packet;
}

/// A MAC and an IP address that a neighbour on this link can have.
bool may_be_neighbor(const MacAddress& mac, const IpAddress& ip, const Interface& interface) {
  if (mac.is_multicast() || mac == MacAddress{} || mac == interface.mac) return false;
  const Prefix* own = interface.on_link(ip);
  return own != nullptr && !interface.owns(ip) && is_host_address({ip, own->length});
}

}  // namespace

ArpMeaning classify(const ArpView& arp, const Interface& interface) {
  const IpAddress sender = arp.sender_ip();
  const bool for_us = interface.owns(arp.target_ip());
  if (arp.is_request() && sender.is_unspecified() && !arp.sender_mac().is_multicast()) {
    return for_us ? ArpMeaning::probe : ArpMeaning::not_for_us;
  }
  if (!may_be_neighbor(arp.sender_mac(), sender, interface)) return ArpMeaning::bad_source;
  if (arp.target_ip() == sender) return ArpMeaning::claim;
  if (!for_us) return ArpMeaning::not_for_us;
  if (arp.is_request()) return ArpMeaning::request;
  return arp.target_mac() == interface.mac ? ArpMeaning::reply : ArpMeaning::not_for_us;
}

Packet make_arp_request(buf::Pools& pools, const Interface& interface, const Solicitation& question) {
  const std::optional<IpAddress> source = interface.source_towards(question.target);
  if (!source) return {};
  const ArpPacket arp{.operation = kArpRequest,
                      .sender_mac = interface.mac,
                      .sender_ip = *source,
                      .target_mac = question.to.value_or(MacAddress{}),
                      .target_ip = question.target};
  return make_frame(pools, question.to.value_or(MacAddress::broadcast()), arp);
}

Packet make_arp_reply(buf::Pools& pools, const Interface& interface, const ArpView& request) {
  const ArpPacket arp{.operation = kArpReply,
                      .sender_mac = interface.mac,
                      .sender_ip = request.target_ip(),
                      .target_mac = request.sender_mac(),
                      .target_ip = request.sender_ip()};
  return make_frame(pools, request.sender_mac(), arp);
}

}  // namespace strata::internet
