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
    cwnd_ = std::min(cwnd_ + grown, kCwndMax);
    acked -= grown;
    if (acked == 0) return;
  }
  // RFC 5681 §3.1: one segment per window's worth of acknowledged bytes.
  acked_in_avoidance_ += acked;
  if (acked_in_avoidance_ >= cwnd_) {
    acked_in_avoidance_ -= cwnd_;
    cwnd_ = std::min(cwnd_ + mss_, kCwndMax);
  }
}

void NewReno::slow_down_to(std::uint32_t ssthresh) {
  prior_cwnd_ = cwnd_;
  prior_ssthresh_ = ssthresh_;
  ssthresh_ = std::max(ssthresh, 2 * mss_);
  acked_in_avoidance_ = 0;
}

void NewReno::undo() {
  cwnd_ = std::max(cwnd_, prior_cwnd_);
  ssthresh_ = std::max(ssthresh_, prior_ssthresh_);
}

}  // namespace strata::tcp
