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

}  // namespace strata::tcp
