// What the connection knew of the path's rate when a segment left (draft-ietf-ccwg-bbr §4.1.2: the state of
// packet P). Beside the records, for connections that measure rates; others have none.
#pragma once

#include <cstdint>

#include "strata/time.hpp"

namespace strata::tcp {

struct SendStamp {
  Instant delivered_time = Instant::never();  ///< never(): the segment left before rates were measured
  Instant first_sent;
  std::uint32_t delivered = 0;
  std::uint32_t lost = 0;
  std::uint32_t in_flight = 0;  ///< bytes, this segment included
  bool app_limited = false;
};
static_assert(sizeof(SendStamp) <= 32, "there is one for each segment in flight");

}  // namespace strata::tcp
