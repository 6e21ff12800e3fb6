// When may the next piece leave? The arithmetic of pacing: rates in bytes per second, the time that a piece
// takes at a rate, and how much leaves in one piece. Pure; pacing.cpp applies it to a connection.
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/config.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

/// What a controller that only has a window is paced at (as Linux): the window in a round trip, and more, so
/// that pacing is never what limits the window's growth. Zero: no round trip was measured yet, so no pace.
constexpr std::uint64_t window_rate(std::uint32_t window, std::uint32_t ssthresh, Duration srtt,
                                    const TcpConfig& config) {
  if (srtt <= Duration{}) return 0;
  const std::uint64_t percent = window < ssthresh / 2 ? config.pacing_ss_ratio : config.pacing_ca_ratio;
  const auto srtt_us = static_cast<std::uint64_t>(std::max<std::int64_t>(srtt.count_micros(), 1));
  return std::max<std::uint64_t>(percent * window * 10'000 / srtt_us, 1);
}

/// How long a piece keeps the line. `late`: by how much it left after its time; up to half of what it takes
/// is made up for, so that timers that fire late do not lower the rate (as Linux).
constexpr Duration pacing_delay(std::uint32_t bytes, std::uint64_t rate, Duration late) {
  const Duration takes = Duration::nanos(
      static_cast<std::int64_t>(std::uint64_t{bytes} * 1'000'000'000 / std::max<std::uint64_t>(rate, 1)));
  return takes - std::min(takes / 2, late);
}

/// What leaves at once: a millisecond of the rate, so that a device has something to cut, two segments at
/// least (draft-ietf-ccwg-bbr §5.6.3).
constexpr std::uint32_t send_quantum(std::uint64_t rate, std::uint32_t mss) {
  constexpr std::uint64_t kMost = 64 * 1024;
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(std::min(rate / 1'000, kMost), 2 * mss));
}

}  // namespace strata::tcp
