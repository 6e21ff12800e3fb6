// One TCP connection as a capture shows it: its two ends, its segments in the order seen, and the bytes each
// end sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/seq_num.hpp"
#include "obs/capture_reader.hpp"
#include "strata/address.hpp"

namespace strata::obs {

/// The two ends of a connection. The client sent the first SYN, or, without one, the first segment seen.
enum class Side : std::uint8_t { client, server };
inline constexpr Side kSides[] = {Side::client, Side::server};
constexpr Side other(Side side) { return side == Side::client ? Side::server : Side::client; }

struct SeenSegment {
  std::size_t frame = 0;  ///< index into the capture
  Instant at;
  Side from = Side::client;
  SeqNum seq;
  SeqNum ack;
  std::uint16_t flags = 0;
  std::uint32_t window = 0;    ///< in bytes: scaled when both SYNs were seen and agreed on it
  std::uint32_t length = 0;    ///< payload bytes on the wire
  std::size_t payload_at = 0;  ///< where the payload begins in the frame

  bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
  /// SYN and FIN occupy one number each (RFC 9293 §3.4).
  SeqNum end() const;
};

struct Conversation {
  Endpoint client;
  Endpoint server;
  SeqNum client_iss;  ///< relative number 0
  SeqNum server_iss;
  std::vector<SeenSegment> segments;

  const Endpoint& end(Side side) const { return side == Side::client ? client : server; }
  SeqNum iss(Side side) const { return side == Side::client ? client_iss : server_iss; }
  std::uint32_t relative_seq(const SeenSegment& s) const { return (s.seq - iss(s.from).raw()).raw(); }
  std::uint32_t relative_ack(const SeenSegment& s) const { return (s.ack - iss(other(s.from)).raw()).raw(); }
};

/// Every TCP connection of a capture, in the order of first segments. A SYN on a used pair of endpoints
/// begins another one.
std::vector<Conversation> find_conversations(std::span<const CapturedFrame> frames);

/// The bytes that `from` sent, put into order; up to the first hole.
std::string stream_of(const Conversation& conversation, std::span<const CapturedFrame> frames, Side from);

}  // namespace strata::obs
