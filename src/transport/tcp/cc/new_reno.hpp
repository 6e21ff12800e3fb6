// Slow start and congestion avoidance (RFC 5681 §3.1) with byte counting, and the window arithmetic of
// NewReno's fast recovery (RFC 6582 §3.2). Sees events only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

class NewReno {
 public:
  NewReno(std::uint32_t mss, std::uint32_t initial_window) : mss_(mss), cwnd_(initial_window) {}

  /// New data was acknowledged outside recovery.
  void on_ack(const AckEvent& ack);
  /// RFC 5681 §3.2 steps 2-3: fast retransmit begins.
  void on_loss(const LossEvent& loss);
  /// RFC 5681 §3.2 step 4: another duplicate ACK says that a segment left the network.
  void on_duplicate_ack() { cwnd_ = std::min(cwnd_ + mss_, kWindowMax); }
  /// RFC 6582 §3.2 step 3, partial acknowledgment: deflate by what was acknowledged, add back one segment.
  void on_partial_ack(std::uint32_t acked);
  /// RFC 6582 §3.2 step 3, full acknowledgment.
  void on_recovery_end(std::uint32_t in_flight);
  /// RFC 5681 §3.1, equation (4), and the loss window. `first`: not a repeated time-out of the same data.
  void on_rto(const LossEvent& loss, bool first);
  /// RFC 5681 §4.1: the connection was idle for longer than an RTO.
  void on_idle(std::uint32_t restart_window) { cwnd_ = std::min(cwnd_, restart_window); }
  void set_mss(std::uint32_t mss) { mss_ = mss; }

  std::uint32_t cwnd() const { return cwnd_; }
  std::uint32_t ssthresh() const { return ssthresh_; }
  bool in_slow_start() const { return cwnd_ < ssthresh_; }

 private:
  static constexpr std::uint32_t kWindowMax = 1U << 30;
  std::uint32_t half_of(std::uint32_t in_flight) const { return std::max(in_flight / 2, 2 * mss_); }

  std::uint32_t mss_;
  std::uint32_t cwnd_;
  std::uint32_t ssthresh_ = kWindowMax;
  std::uint32_t acked_in_avoidance_ = 0;
};

}  // namespace strata::tcp
