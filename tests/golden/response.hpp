// What formulas say that a sender gets on a path with random loss, for the column beside what it got. Whole
// numbers.
#pragma once

#include <algorithm>
#include <cstdint>

namespace strata::golden {

constexpr std::uint64_t square_root(std::uint64_t n) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root | bit) * (root | bit) <= n) root |= bit;
  }
  return root;
}

/// Thousandths of segments in the window at one loss event in 10^6 / `ppm` segments: sqrt(3 / 2 p) (Mathis,
/// Semke, Mahdavi, Ott 1997; RFC 9438 §5.1.1, equation 3, has the same with one ACK for each segment).
constexpr std::uint64_t reno_window(std::uint64_t ppm) { return square_root(1'500'000'000'000 / ppm); }

/// The same for CUBIC by its own curve: 1.054 (RTT / p)^(3/4) with C = 0.4 (RFC 9438 §5.1.1, equation 6).
constexpr std::uint64_t cubic_curve_window(std::uint64_t ppm, std::uint64_t rtt_ms) {
  const std::uint64_t ratio = rtt_ms * 1'000'000'000 / ppm;     // 10^6 RTT / p, with RTT in seconds
  const std::uint64_t half = square_root(ratio * 1'000'000);    // 10^6 times the square root
  const std::uint64_t quarter = square_root(half * 1'000'000);  // 10^6 times the fourth root
  return 1'054 * half / 1'000 * quarter / 1'000'000'000;
}

/// And nowhere less than Reno, whose window it takes where that is larger (RFC 9438 §4.3).
constexpr std::uint64_t cubic_window(std::uint64_t ppm, std::uint64_t rtt_ms) {
  return std::max(cubic_curve_window(ppm, rtt_ms), reno_window(ppm));
}

}  // namespace strata::golden
