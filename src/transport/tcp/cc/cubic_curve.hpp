// The curve of CUBIC (RFC 9438 §4.2) without its place: how far it is from the plateau after some time, and
// the time until it is so far. Microseconds and bytes; right for windows up to 1 GiB of segments of any size.
#pragma once

#include <cstdint>

namespace strata::tcp {

/// C * t^3. Divided on the way by what keeps 64 bits from overflowing; the error is less than a thousandth of
/// a segment for each second of `us`.
constexpr std::uint64_t cubic_rise(std::uint32_t us, std::uint32_t mss) {
  const std::uint64_t squared = std::uint64_t{us} * us / 1'000'000'000;  // in 10^-3 s^2
  const std::uint64_t cubed = squared * us / 1'000'000;                  // in 10^-3 s^3
  return cubed * 2 * mss / 5'000;                                        // C = 0.4 segments / s^3
}

/// The inverse, for K: a cube root, bit by bit. Its 31 steps are done once after a congestion event.
constexpr std::uint32_t time_of_cubic_rise(std::uint64_t bytes, std::uint32_t mss) {
  std::uint32_t us = 0;
  for (std::uint32_t bit = 1U << 30; bit != 0; bit >>= 1) {
    if (cubic_rise(us | bit, mss) <= bytes) us |= bit;
  }
  return us;
}

}  // namespace strata::tcp
