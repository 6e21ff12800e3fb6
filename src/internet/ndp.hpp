// Neighbour discovery (RFC 4861) on one interface: what a received message must look like, and the messages
// that we send. Keeps nothing; the neighbour table does.
#pragma once

#include <optional>

#include "buf/byte_queue.hpp"
#include "internet/interface.hpp"
#include "internet/neighbor.hpp"
#include "internet/types.hpp"
#include "strata/counters.hpp"
#include "wire/ndp.hpp"

namespace strata::internet {

/// All nodes of a link (RFC 4291 §2.7.1).
inline constexpr IpAddress kAllNodes = IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
/// A longer message would have come in fragments, which RFC 6980 forbids.
inline constexpr std::size_t kNdSizeMax = 1500;

/// Not a group's, nobody's or our own.
inline bool is_neighbor_mac(const MacAddress& mac, const Interface& nic) {
  return !mac.is_multicast() && mac != MacAddress{} && mac != nic.mac;
}

/// The checks of RFC 4861 §6.1, §7.1 and §8.1 that need no state; nothing when the message may be looked at.
std::optional<Counter> refuse_nd(const NdView& message, const Delivery& delivery);

/// A whole frame that asks who has the target; empty when there is no packet left, or no address to ask from.
Packet make_neighbor_solicitation(buf::Pools& pools, const Interface& nic, const Solicitation& question);

/// The message alone, with its checksum, for IpSend{.src, .dst, .ttl = 255}. Empty when there is no packet
/// left.
template <class Message>
Packet make_nd_message(buf::Pools& pools, const Message& message, const IpAddress& src,
                       const IpAddress& dst) {
  Packet packet = pools.packets.allocate();
  if (!packet) return packet;
  std::uint8_t* to = packet.raw()->prepend(message.size());
  message.write(to);
  finish_icmp6({to, message.size()}, src, dst);
  return packet;
}

/// RFC 2464 §7: the Ethernet group of an IPv6 group.
MacAddress ipv6_group_mac(const IpAddress& group);

}  // namespace strata::internet
