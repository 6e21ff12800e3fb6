// Frames for the tests of the link layer: what a stack would hand to a device, made without a stack.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "buf/byte_queue.hpp"
#include "strata/packet.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"
#include "wire/tcp.hpp"

namespace strata::test {

inline const IpAddress kClient = IpAddress::v4(10, 77, 0, 1);
inline const IpAddress kServer = IpAddress::v4(10, 77, 0, 2);
inline const IpAddress kClient6 = *parse_address("fd77::1");
inline const IpAddress kServer6 = *parse_address("fd77::2");

inline BufferLimits small_pools() {
  return {.block_size = 2048, .blocks_max = 4096, .packets_max = 4096, .queue_nodes_max = 256};
}

struct SegmentSpec {
  std::size_t payload = 0;
  std::uint16_t gso_size = 0;
  std::uint32_t seq = 0xffff'f000;  // wraps after 4096 bytes
  std::uint16_t flags = tcp_flag::kAck | tcp_flag::kPsh;
  std::uint16_t ip_id = 0xfffe;  // wraps after two frames
  bool ethernet = true;
  std::uint8_t ecn = 0;
  bool ipv6 = false;
  std::size_t slice_size = 2048;  // at most a block
};

/// Bytes that differ from place to place.
inline std::vector<std::uint8_t> pattern(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 131 + (i >> 8) * 17 + 5);
  return bytes;
}

inline std::vector<std::uint8_t> flat(const Packet& frame) {
  std::vector<std::uint8_t> bytes(frame.size());
  frame.copy_to(bytes);
  return bytes;
}

/// An IP header for `payload_size` bytes of TCP.
inline void prepend_ip(buf::PacketBuf& raw, const SegmentSpec& spec, std::size_t payload_size) {
  if (spec.ipv6) {
    Ipv6Header{.src = kClient6,
               .dst = kServer6,
               .next_header = kProtocolTcp,
               .ecn = spec.ecn,
               .payload_length = static_cast<std::uint16_t>(payload_size)}
        .write(raw.prepend(Ipv6Header::kSize));
    return;
  }
  Ipv4Header{.src = kClient,
             .dst = kServer,
             .protocol = kProtocolTcp,
             .ecn = spec.ecn,
             .id = spec.ip_id,
             .dont_fragment = true,
             .total_length = static_cast<std::uint16_t>(Ipv4Header::kSize + payload_size)}
      .write(raw.prepend(Ipv4Header::kSize));
}

/// A TCP segment from kClient to kServer with pattern() as payload and a partial checksum.
inline Packet make_segment(buf::Pools& pools, const SegmentSpec& spec) {
  Packet packet = pools.packets.allocate();
  buf::PacketBuf& raw = *packet.raw();
  TcpHeader tcp{.src_port = 40000,
                .dst_port = 80,
                .seq = SeqNum(spec.seq),
                .ack = SeqNum(7),
                .flags = spec.flags,
                .window = 500,
                .urgent = 0,
                .options = {}};
  tcp.options.timestamps = TcpTimestamps{.value = 1000, .echo = 2000};
  const auto tcp_length = static_cast<std::uint32_t>(tcp.size() + spec.payload);
  std::uint8_t* tcp_at = raw.prepend(tcp.size());
  tcp.write(tcp_at);
  const InternetChecksum pseudo = spec.ipv6 ? pseudo_header(kClient6, kServer6, kProtocolTcp, tcp_length)
                                            : pseudo_header(kClient, kServer, kProtocolTcp, tcp_length);
  store_be(tcp_at + TcpView::kChecksumOffset, pseudo.folded());
  prepend_ip(raw, spec, tcp_length);
  if (spec.ethernet) {
    EthernetHeader{.dst = {{2, 0, 0, 0, 0, 2}},
                   .src = {{2, 0, 0, 0, 0, 1}},
                   .type = spec.ipv6 ? kEtherTypeIpv6 : kEtherTypeIpv4}
        .write(raw.prepend(EthernetHeader::kSize));
  }
  const std::vector<std::uint8_t> payload = pattern(spec.payload);
  for (std::size_t done = 0; done < payload.size();) {
    buf::Block* block = pools.blocks.allocate();
    const std::size_t n = std::min(payload.size() - done, spec.slice_size);
    std::memcpy(block->data, payload.data() + done, n);
    block->filled = static_cast<std::uint32_t>(n);
    raw.append(buf::Slice::adopt(block, 0, static_cast<std::uint32_t>(n)));
    done += n;
  }
  raw.meta.gso_size = spec.gso_size;
  raw.meta.csum = ChecksumState::partial;
  raw.meta.csum_start = static_cast<std::uint16_t>((spec.ethernet ? EthernetHeader::kSize : 0) +
                                                   (spec.ipv6 ? Ipv6Header::kSize : Ipv4Header::kSize));
  raw.meta.csum_offset = TcpView::kChecksumOffset;
  return packet;
}

/// A TCP frame taken apart; every checksum was looked at.
struct ParsedFrame {
  std::uint16_t ip_id = 0;
  std::uint32_t seq = 0;
  std::uint16_t flags = 0;
  bool tcp_checksum_good = false;
  std::vector<std::uint8_t> payload;
};

/// Nothing when a header is wrong, the IP checksum included.
inline std::optional<ParsedFrame> parse_frame(Bytes frame, bool ethernet = true) {
  const Bytes packet = frame.subspan(ethernet ? EthernetHeader::kSize : 0);
  if (packet[0] >> 4 == 6) {
    const auto ip = Ipv6View::parse(packet);
    if (!ip || ip->total_length() != packet.size()) return std::nullopt;
    const Bytes segment = packet.subspan(Ipv6View::kSize);
    const auto tcp = TcpView::parse(segment);
    if (!tcp) return std::nullopt;
    InternetChecksum sum =
        pseudo_header(ip->src(), ip->dst(), kProtocolTcp, static_cast<std::uint32_t>(segment.size()));
    sum.add(segment);
    return ParsedFrame{.seq = tcp->seq().raw(),
                       .flags = tcp->flags(),
                       .tcp_checksum_good = sum.is_valid(),
                       .payload = {tcp->payload().begin(), tcp->payload().end()}};
  }
  const auto ip = Ipv4View::parse(packet);
  if (!ip || ip->total_length() != packet.size()) return std::nullopt;
  const auto tcp = TcpView::parse(ip->payload());
  if (!tcp) return std::nullopt;
  const auto length = static_cast<std::uint32_t>(ip->payload().size());
  InternetChecksum sum = pseudo_header(ip->src(), ip->dst(), ip->protocol(), length);
  sum.add(ip->payload());
  return ParsedFrame{.ip_id = ip->id(),
                     .seq = tcp->seq().raw(),
                     .flags = tcp->flags(),
                     .tcp_checksum_good = sum.is_valid(),
                     .payload = {tcp->payload().begin(), tcp->payload().end()}};
}

}  // namespace strata::test
