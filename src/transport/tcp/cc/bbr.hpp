// BBR, version 3 (draft-ietf-ccwg-bbr): a model of the path, its highest rate and its shortest round trip,
// says how fast to send and how much may be in flight. In whole numbers; rates in bytes per second, gains in
// percent. bbr.cpp has the order of steps, Startup, Drain and ProbeRTT; bbr_cycle.cpp ProbeBW; bbr_loss.cpp
// the answer to loss and marks. Sees events only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "strata/trace.hpp"
#include "transport/tcp/cc/bbr_model.hpp"
#include "transport/tcp/cc/events.hpp"

namespace strata::tcp {

class Bbr {
 public:
  enum class State : std::uint8_t { startup, drain, down, cruise, refill, up, probe_rtt };

  /// `seed`: for the times of probing, which must differ among flows (§5.3.3.8.2).
  Bbr(std::uint32_t mss, std::uint32_t initial_window, std::uint32_t seed)
      : mss_(mss),
        cwnd_(initial_window),
        initial_window_(initial_window),
        first_window_left_(initial_window),
        random_(seed | 1) {}

  // --- The path ---
  /// Of every ACK (§5.2.3). True: it holds back on purpose, so that samples of what leaves now say little.
  bool on_rate(const RateSample& sample);
  /// Of every segment that is held for lost, before the sample of the ACK that said so (§5.2.4).
  void on_lost(const LostSegment& lost);
  /// Something leaves after the application had nothing in flight (§5.4.1).
  void on_restart(Instant now);
  /// All losses are repaired (§5.6.4.4).
  void on_recovery_end() {
    recovering_ = false;
    restore_cwnd();
  }
  /// Before the first sample: the initial window in a round trip (§5.6.2).
  std::uint64_t pacing_rate(Duration srtt) const {
    return pacing_rate_ != 0 ? pacing_rate_ : first_rate(srtt);
  }
  /// What it is about, for the trace.
  Cause phase() const;

  // --- What every controller does (policy.hpp) ---
  void on_ack(const AckEvent&) {}
  void on_congestion(const CongestionEvent& event);
  /// §5.5.11.2: the losses were none.
  void undo();
  void set_cwnd(std::uint32_t cwnd) { cwnd_ = std::clamp(cwnd, mss_, kCwndMax); }
  void set_ssthresh(std::uint32_t) {}
  void on_idle(std::uint32_t) {}  // §5.4.1: pacing makes a restart harmless
  void set_mss(std::uint32_t mss) { mss_ = mss; }
  std::uint32_t cwnd() const { return cwnd_; }
  std::uint32_t ssthresh() const { return kCwndMax; }
  bool in_slow_start() const { return state_ == State::startup; }

  // --- For tests and TCP_CC_INFO ---
  State state() const { return state_; }
  std::uint64_t bandwidth() const { return bw_; }
  std::uint64_t max_bandwidth() const { return max_bw_.value(); }
  Duration min_rtt() const { return min_rtt_.value(); }
  std::uint32_t inflight_longterm() const { return inflight_longterm_; }
  std::uint32_t inflight_shortterm() const { return inflight_shortterm_; }
  std::uint64_t bw_shortterm() const { return bw_shortterm_; }
  std::uint32_t extra_acked() const { return aggregation_.value(); }
  bool full_bandwidth_reached() const { return full_bw_reached_; }
  std::uint32_t pacing_gain() const;  ///< percent
  std::uint32_t cwnd_gain() const;

 private:
  /// Where the ACKs come from, seen from probing for bandwidth.
  enum class AckPhase : std::uint8_t { none, refilling, probe_starting, probe_feedback, probe_stopping };
  static constexpr std::uint32_t kInfinite = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint64_t kInfiniteRate = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::uint32_t kLossPercent = 2;  ///< BBR.LossThresh
  static constexpr std::uint32_t kBetaPercent = 70;

  // bbr.cpp
  void update_round(const RateSample& sample);
  void check_full_bandwidth(const RateSample& sample);
  void check_startup_done(const RateSample& sample);
  void check_drain_done(const RateSample& sample);
  void enter_startup() { state_ = State::startup; }
  void enter_drain();
  void check_probe_rtt(const RateSample& sample);
  void hold_for_min_rtt(const RateSample& sample);
  void end_probe_rtt(Instant now);
  void set_pacing_rate(std::uint32_t gain);
  void set_cwnd(const RateSample& sample);
  void bound_cwnd();
  void reset_full_bandwidth(std::uint64_t baseline);
  void start_round(std::uint32_t delivered) { next_round_delivered_ = delivered; }
  void save_cwnd();
  void restore_cwnd() { cwnd_ = std::max(cwnd_, prior_cwnd_); }
  std::uint64_t first_rate(Duration srtt) const;
  std::uint32_t bdp(std::uint64_t rate, std::uint32_t gain) const;
  std::uint32_t at_least_quanta(std::uint32_t inflight) const;
  std::uint32_t inflight(std::uint64_t rate) const { return at_least_quanta(bdp(rate, 100)); }
  std::uint32_t min_cwnd() const { return 4 * mss_; }  ///< BBR.MinPipeCwnd
  std::uint32_t probe_rtt_cwnd() const { return std::max(bdp(bw_, 50), min_cwnd()); }
  bool probes_bandwidth_cycle() const { return state_ >= State::down && state_ <= State::up; }

