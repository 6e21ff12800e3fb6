// A machine's own clock: it begins anywhere, runs fast or slow, and may jump ahead (as after sleep). It never
// goes back: stacks live on a monotonic clock. In whole numbers.
#pragma once

#include <cstdint>

#include "strata/time.hpp"

namespace strata::sim {

struct ClockConfig {
  Duration origin;             ///< what it shows when the world begins
  std::int32_t drift_ppm = 0;  ///< so much faster than the world's
};

class HostClock {
 public:
  explicit HostClock(const ClockConfig& config) : here_(Instant() + config.origin), ppm_(config.drift_ppm) {}

  Instant at(Instant world) const {
    const Duration since = world - there_;
    return here_ + since + Duration::nanos(scaled(since.count_nanos(), ppm_));
  }
  /// The first moment of the world at which it shows `local` or more.
  Instant world_time_of(Instant local, Instant now) const {
    if (local.is_never()) return Instant::never();
    if (local <= at(now)) return now;
    if (ppm_ == 0) return there_ + (local - here_);
    const std::int64_t rate = kMillion + ppm_;
    const std::int64_t since = (local - here_).count_nanos();
    Instant world = there_ + Duration::nanos(since / rate * kMillion + since % rate * kMillion / rate);
    while (at(world) < local) world = world + Duration::nanos(1);
    return world;
  }
  void jump(Instant now, Duration ahead) {
    here_ = at(now) + ahead;
    there_ = now;
  }

 private:
  static constexpr std::int64_t kMillion = 1'000'000;

  /// n * ppm / 10^6 without overflow.
  static std::int64_t scaled(std::int64_t n, std::int64_t ppm) {
    return n / kMillion * ppm + n % kMillion * ppm / kMillion;
  }

  Instant there_;  ///< of the world, when
  Instant here_;   ///< this clock showed this
  std::int64_t ppm_;
};

}  // namespace strata::sim
