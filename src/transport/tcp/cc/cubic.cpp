#include "transport/tcp/cc/cubic.hpp"

#include <limits>

#include "transport/tcp/cc/cubic_curve.hpp"

namespace strata::tcp {
namespace {

/// Adds amount / divisor bytes to a window; what is less than a byte waits in `fraction`.
void grow(std::uint32_t& window, std::uint32_t& fraction, std::uint64_t amount, std::uint64_t divisor) {
  constexpr int kFractionBits = 24;
  const std::uint64_t rest = (amount % divisor << kFractionBits) / divisor + fraction;
  window = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(window + amount / divisor + (rest >> kFractionBits), kCwndMax));
  fraction = static_cast<std::uint32_t>(rest & ((1U << kFractionBits) - 1));
}

std::int32_t saturated(std::int64_t us) {
  return static_cast<std::int32_t>(std::min<std::int64_t>(us, std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

// Long after all windows are reached the clock may stand still.
void Cubic::Stage::advance(std::uint32_t us) {
  from_plateau_us = saturated(std::int64_t{from_plateau_us} + us);
}

void Cubic::on_ack(const AckEvent& ack) {
  const std::uint32_t elapsed_us = take_time(ack);
  if (auto* hystart = std::get_if<HyStart>(&memory_)) {
    hystart->on_ack(ack);
    if (hystart->is_over()) {  // RFC 9438 §4.10
      ssthresh_ = cwnd_prior_ = cwnd_;
      memory_ = std::monostate();
    }
  }
  // An unused window says nothing about the path, and the time of its disuse does not count (RFC 9438 §4.2).
  if (!ack.cwnd_limited) return;
  stage_.advance(elapsed_us);
  if (auto* undo = std::get_if<Undo>(&memory_)) undo->stage.advance(elapsed_us);
  const std::uint32_t acked = in_slow_start() ? slow_start(ack) : ack.acked;
  if (!in_slow_start()) avoid_congestion(std::min(acked, cwnd_), ack.srtt);
}

// Time since the last ACK. Two round trips without one were idle, and no part of t (RFC 9438 §5.8).
std::uint32_t Cubic::take_time(const AckEvent& ack) {
  const auto now_us = static_cast<std::uint32_t>(ack.now.count_nanos() / 1'000);
  const std::uint32_t elapsed_us = now_us - last_ack_us_;
  last_ack_us_ = now_us;
  if (ack.srtt <= Duration()) return elapsed_us;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(elapsed_us, 2 * ack.srtt.count_micros() + 1));
}

/// Returns the bytes left for congestion avoidance.
std::uint32_t Cubic::slow_start(const AckEvent& ack) {
  // RFC 3465 §2.3: after a time-out an ACK may cover what the peer had all along. Else every byte counts.
  // DEVIATION: RFC 5681 §3.1 allows one segment per ACK; docs/deviations.md#byte-counting.
  const std::uint32_t acked = ack.after_timeout ? std::min(ack.acked, mss_) : ack.acked;
  const auto* hystart = std::get_if<HyStart>(&memory_);
  const std::uint32_t grown = std::min(hystart ? hystart->growth(acked) : acked, ssthresh_ - cwnd_);
  cwnd_ += grown;
  return acked - grown;
}

void Cubic::begin_stage() {
  stage_.w_est = cwnd_;
  w_est_fraction_ = cwnd_fraction_ = 0;
  // RFC 9438 §4.8, §4.10: W_max is not known, or known too well: the plateau is here.
  stage_.w_max = std::max(stage_.w_max, cwnd_);
  const std::uint32_t below = stage_.w_max - cwnd_;
  stage_.from_plateau_us = below == 0 ? 0 : -static_cast<std::int32_t>(time_of_cubic_rise(below, mss_));
}

void Cubic::avoid_congestion(std::uint32_t acked, Duration srtt) {
  if (!stage_.has_begun()) begin_stage();
  // RFC 9438 §4.3: alpha is 9/17, and 1 from where the window was reduced.
  const std::uint64_t alpha_17 = stage_.w_est >= cwnd_prior_ ? 17 : 9;
  grow(stage_.w_est, w_est_fraction_, alpha_17 * acked * mss_, std::uint64_t{17} * cwnd_);
  if (w_cubic(Duration()) < stage_.w_est) {  // the Reno-friendly region, though not faster than slow start
    cwnd_ = std::max(cwnd_, std::min(stage_.w_est, cwnd_ + acked));
    return;
  }
  // RFC 9438 §4.2, §4.4, §4.5.
  const std::uint32_t target = std::clamp(w_cubic(srtt), cwnd_, cwnd_ + cwnd_ / 2);
  grow(cwnd_, cwnd_fraction_, std::uint64_t{target - cwnd_} * acked, cwnd_);
}

/// W_cubic(t + ahead).
std::uint32_t Cubic::w_cubic(Duration ahead) const {
  const std::int32_t x = saturated(stage_.from_plateau_us + ahead.count_micros());
  if (x >= 0) {
    const std::uint64_t rising = cubic_rise(static_cast<std::uint32_t>(x), mss_);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(stage_.w_max + rising, kCwndMax));
  }
  const std::uint64_t missing = cubic_rise(static_cast<std::uint32_t>(-x), mss_);
  return stage_.w_max - static_cast<std::uint32_t>(std::min<std::uint64_t>(missing, stage_.w_max));
}

void Cubic::on_congestion(const CongestionEvent& event) {
  memory_ = Undo{.stage = stage_, .ssthresh = ssthresh_, .cwnd_prior = cwnd_prior_};
  cwnd_prior_ = cwnd_;
  // RFC 9438 §4.6: beta is 0.7.
  const std::uint64_t reduced = std::uint64_t{event.in_flight} * 7 / 10;
  ssthresh_ = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(reduced, 2 * mss_, kCwndMax));
  if (event.kind == CongestionEvent::Kind::timeout) {
    stage_.w_max = 0;  // RFC 9438 §4.8: the next stage has its plateau where it begins
  } else {             // RFC 9438 §4.7: who got less than last time makes room
    const bool less = cwnd_ < stage_.w_max;
    stage_.w_max = less ? static_cast<std::uint32_t>(std::uint64_t{cwnd_} * 17 / 20) : cwnd_;
  }
  stage_.w_est = 0;
}

void Cubic::undo() {
  const auto* held = std::get_if<Undo>(&memory_);
  if (held == nullptr || cwnd_ > cwnd_prior_) return;  // RFC 9438 §4.9.2: what grew beyond it stays
  const Undo undo = *held;
  cwnd_ = cwnd_prior_;
  cwnd_prior_ = undo.cwnd_prior;
  ssthresh_ = undo.ssthresh;
  stage_ = undo.stage;
  if (ssthresh_ == kCwndMax) {
    memory_ = HyStart();  // it was the first slow start, and goes on
  } else {
    memory_ = std::monostate();
  }
}

// RFC 5681 §4.1, after which slow start ends near the old window (RFC 7661 §4.4.3).
void Cubic::on_idle(std::uint32_t restart_window) {
  if (cwnd_ <= restart_window) return;
  ssthresh_ = std::max(ssthresh_, cwnd_ - cwnd_ / 4);
  cwnd_ = restart_window;
  stage_.w_est = 0;
}

void Cubic::set_mss(std::uint32_t mss) {
  mss_ = mss;
  stage_.w_est = 0;  // the curve is in segments: a new one begins at the window of now
}

}  // namespace strata::tcp
