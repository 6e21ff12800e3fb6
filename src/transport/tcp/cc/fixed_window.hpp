// No congestion control: a window that never moves. For tests, and for links that cannot be congested.
#pragma once

#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

class FixedWindow {
 public:
  explicit FixedWindow(std::uint32_t window) : window_(window) {}

  void on_ack(const AckEvent&) {}
  void on_congestion(const CongestionEvent&) {}
  void undo() {}
  void set_cwnd(std::uint32_t) {}
  void set_ssthresh(std::uint32_t) {}
  void on_idle(std::uint32_t) {}
  void set_mss(std::uint32_t) {}
  std::uint32_t cwnd() const { return window_; }
  std::uint32_t ssthresh() const { return window_; }
  bool in_slow_start() const { return false; }

 private:
  std::uint32_t window_;
};

}  // namespace strata::tcp
