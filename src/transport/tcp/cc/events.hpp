// What congestion control is told (STYLE R11): values, never the TCB.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

/// No window grows beyond this: the largest that RFC 7323 §2.3 can announce.
inline constexpr std::uint32_t kCwndMax = 1U << 30;

/// New data reached the peer, and nothing is being repaired.
struct AckEvent {
  Instant now;
  std::uint32_t acked = 0;  ///< bytes that reached the peer: acknowledged, or reported by SACK
  std::uint32_t ecn_marked =
      0;                        ///< of `acked`: what the peer echoed as marked (RFC 3168, RFC 8257, RFC 9768)
  std::uint32_t in_flight = 0;  ///< bytes outstanding before this ACK
  Duration rtt;                 ///< measured by this ACK; zero: it measured none
  Duration srtt;
  Duration min_rtt;  ///< the least of late; zero: not known
  SeqNum snd_una;    ///< as this ACK set it
  SeqNum snd_nxt;
  bool cwnd_limited = false;   ///< the window, not the application, held us back (RFC 7661 §4.1)
  bool after_timeout = false;  ///< of data that was outstanding when the retransmission timer fired
};

/// A reason to slow down, told once for each round of loss or marks.
struct CongestionEvent {
  enum class Kind : std::uint8_t {
    loss,     ///< loss recovery begins (RFC 5681 §3.2, RFC 8985 §6.2)
    timeout,  ///< the retransmission timer fired (RFC 5681 §3.1)
    ecn,      ///< the peer echoed a congestion mark (RFC 3168 §6.1.2)
  };
  Instant now;
  std::uint32_t in_flight = 0;  ///< FlightSize (RFC 5681 §2)
  Kind kind = Kind::loss;
};

/// What one ACK says about the path (draft-ietf-ccwg-bbr §4.1.2.1: RS), for controllers that model it. Counts
/// of what was delivered are modulo 2^32.
struct RateSample {
  Instant now;
  Duration interval;  ///< over which `delivered` left or arrived, the longer of both
  Duration rtt;       ///< of the segment that was sent last; zero: none that was sent once
  Duration srtt;
  std::uint64_t delivery_rate = 0;    ///< bytes per second; zero: no reliable sample
  std::uint32_t total_delivered = 0;  ///< of the connection
  std::uint32_t prior_delivered = 0;  ///< the same when the segment left
  std::uint32_t delivered = 0;        ///< since then
  std::uint32_t newly_acked = 0;
  std::uint32_t newly_lost = 0;
  std::uint32_t lost = 0;          ///< since the segment left
  std::uint32_t tx_in_flight = 0;  ///< when it had left
  std::uint32_t in_flight = 0;     ///< now
  bool has_data = false;           ///< something was delivered; else only the counts hold
  bool app_limited = false;        ///< the application held us back when the segment left
  bool cwnd_limited = false;       ///< the window was full at some time in the last round trip
  bool recovering = false;         ///< in fast recovery
  bool sack = false;               ///< more than one loss for each round trip can be seen
};

/// A segment is held for lost.
struct LostSegment {
  Instant now;
  std::uint32_t size = 0;
  std::uint32_t tx_in_flight = 0;  ///< when it had left
  std::uint32_t lost = 0;          ///< since then, itself included
  std::uint32_t total_delivered = 0;
  bool app_limited = false;  ///< when it left
  bool continues = false;    ///< it begins where the one that was lost before it ends
  bool sack = false;
};

}  // namespace strata::tcp
