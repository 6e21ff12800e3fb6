// A token bucket: so many per second on average, so many at once. Whole numbers only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/time.hpp"

namespace strata {

class TokenBucket {
 public:
  /// Starts full. A rate or a burst of 0 never gives anything.
  TokenBucket(std::uint32_t per_second, std::uint32_t burst)
      : cost_(per_second == 0 ? Duration() : Duration::seconds(1) / per_second),
        credit_max_(cost_ * burst),
        credit_(credit_max_) {}

  /// Takes one token, if there is one.
  bool take(Instant now) {
    if (now > last_) {
      // The credit is the time that earned it; a long silence earns no more than a full bucket.
      credit_ = std::min(credit_max_, credit_ + std::min(credit_max_, now - last_));
      last_ = now;
    }
    if (credit_ < cost_ || credit_ == Duration()) return false;
    credit_ = credit_ - cost_;
    return true;
  }

 private:
  Duration cost_;  ///< of one token, in time
  Duration credit_max_;
  Duration credit_;
  Instant last_;
};

}  // namespace strata
