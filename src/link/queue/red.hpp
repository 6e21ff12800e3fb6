// Random early detection (Floyd and Jacobson 1993; RFC 7567 calls for its kind): the longer a queue is on
// average, the more of what arrives is chosen to be dropped or marked. In whole numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/rng.hpp"

namespace strata {

struct RedConfig {
  std::size_t bytes_min = 15'000;    ///< below, on average, nothing is chosen
  std::size_t bytes_max = 45'000;    ///< above, everything is dropped
  std::uint32_t most_ppm = 100'000;  ///< chosen just below bytes_max
  std::uint8_t weight_shift = 9;     ///< a new length counts for 2^-n in the average
};

class Red {
 public:
  enum class Verdict : std::uint8_t { pass, chosen, full };

  explicit Red(const RedConfig& config) : config_(config) {}

  /// A frame arrives at a queue of `bytes`. `idle_frames`: as many could have left while it was empty.
  Verdict on_arrival(std::size_t bytes, std::uint64_t idle_frames, Xoshiro& rng);
  std::size_t average() const { return static_cast<std::size_t>(average_ >> config_.weight_shift); }

 private:
  RedConfig config_;
  std::uint64_t average_ = 0;  ///< times 2^weight_shift
  std::uint32_t since_chosen_ = 0;
};

}  // namespace strata
