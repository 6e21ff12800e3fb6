// What enters and leaves a connection: values, no IP header, no device. A received Segment lends its packet
// (the head begins with the payload); a TxSegment owns a packet whose slices are the payload and whose head
// the layers below fill in.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"
#include "buf/packet_buf.hpp"
#include "strata/address.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"
#include "wire/tcp.hpp"
#include "wire/tcp_options.hpp"

namespace strata::tcp {

/// What arrived beside the segment.
struct RxMeta {
  std::uint8_t ecn = 0;
  std::uint8_t dscp = 0;
  std::uint8_t ttl = 0;
  std::uint8_t segments = 1;   ///< wire segments merged into this one
  std::uint16_t gso_size = 0;  ///< payload bytes of each of them, 0: not merged
};

struct Segment {
  SeqNum seq;
  SeqNum ack;
  std::uint16_t flags = 0;
  std::uint16_t window = 0;  ///< as on the wire, unscaled
  std::uint16_t urgent = 0;  ///< the pointer, which counts with URG only
  TcpOptions options;
  buf::PacketBuf* packet = nullptr;
  std::uint32_t payload_size = 0;
  RxMeta meta;

  bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
  /// How many the peer sent, before anybody merged them.
  std::uint32_t wire_segments() const {
    if (meta.gso_size == 0) return meta.segments;
    return (payload_size + meta.gso_size - 1U) / meta.gso_size;
  }
  /// SEG.LEN of RFC 9293 §3.3.1: payload, and one each for SYN and FIN.
  std::uint32_t length() const {
    return payload_size + (has(tcp_flag::kSyn) ? 1U : 0U) + (has(tcp_flag::kFin) ? 1U : 0U);
  }
};

struct TxSegment {
  SeqNum seq;
  SeqNum ack;
  std::uint16_t flags = 0;
  std::uint16_t window = 0;
  std::uint16_t urgent = 0;
  TcpOptions options;
  Packet packet;  ///< payload in its slices, head empty
  std::uint32_t payload_size = 0;
  std::uint16_t gso_size = 0;  ///< 0: one wire segment
  std::uint8_t ecn = 0;
  std::uint8_t dscp = 0;
  std::uint8_t ttl = 0;  ///< 0: the stack's
  bool may_fragment = false;
  Cause cause = Cause::none;
};

/// What the layers below tell a connection about its way to the peer.
struct PathInfo {
  std::uint16_t mss = 536;    ///< payload that fits the first link (RFC 9293 §3.7.1), options not counted
  std::uint16_t carried = 0;  ///< the same of the whole path, as far as it is known; zero: nothing is
  std::uint32_t gso_max = 0;  ///< payload bytes of the largest super-segment
};

/// Both ends of a connection.
struct FlowKey {
  Endpoint local;
  Endpoint remote;
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};

}  // namespace strata::tcp