  // bbr_cycle.cpp
  void update_cycle(const RateSample& sample);
  bool adapt_longterm_model(const RateSample& sample);
  void start_down(Instant now);
  void start_refill();
  void start_up(const RateSample& sample);
  bool is_time_to_probe(Instant now) const;
  bool is_time_to_cruise(const RateSample& sample) const;
  bool is_time_to_go_down(const RateSample& sample);
  void raise_longterm_slope();
  void probe_longterm_upward(const RateSample& sample);
  std::uint32_t inflight_with_headroom() const;
  std::uint32_t target_inflight() const { return std::min(bdp(bw_, 100), cwnd_); }
  std::uint32_t next_random();

  // bbr_loss.cpp
  void update_latest_signals(const RateSample& sample);
  void adapt_to_congestion();
  void reset_congestion_signals();
  void reset_shortterm_model();
  void note_loss();
  void on_inflight_too_high(std::uint32_t in_flight, bool app_limited, Instant now);
  void leave_startup_for_loss();
  static bool is_too_high(std::uint32_t lost, std::uint32_t in_flight, bool sack) {
    return std::uint64_t{lost} * 100 > std::uint64_t{in_flight} * kLossPercent || (lost > 0 && !sack);
  }

  std::uint32_t mss_;
  std::uint32_t cwnd_;
  std::uint32_t initial_window_;
  std::uint32_t first_window_left_;  ///< until it is delivered no model is to be trusted (§5.6.4.6)
  std::uint32_t random_;
  std::uint32_t prior_cwnd_ = 0;

  // The path, and what it may carry.
  MaxBandwidth max_bw_;
  MinRtt min_rtt_;
  AckAggregation aggregation_;
  std::uint64_t bw_ = 0;
  std::uint64_t pacing_rate_ = 0;
  std::uint64_t bw_shortterm_ = kInfiniteRate;
  std::uint32_t inflight_shortterm_ = kInfinite;
  std::uint32_t inflight_longterm_ = kInfinite;

  // Round trips, counted by what is delivered (§5.5.1).
  std::uint32_t next_round_delivered_ = 0;
  std::uint32_t round_count_ = 0;
  std::uint32_t delivered_ = 0;  ///< as the last event told
  std::uint32_t drain_start_round_ = 0;

  // Is the pipe full (§5.3.1.2)?
  std::uint64_t full_bw_ = 0;
  std::uint8_t full_bw_count_ = 0;

  // Losses of this round.
  std::uint64_t bw_latest_ = 0;
  std::uint32_t inflight_latest_ = 0;
  std::uint32_t loss_round_delivered_ = 0;
  std::uint8_t loss_ranges_ = 0;

  // The cycle of probing.
  Instant cycle_at_;
  Duration probe_wait_;
  Instant probe_rtt_until_;  ///< zero: the queue is not drained yet
  std::uint32_t probe_up_acked_ = 0;
  std::uint32_t acked_per_increase_ = kInfinite;
  std::uint32_t rounds_since_up_ = 0;
  std::uint8_t up_rounds_ = 0;

  // What a false alarm gives back (§5.5.11).
  std::uint64_t undo_bw_shortterm_ = 0;
  std::uint32_t undo_inflight_shortterm_ = 0;
  std::uint32_t undo_inflight_longterm_ = 0;
  State undo_state_ = State::drain;  ///< startup or up; anything else: stay

  State state_ = State::startup;
  AckPhase ack_phase_ = AckPhase::none;
  bool round_start_ = false;
  bool loss_round_start_ = false;
  bool loss_in_round_ = false;
  bool full_bw_reached_ = false;  ///< once
  bool full_bw_now_ = false;      ///< since it was last looked for
  bool probe_sample_ = false;     ///< samples come from probing
  bool prev_probe_too_high_ = false;
  bool prev_probe_precautionary_ = false;
  bool probe_rtt_round_done_ = false;
  bool idle_restart_ = false;
  bool recovering_ = false;
};

}  // namespace strata::tcp
