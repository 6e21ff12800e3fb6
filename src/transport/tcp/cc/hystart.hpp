// HyStart++ (RFC 9406): leaves the first slow start when the round-trip time begins to rise, before the queue
// overflows. Whose slow start it is asks growth() for each ACK and is_over() after it. Sees events only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

class HyStart {
 public:
  /// RFC 9406 §4.2. To be told of every ACK of the first slow start, whether it grows the window or not.
  void on_ack(const AckEvent& ack) {
    if (!began_) begin_round(ack.snd_nxt);
    sample(ack.rtt);
    if (samples_ >= kSamples) judge(ack.cwnd_limited);
    if (ack.snd_una.before(window_end_)) return;
    if (in_css() && ack.cwnd_limited) ++css_rounds_;
    begin_round(ack.snd_nxt);
  }

  /// What slow start may add for `acked` bytes. RFC 9406 §4.3: L, the limit for each ACK, is infinite for a
  /// sender that paces; without pacing it would be 8 segments.
  std::uint32_t growth(std::uint32_t acked) const { return in_css() ? acked / kCssGrowthDivisor : acked; }
  /// In Conservative Slow Start: perhaps at the end of the path's capacity.
  bool in_css() const { return css_baseline_min_us_ != kInfinite; }
  /// The delay did not fall again: congestion avoidance begins.
  bool is_over() const { return css_rounds_ >= kCssRounds; }

 private:
  static constexpr std::uint32_t kInfinite = std::numeric_limits<std::uint32_t>::max();
  // RFC 9406 §4.3.
  static constexpr std::uint32_t kMinRttThreshUs = 4'000;
  static constexpr std::uint32_t kMaxRttThreshUs = 16'000;
  static constexpr std::uint32_t kMinRttDivisor = 8;
  static constexpr std::uint8_t kSamples = 8;
  static constexpr std::uint32_t kCssGrowthDivisor = 4;
  static constexpr std::uint8_t kCssRounds = 5;

  void begin_round(SeqNum snd_nxt) {
    began_ = true;
    window_end_ = snd_nxt;
    last_round_min_us_ = current_round_min_us_;
    current_round_min_us_ = kInfinite;
    samples_ = 0;
  }

  void sample(Duration rtt) {
    if (rtt <= Duration()) return;
    const auto us = static_cast<std::uint32_t>(std::min<std::int64_t>(rtt.count_micros(), kInfinite - 1));
    current_round_min_us_ = std::min(current_round_min_us_, us);
    samples_ = std::min<std::uint8_t>(samples_, kSamples - 1) + 1;
  }

  void judge(bool cwnd_limited) {
    if (in_css()) {
      if (current_round_min_us_ < css_baseline_min_us_) resume_slow_start();
    } else if (cwnd_limited && delay_rose()) {  // a delay that rises while we hold back is not our queue
      css_baseline_min_us_ = current_round_min_us_;
    }
  }

  bool delay_rose() const {
    if (last_round_min_us_ == kInfinite) return false;
    const std::uint32_t threshold =
        std::clamp(last_round_min_us_ / kMinRttDivisor, kMinRttThreshUs, kMaxRttThreshUs);
    return current_round_min_us_ >= std::uint64_t{last_round_min_us_} + threshold;
  }

  void resume_slow_start() {
    css_baseline_min_us_ = kInfinite;
    css_rounds_ = 0;
  }

  std::uint32_t last_round_min_us_ = kInfinite;
  std::uint32_t current_round_min_us_ = kInfinite;
  std::uint32_t css_baseline_min_us_ = kInfinite;
  SeqNum window_end_;
  std::uint8_t samples_ = 0;
  std::uint8_t css_rounds_ = 0;
  bool began_ = false;
};

}  // namespace strata::tcp
