// For tests: a whole stack with one Ethernet interface, whose peer is the test: raw TCP segments in, TCP
// segments out, at explicit times. Numbers are absolute.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "internet/test_host.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"
#include "wire/tcp.hpp"

namespace strata {

using internet::Frame;
using internet::operator+;
using internet::kOurIp;
using internet::kPeerIp;

/// A TCP segment as a test writes or reads it.
struct TcpFields {
  IpAddress src = kPeerIp;
  IpAddress dst = kOurIp;
  std::uint16_t src_port = 40'000;
  std::uint16_t dst_port = 80;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint16_t flags = tcp_flag::kAck;
  std::uint16_t window = 65'535;
  TcpOptions options{};
  std::string payload{};
};

/// Puts the checksum of a TCP segment right.
inline void fix_tcp_checksum(Frame& segment, const IpAddress& src, const IpAddress& dst) {
  store_be(segment.data() + TcpHeader::kChecksumOffset, std::uint16_t{0});
  InternetChecksum sum = pseudo_header(src, dst, kProtocolTcp, static_cast<std::uint32_t>(segment.size()));
  sum.add(segment);
  store_be(segment.data() + TcpHeader::kChecksumOffset, sum.finish());
}

inline Frame tcp_bytes(const TcpFields& fields) {
  const TcpHeader header{.src_port = fields.src_port,
                         .dst_port = fields.dst_port,
                         .seq = SeqNum(fields.seq),
                         .ack = SeqNum(fields.ack),
                         .flags = fields.flags,
                         .window = fields.window,
                         .urgent = 0,
                         .options = fields.options};
  Frame segment(header.size());
  header.write(segment.data());
  segment = segment + internet::bytes_of(fields.payload);
  fix_tcp_checksum(segment, fields.src, fields.dst);
  return segment;
}

inline Frame tcp_frame(const TcpFields& fields) {
  const Frame packet =
      internet::ipv4({.src = fields.src, .dst = fields.dst, .protocol = kProtocolTcp}, tcp_bytes(fields));
  return internet::ethernet(kEtherTypeIpv4, packet);
}

class TestStack {
 public:
  explicit TestStack(const Config& config = small_config(), std::uint64_t seed = 1)
      : stack(config, Entropy::from_seed(seed)) {
    const Prefix own{kOurIp, 24};
    nic = *stack.add_interface({.mac = internet::kOurMac, .link = {}, .addresses = {&own, 1}});
    (void)stack.add_route({.destination = {IpAddress::v4(0), 0}, .gateway = kPeerIp, .nic = nic});
    receive_frame(internet::arp({}));  // the peer asks, so that we know it
    drain();
  }

  static Config small_config() {
    Config config;
    config.buffers = {.block_size = 2048, .blocks_max = 4096, .packets_max = 1024, .queue_nodes_max = 1024};
    config.ipv6.dad_transmits = 0;  // addresses are ours at once
    return config;
  }

  void receive_frame(const Frame& frame) { stack.input(nic, stack.make_packet(frame), now); }
  void receive(const TcpFields& fields) { receive_frame(tcp_frame(fields)); }

  /// Runs everything that is due until `by` has passed; what is sent on the way is lost.
  void advance(Duration by) {
    const Instant end = now + by;
    drain();
    for (Instant next = stack.next_deadline(); next < end; next = stack.next_deadline()) {
      now = std::max(now, next);
      stack.advance(now);
      drain();
    }
    now = end;
    stack.advance(now);
  }

  /// The next frame out; empty when there is none.
  Frame next_frame() {
    const Packet packet = stack.next_output(nic, now);
    Frame frame(packet ? packet.size() : 0);
    if (packet) packet.copy_to(frame);
    return frame;
  }
  void drain() {
    while (!next_frame().empty()) {
    }
  }
  /// The next TCP segment out; ARP is skipped, anything else is a failure.
  std::optional<TcpFields> next_segment() {
    Frame frame = next_frame();
    while (!frame.empty() && load_be<std::uint16_t>(frame.data() + 12) == kEtherTypeArp) frame = next_frame();
    if (frame.empty()) return std::nullopt;
    const auto ip = Ipv4View::parse(Bytes(frame).subspan(EthernetHeader::kSize));
    const auto tcp = ip ? TcpView::parse(ip->payload()) : Err{ParseError::tcp_truncated};
    if (!tcp || ip->protocol() != kProtocolTcp) {
      ADD_FAILURE() << "not TCP: " << describe_frame(frame, {});
      return std::nullopt;
    }
    return TcpFields{.src = ip->src(),
                     .dst = ip->dst(),
                     .src_port = tcp->src_port(),
                     .dst_port = tcp->dst_port(),
                     .seq = tcp->seq().raw(),
                     .ack = tcp->ack().raw(),
                     .flags = tcp->flags(),
                     .window = tcp->window(),
                     .options = *parse_tcp_options(tcp->options()),
                     .payload = std::string(as_text(tcp->payload()))};
  }
  bool is_silent() { return !next_segment(); }

  /// The peer's SYN, its SYN-ACK from us, and the peer's ACK. Our initial sequence number.
  std::uint32_t handshake(TcpFields fields) {
    fields.flags = tcp_flag::kSyn;
    receive(fields);
    const auto answer = next_segment();
    if (!answer || answer->flags != (tcp_flag::kSyn | tcp_flag::kAck)) {
      ADD_FAILURE() << "no SYN-ACK";
      return 0;
    }
    fields.flags = tcp_flag::kAck;
    fields.seq += 1;
    fields.ack = answer->seq + 1;
    fields.options = {};
    receive(fields);
    return answer->seq;
  }
  /// A listener on any of our addresses.
  TcpListener listen(std::uint16_t port, std::uint16_t backlog = 128) {
    auto listener =
        stack.listen({.address = IpAddress::any(Family::ipv4), .port = port}, {.backlog = backlog});
    EXPECT_TRUE(listener);
    return std::move(*listener);
  }
  std::uint64_t count(Counter counter) const { return stack.counters()[counter]; }

  Stack stack;
  NicId nic = NicId::none;
  Instant now = Instant::from_nanos(1'000'000'000);
};

}  // namespace strata
