// DCTCP (RFC 8257): slows down in proportion to the share of bytes that were marked; in all else NewReno. For
// networks whose queues mark early and whose other flows do the same. Sees events only.
#pragma once

#include <cstdint>

#include "transport/tcp/cc/events.hpp"
#include "transport/tcp/cc/new_reno.hpp"

namespace strata::tcp {

class Dctcp {
 public:
  Dctcp(std::uint32_t mss, std::uint32_t initial_window) : reno_(mss, initial_window) {}

  void on_ack(const AckEvent& ack);
  /// Marks: RFC 8257 §3.3, once in a window because the caller tells of them once. Loss: §3.5, as any TCP.
  void on_congestion(const CongestionEvent& event);
  void undo() { reno_.undo(); }
  void set_cwnd(std::uint32_t cwnd) { reno_.set_cwnd(cwnd); }
  void set_ssthresh(std::uint32_t ssthresh) { reno_.set_ssthresh(ssthresh); }
  void on_idle(std::uint32_t restart_window) { reno_.on_idle(restart_window); }
  void set_mss(std::uint32_t mss) { reno_.set_mss(mss); }

  std::uint32_t cwnd() const { return reno_.cwnd(); }
  std::uint32_t ssthresh() const { return reno_.ssthresh(); }
  bool in_slow_start() const { return reno_.in_slow_start(); }

  /// The estimated share of marked bytes is alpha() / kOne.
  std::uint32_t alpha() const { return alpha_; }
  static constexpr std::uint32_t kOne = 1U << 20;

 private:
  void update_alpha();

  NewReno reno_;
  SeqNum window_end_;
  std::uint32_t alpha_ = kOne;  ///< RFC 8257 §3.3: who has seen nothing yet expects the worst
  std::uint32_t bytes_acked_ = 0;
  std::uint32_t bytes_marked_ = 0;
  bool began_ = false;
};

}  // namespace strata::tcp
