// Slow start and congestion avoidance (RFC 5681 §3.1) with byte counting. Sees events only.
#pragma once

#include <algorithm>
#include <cstdint>

#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

class NewReno {
 public:
  NewReno(std::uint32_t mss, std::uint32_t initial_window) : mss_(mss), cwnd_(initial_window) {}

  void on_ack(const AckEvent& ack);
  /// RFC 5681 §3.1, equation (4). The window itself is for the caller to bring down, at the pace of RFC 9937.
  void on_congestion(const CongestionEvent& event) { slow_down_to(event.in_flight / 2); }
  /// The same, with the threshold of one who knows better (RFC 8257).
  void slow_down_to(std::uint32_t ssthresh);
  /// The last on_congestion() was a false alarm (RFC 4015 §3).
  void undo();
  void set_cwnd(std::uint32_t cwnd) { cwnd_ = std::clamp(cwnd, mss_, kCwndMax); }
  void set_ssthresh(std::uint32_t ssthresh) { ssthresh_ = ssthresh; }
  /// RFC 5681 §4.1: the connection was idle for longer than an RTO.
  void on_idle(std::uint32_t restart_window) { cwnd_ = std::min(cwnd_, restart_window); }
  void set_mss(std::uint32_t mss) { mss_ = mss; }

  std::uint32_t cwnd() const { return cwnd_; }
  std::uint32_t ssthresh() const { return ssthresh_; }
  bool in_slow_start() const { return cwnd_ < ssthresh_; }

 private:
  std::uint32_t mss_;
  std::uint32_t cwnd_;
  std::uint32_t ssthresh_ = kCwndMax;
  std::uint32_t acked_in_avoidance_ = 0;
  std::uint32_t prior_cwnd_ = 0;
  std::uint32_t prior_ssthresh_ = 0;
};

}  // namespace strata::tcp
