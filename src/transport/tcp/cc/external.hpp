// A controller that the application brought (strata/congestion_control.hpp), behind its table of functions.
// What it says is bounded: a window is never below a segment, nor beyond what can be announced.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "strata/congestion_control.hpp"
#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

class External {
 public:
  External(const ExternalController& table, std::uint32_t mss, std::uint32_t initial_window)
      : table_(&table), window_{.cwnd = initial_window, .ssthresh = kCwndMax, .mss = mss} {
    table.begin(state_.data(), window_);
    bound();
  }

  void on_ack(const AckEvent& ack) {
    table_->on_ack(state_.data(), window_,
                   {.now = ack.now,
                    .acked = ack.acked,
                    .ecn_marked = ack.ecn_marked,
                    .in_flight = ack.in_flight,
                    .rtt = ack.rtt,
                    .srtt = ack.srtt,
                    .min_rtt = ack.min_rtt,
                    .cwnd_limited = ack.cwnd_limited});
    bound();
  }
  void on_congestion(const CongestionEvent& event) {
    using enum CongestionEvent::Kind;
    const ControllerSignal signal = event.kind == loss      ? ControllerSignal::loss
                                    : event.kind == timeout ? ControllerSignal::timeout
                                                            : ControllerSignal::ecn;
    table_->on_congestion(state_.data(), window_, signal, event.in_flight);
    bound();
  }
  void undo() {
    table_->undo(state_.data(), window_);
    bound();
  }
  void set_cwnd(std::uint32_t cwnd) {
    window_.cwnd = cwnd;
    bound();
  }
  void set_ssthresh(std::uint32_t ssthresh) { window_.ssthresh = ssthresh; }
  void on_idle(std::uint32_t restart_window) { window_.cwnd = std::min(window_.cwnd, restart_window); }
  void set_mss(std::uint32_t mss) { window_.mss = mss; }
  std::uint32_t cwnd() const { return window_.cwnd; }
  std::uint32_t ssthresh() const { return window_.ssthresh; }
  bool in_slow_start() const { return window_.cwnd < window_.ssthresh; }

 private:
  void bound() {
    window_.cwnd = std::clamp(window_.cwnd, window_.mss, kCwndMax);
    window_.ssthresh = std::clamp(window_.ssthresh, 2 * window_.mss, kCwndMax);
  }

  const ExternalController* table_;
  ControllerWindow window_;
  alignas(std::uint64_t) std::array<std::byte, kControllerState> state_{};
};

}  // namespace strata::tcp
