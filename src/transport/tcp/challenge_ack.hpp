// RFC 5961 §7: challenge ACKs are limited per stack, so that an attacker cannot make us a source of traffic.
// The bucket is refilled by a random amount, so that its level does not tell an off-path attacker about other
// connections (RFC 5961 errata and CVE-2016-5696).
#pragma once

#include <cstdint>

#include "base/rng.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

class ChallengeLimiter {
 public:
  ChallengeLimiter(std::uint32_t per_second, std::uint64_t seed) : per_second_(per_second), rng_(seed) {}

  /// From the next second on.
  void set_rate(std::uint32_t per_second) { per_second_ = per_second; }

  bool allow(Instant now) {
    if (now >= refill_at_) {
      refill_at_ = now + Duration::seconds(1);
      left_ = per_second_ / 2 + (per_second_ == 0 ? 0 : below(rng_, per_second_));
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  std::uint32_t per_second_;
  std::uint32_t left_ = 0;
  Instant refill_at_;
  Xoshiro rng_;
};

}  // namespace strata::tcp
