// What congestion control is told (STYLE R11): values, never the TCB.
#pragma once

#include <cstdint>

#include "strata/time.hpp"

namespace strata::tcp {

struct AckEvent {
  Instant now;
  std::uint32_t acked = 0;      ///< bytes newly acknowledged
  std::uint32_t in_flight = 0;  ///< bytes outstanding before this ACK
  Duration srtt;
  bool cwnd_limited = false;   ///< the window, not the application, held us back (RFC 7661 §4.1)
  bool after_timeout = false;  ///< of data that was outstanding when the retransmission timer fired
};

struct LossEvent {
  Instant now;
  std::uint32_t in_flight = 0;  ///< FlightSize (RFC 5681 §2)
};

}  // namespace strata::tcp
