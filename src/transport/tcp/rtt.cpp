#include "transport/tcp/rtt.hpp"

#include <algorithm>

namespace strata::tcp {

// RFC 6298 §2.4: RTO SHOULD be rounded up to 1 s.
// DEVIATION: rto_min (200 ms) applies to the variance term, as in Linux and FreeBSD; see
// docs/deviations.md#min-rto.
Duration RttEstimator::computed(const TcpConfig& config) const {
  const Duration spread = std::max(rttvar_ * 4, config.rto_min);
  return std::min(srtt_ + spread, config.rto_max);
}

void RttEstimator::sample(Duration rtt, const TcpConfig& config) {
  rtt = std::max(rtt, Duration::nanos(1));
  if (!has_sample()) {
    srtt_ = rtt;
    rttvar_ = rtt / 2;
  } else {
    const Duration error = rtt < srtt_ ? srtt_ - rtt : rtt - srtt_;
    rttvar_ = rttvar_ - rttvar_ / 4 + error / 4;  // beta = 1/4, with the old SRTT (§2.3)
    srtt_ = srtt_ - srtt_ / 8 + rtt / 8;          // alpha = 1/8
  }
  rto_ = computed(config);
}

// A path may become longer: after some minutes a larger value replaces the least.
void RttEstimator::note_minimum(Duration rtt, Instant now) {
  constexpr Duration kMemory = Duration::seconds(300);
  if (min_rtt_ != Duration{} && rtt > min_rtt_ && now - min_rtt_at_ < kMemory) return;
  min_rtt_ = std::max(rtt, Duration::nanos(1));
  min_rtt_at_ = now;
}

void RttEstimator::back_off(const TcpConfig& config) { rto_ = std::min(rto_ * 2, config.rto_max); }

void RttEstimator::forget_back_off(const TcpConfig& config) {
  rto_ = has_sample() ? computed(config) : config.rto_initial;
}

}  // namespace strata::tcp
