// What BBR knows about a path (draft-ietf-ccwg-bbr §5.5): the highest rate of late, the shortest round trip
// of late, and how far ACKs come in bunches. Pure arithmetic on samples; bbr.cpp draws the conclusions.
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/time.hpp"
#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

/// So many percent of `value`.
constexpr std::uint64_t percent_of(std::uint64_t value, std::uint32_t percent) {
  return value / 100 * percent + value % 100 * percent / 100;
}

/// Bytes that a path of this rate and this round-trip time holds; no more than a window can be.
constexpr std::uint32_t bandwidth_delay(std::uint64_t bytes_per_second, Duration rtt) {
  const auto rtt_us = static_cast<std::uint64_t>(std::max<std::int64_t>(rtt.count_micros(), 1));
  constexpr std::uint64_t kMost = std::uint64_t{kCwndMax} * 1'000'000;
  if (bytes_per_second >= kMost / rtt_us) return kCwndMax;
  return static_cast<std::uint32_t>(bytes_per_second * rtt_us / 1'000'000);
}

/// BBR.max_bw: the maximum over this cycle of probing and the one before (§5.5.3).
class MaxBandwidth {
 public:
  void update(std::uint64_t rate) { current_ = std::max(current_, rate); }
  /// A new cycle. One without a sample is none: what was known before it stays.
  void advance() {
    if (current_ == 0) return;
    previous_ = current_;
    current_ = 0;
  }
  std::uint64_t value() const { return std::max(current_, previous_); }

 private:
  std::uint64_t current_ = 0;
  std::uint64_t previous_ = 0;
};

/// BBR.min_rtt, and when the path has to be drained to measure it anew (§5.3.4.3).
class MinRtt {
 public:
  /// Of each ACK; `rtt` zero: it measured none.
  void update(Instant now, Duration rtt) {
    is_stale_ = probe_delay_ > Duration{} && now - probe_at_ > kProbeInterval;
    if (rtt > Duration{} && (probe_delay_ == Duration{} || rtt < probe_delay_ || is_stale_)) {
      probe_delay_ = rtt;
      probe_at_ = now;
    }
    if (probe_delay_ == Duration{}) return;
    if (value_ == Duration{} || probe_delay_ < value_ || now - value_at_ > kFilterLength) {
      value_ = probe_delay_;
      value_at_ = probe_at_;
    }
  }
  /// The path was drained: the next time is an interval away.
  void on_probed(Instant now) { probe_at_ = now; }

  bool is_known() const { return value_ > Duration{}; }
  Duration value() const { return value_; }
  /// Nothing as short was seen for an interval, before the last update: time to drain the path.
  bool is_stale() const { return is_stale_; }

 private:
  static constexpr Duration kFilterLength = Duration::seconds(10);
  static constexpr Duration kProbeInterval = Duration::seconds(5);

  Duration value_;
  Instant value_at_;
  Duration probe_delay_;  ///< the least since the last probe
  Instant probe_at_;
  bool is_stale_ = false;
};

/// BBR.extra_acked: by how much ACKs run ahead of the rate (§5.5.9). The maximum over `rounds` round trips is
/// kept in two halves, as Linux does.
class AckAggregation {
 public:
  struct Ack {
    Instant now;
    std::uint64_t rate;  ///< expected: BBR.bw
    std::uint32_t newly_acked;
    std::uint32_t cwnd;
    std::uint32_t round;   ///< counts round trips
    std::uint32_t rounds;  ///< for how many a maximum is kept
  };
  void update(const Ack& ack) {
    const std::uint32_t half = std::max(ack.rounds / 2, 1U);
    if (ack.round - round_ >= half) {
      round_ = ack.round;
      previous_ = ack.rounds > 1 ? current_ : 0;
      current_ = 0;
    }
    std::uint32_t expected = bandwidth_delay(ack.rate, ack.now - start_);
    if (delivered_ <= expected) {
      delivered_ = expected = 0;
      start_ = ack.now;
    }
    delivered_ = std::min(delivered_ + ack.newly_acked, kCwndMax);
    const std::uint32_t extra = delivered_ > expected ? delivered_ - expected : 0;
    current_ = std::max(current_, std::min(extra, ack.cwnd));
  }
  void restart(Instant now) { start_ = now; }
  std::uint32_t value() const { return std::max(current_, previous_); }

 private:
  Instant start_;
  std::uint32_t delivered_ = 0;  ///< since then
  std::uint32_t round_ = 0;
  std::uint32_t current_ = 0;
  std::uint32_t previous_ = 0;
};

}  // namespace strata::tcp
