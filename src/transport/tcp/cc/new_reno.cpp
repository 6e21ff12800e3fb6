#include "transport/tcp/cc/new_reno.hpp"

namespace strata::tcp {

void NewReno::on_ack(const AckEvent& ack) {
  if (!ack.cwnd_limited) return;  // an unused window says nothing about the path
  std::uint32_t acked = ack.acked;
  if (in_slow_start()) {
    // RFC 3465 §2.3: after a time-out an ACK may cover what the peer had all along. Else every byte counts.
    // DEVIATION: RFC 5681 §3.1 allows one segment per ACK; docs/deviations.md#byte-counting.
    if (ack.after_timeout) acked = std::min(acked, mss_);
    const std::uint32_t grown = std::min(acked, ssthresh_ - cwnd_);
    cwnd_ = std::min(cwnd_ + grown, kWindowMax);
    acked -= grown;
    if (acked == 0) return;
  }
  // RFC 5681 §3.1: one segment per window's worth of acknowledged bytes.
  acked_in_avoidance_ += acked;
  if (acked_in_avoidance_ >= cwnd_) {
    acked_in_avoidance_ -= cwnd_;
    cwnd_ = std::min(cwnd_ + mss_, kWindowMax);
  }
}

void NewReno::on_loss(const LossEvent& loss) {
  ssthresh_ = half_of(loss.in_flight);
  cwnd_ = ssthresh_ + 3 * mss_;
  acked_in_avoidance_ = 0;
}

void NewReno::on_partial_ack(std::uint32_t acked) {
  cwnd_ -= std::min(acked, cwnd_ - std::min(cwnd_, mss_));
  if (acked >= mss_) cwnd_ += mss_;
}

// Option (1) of RFC 6582 §3.2 step 3: no burst when little is in flight.
void NewReno::on_recovery_end(std::uint32_t in_flight) {
  cwnd_ = std::min(ssthresh_, std::max(in_flight, mss_) + mss_);
}

void NewReno::on_rto(const LossEvent& loss, bool first) {
  if (first) ssthresh_ = half_of(loss.in_flight);
  cwnd_ = mss_;
  acked_in_avoidance_ = 0;
}

}  // namespace strata::tcp
