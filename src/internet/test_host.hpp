// For tests: a host with one Ethernet interface, driven frame by frame at explicit times. What it sends is
// read as tcpdump's lines; what it counts, as the counters that changed.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "buf/byte_queue.hpp"
#include "internet/internet.hpp"
#include "wire/arp.hpp"
#include "wire/describe.hpp"
#include "wire/ethernet.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"
#include "wire/udp.hpp"

namespace strata {
/// For failure messages.
inline void PrintTo(const IpAddress& address, std::ostream* os) { *os << to_string(address); }
inline void PrintTo(const MacAddress& mac, std::ostream* os) { *os << to_string(mac); }
inline void PrintTo(Errc error, std::ostream* os) { *os << name(error); }
inline void PrintTo(Counter counter, std::ostream* os) { *os << name(counter); }
}  // namespace strata

namespace strata::internet {

using Frame = std::vector<std::uint8_t>;

inline constexpr MacAddress kOurMac{{2, 0, 0, 0, 0, 1}};
inline constexpr MacAddress kPeerMac{{2, 0, 0, 0, 0, 2}};
inline constexpr MacAddress kOtherMac{{2, 0, 0, 0, 0, 3}};
inline constexpr IpAddress kOurIp = IpAddress::v4(10, 0, 0, 1);
inline constexpr IpAddress kPeerIp = IpAddress::v4(10, 0, 0, 2);
inline constexpr IpAddress kOtherIp = IpAddress::v4(10, 0, 0, 3);
inline constexpr IpAddress kGatewayIp = IpAddress::v4(10, 0, 0, 254);
inline constexpr IpAddress kFarIp = IpAddress::v4(192, 0, 2, 7);

inline Frame operator+(Frame front, const Frame& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

inline Frame bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

inline Frame ethernet(std::uint16_t type, const Frame& payload, const MacAddress& dst = kOurMac,
                      const MacAddress& src = kPeerMac) {
  Frame header(EthernetHeader::kSize);
  EthernetHeader{.dst = dst, .src = src, .type = type}.write(header.data());
  return header + payload;
}

struct IpFields {
  IpAddress src = kPeerIp;
  IpAddress dst = kOurIp;
  std::uint8_t protocol = kProtocolUdp;
  std::uint8_t ttl = 64;
};

inline Frame ipv4(const IpFields& fields, const Frame& payload) {
  Frame header(Ipv4Header::kSize);
  Ipv4Header{.src = fields.src,
             .dst = fields.dst,
             .protocol = fields.protocol,
             .ttl = fields.ttl,
             .total_length = static_cast<std::uint16_t>(Ipv4Header::kSize + payload.size())}
      .write(header.data());
  return header + payload;
}

/// Puts the checksum of an IP header right after a test changed it.
inline void fix_ip_checksum(Frame& packet, std::size_t at = 0) {
  store_be(packet.data() + at + 10, std::uint16_t{0});
  InternetChecksum sum;
  sum.add(Bytes(packet).subspan(at, (packet[at] & 0xfU) * 4U));
  store_be(packet.data() + at + 10, sum.finish());
}

/// Adds options, padded to words by the caller, to a packet that ipv4() made.
inline Frame with_options(Frame packet, const Frame& options) {
  packet.insert(packet.begin() + Ipv4Header::kSize, options.begin(), options.end());
  packet[0] = static_cast<std::uint8_t>(0x45 + options.size() / 4);
  store_be(packet.data() + 2, static_cast<std::uint16_t>(packet.size()));
  fix_ip_checksum(packet);
  return packet;
}

inline Frame icmp_echo(bool reply, std::uint16_t id, std::uint16_t sequence, const Frame& payload) {
  const IcmpEcho echo{.reply = reply, .id = id, .sequence = sequence, .payload = payload};
  Frame message(echo.size());
  echo.write(message);
  return message;
}

inline Frame icmp_unreachable(std::uint8_t code, const Frame& quoted, std::uint16_t mtu = 0) {
  const IcmpUnreachable error{.code = code, .mtu = mtu, .quoted = quoted};
  Frame message(error.size());
  error.write(message);
  return message;
}

/// A UDP datagram without checksum.
inline Frame udp(std::uint16_t src_port, std::uint16_t dst_port, const Frame& payload) {
  Frame header(UdpHeader::kSize);
  UdpHeader{.src_port = src_port,
            .dst_port = dst_port,
            .length = static_cast<std::uint16_t>(UdpHeader::kSize + payload.size()),
            .checksum = 0}
      .write(header.data());
  return header + payload;
}

struct ArpFields {
  std::uint16_t operation = kArpRequest;
  MacAddress sender_mac = kPeerMac;
  IpAddress sender_ip = kPeerIp;
  MacAddress target_mac;
  IpAddress target_ip = kOurIp;
};

inline Frame arp(const ArpFields& fields) {
  Frame packet(ArpPacket::kSize);
  ArpPacket{.operation = fields.operation,
            .sender_mac = fields.sender_mac,
            .sender_ip = fields.sender_ip,
            .target_mac = fields.target_mac,
            .target_ip = fields.target_ip}
      .write(packet.data());
  const bool request = fields.operation == kArpRequest;
  return ethernet(kEtherTypeArp, packet, request ? MacAddress::broadcast() : kOurMac, fields.sender_mac);
}

inline Frame arp_reply(const IpAddress& ip = kPeerIp, const MacAddress& mac = kPeerMac) {
  return arp({.operation = kArpReply, .sender_mac = mac, .sender_ip = ip, .target_mac = kOurMac});
}

inline Config small_config() {
  Config config;
  config.buffers = {.block_size = 2048, .blocks_max = 512, .packets_max = 512, .queue_nodes_max = 64};
  config.tables.neighbors_max = 8;
  config.ipv6.dad_transmits = 0;  // addresses are ours at once
  return config;
}

class TestHost {
 public:
  explicit TestHost(const Config& config = small_config(), const std::vector<Prefix>& own = {{kOurIp, 24}})
      : pools(config.buffers), net(config, Entropy::from_seed(1), pools, counters) {
    nic = *net.add_interface({.mac = kOurMac, .link = {}, .addresses = own});
    (void)net.add_route({.destination = {IpAddress::v4(0), 0}, .gateway = kGatewayIp, .nic = nic});
  }

  /// Runs timers up to `since_start`, which becomes the present.
  void at(Duration since_start) {
    now = Instant::from_nanos(0) + since_start;
    net.advance(now);
  }

  Packet packet_of(const Frame& bytes) { return buf::copy_in(pools, bytes); }

  /// A frame arrives. What is left of it stays in `rest`.
  Input receive(const Frame& frame) {
    rest = packet_of(frame);
    return net.input(nic, rest, now);
  }

  /// A packet whose head holds `transport`, for wrap() and send().
  Packet transport_packet(const Frame& transport) {
    Packet packet = pools.packets.allocate();
    std::ranges::copy(transport, packet.raw()->prepend(transport.size()));
    return packet;
  }
  void send_udp(const IpAddress& dst, std::uint16_t dst_port, std::string_view payload = "hello") {
    net.send(transport_packet(udp(1000, dst_port, bytes_of(payload))),
             {.src = kOurIp, .dst = dst, .protocol = kProtocolUdp}, now);
  }

  /// The next frame out; empty when there is none.
  Frame next_frame() {
    const Packet packet = net.next_output(nic);
    Frame frame(packet ? packet.size() : 0);
    if (packet) packet.copy_to(frame);
    return frame;
  }
  /// Every frame that is ready to go out, as text.
  std::vector<std::string> sent() {
    std::vector<std::string> lines;
    for (Frame frame = next_frame(); !frame.empty(); frame = next_frame())
      lines.push_back(describe_frame(frame, {}));
    return lines;
  }

  std::uint64_t count(Counter counter) const { return counters[counter]; }

  buf::Pools pools;
  Counters counters;
  Internet net;
  NicId nic = NicId::none;
  Instant now;
  Packet rest;
};

}  // namespace strata::internet
