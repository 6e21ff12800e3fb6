#include "transport/tcp/cc/bbr.hpp"

#include "transport/tcp/pacer.hpp"

namespace strata::tcp {
namespace {

constexpr Duration kProbeRttDuration = Duration::millis(200);
constexpr std::uint32_t kStartupGain = 277;
constexpr std::uint32_t kMarginPercent = 99;  // BBR.PacingMarginPercent below the rate
constexpr std::uint8_t kFullBandwidthRounds = 3;
constexpr std::uint8_t kLossRanges = 6;  // BBRStartupFullLossCnt
constexpr std::uint32_t kDrainRounds = 3;
constexpr std::uint32_t kAggregationRounds = 10;  // BBR.ExtraAckedFilterLen

}  // namespace

// draft-ietf-ccwg-bbr §5.2.3: the order of the steps is the draft's.
bool Bbr::on_rate(const RateSample& sample) {
  delivered_ = sample.total_delivered;
  if (pacing_rate_ == 0) pacing_rate_ = first_rate(sample.srtt);
  if (!sample.has_data) return state_ == State::probe_rtt;
  update_latest_signals(sample);
  update_round(sample);
  if (sample.delivery_rate >= max_bw_.value() || !sample.app_limited) max_bw_.update(sample.delivery_rate);
  adapt_to_congestion();
  aggregation_.update({.now = sample.now,
                       .rate = bw_,
                       .newly_acked = sample.newly_acked,
                       .cwnd = cwnd_,
                       .round = round_count_,
                       .rounds = full_bw_reached_ ? kAggregationRounds : 1});
  check_full_bandwidth(sample);
  check_startup_done(sample);
  check_drain_done(sample);
  update_cycle(sample);
  min_rtt_.update(sample.now, sample.rtt);
  check_probe_rtt(sample);
  if (loss_round_start_) {
    bw_latest_ = sample.delivery_rate;
    inflight_latest_ = sample.delivered;
  }
  bw_ = std::min(max_bw_.value(), bw_shortterm_);
  set_pacing_rate(pacing_gain());
  set_cwnd(sample);
  return state_ == State::probe_rtt;
}

/// §5.6.1: what each state asks for.
std::uint32_t Bbr::pacing_gain() const {
  switch (state_) {
    case State::startup: return kStartupGain;
    case State::drain: return 50;
    case State::down: return 90;
    case State::up: return 125;
    case State::cruise:
    case State::refill:
    case State::probe_rtt: break;
  }
  return 100;
}

std::uint32_t Bbr::cwnd_gain() const {
  if (state_ == State::probe_rtt) return 50;
  return state_ == State::up ? 225 : 200;
}

Cause Bbr::phase() const {
  switch (state_) {
    case State::startup: return Cause::bbr_startup;
    case State::drain: return Cause::bbr_drain;
    case State::down: return Cause::bbr_down;
    case State::cruise: return Cause::bbr_cruise;
    case State::refill: return Cause::bbr_refill;
    case State::up: return Cause::bbr_up;
    case State::probe_rtt: break;
  }
  return Cause::bbr_probe_rtt;
}

// §5.5.1.
void Bbr::update_round(const RateSample& sample) {
  round_start_ = static_cast<std::int32_t>(sample.prior_delivered - next_round_delivered_) >= 0;
  if (!round_start_) return;
  start_round(delivered_);
  ++round_count_;
  ++rounds_since_up_;
}

// §5.3.1.2: three rounds without much growth, and none of them for want of data.
void Bbr::check_full_bandwidth(const RateSample& sample) {
  if (full_bw_now_ || !round_start_ || sample.app_limited || sample.delivery_rate == 0) return;
  if (sample.delivery_rate >= percent_of(full_bw_, 125)) return reset_full_bandwidth(sample.delivery_rate);
  ++full_bw_count_;
  full_bw_now_ = full_bw_count_ >= kFullBandwidthRounds;
  if (full_bw_now_) full_bw_reached_ = true;
}

void Bbr::reset_full_bandwidth(std::uint64_t baseline) {
  full_bw_ = baseline;
  full_bw_count_ = 0;
  full_bw_now_ = false;
}

// §5.3.1.3: or a round of recovery that lost too much in too many places.
void Bbr::check_startup_done(const RateSample& sample) {
  if (!full_bw_reached_ && sample.recovering) {
    const bool a_round_of_it = loss_round_start_ && loss_ranges_ >= kLossRanges &&
                               is_too_high(sample.lost, sample.tx_in_flight, sample.sack);
    if (a_round_of_it || (!sample.sack && loss_in_round_)) leave_startup_for_loss();
  }
  if (loss_round_start_) loss_ranges_ = 0;
  if (state_ == State::startup && full_bw_reached_) enter_drain();
}

// §5.3.2.
void Bbr::enter_drain() {
  state_ = State::drain;
  drain_start_round_ = round_count_;
}

void Bbr::check_drain_done(const RateSample& sample) {
  if (state_ != State::drain) return;
  const bool is_late = round_count_ > drain_start_round_ + kDrainRounds;
  if (is_late || sample.in_flight <= inflight(bw_)) start_down(sample.now);
}

// §5.3.4.3.
void Bbr::check_probe_rtt(const RateSample& sample) {
  if (state_ != State::probe_rtt && min_rtt_.is_stale() && !idle_restart_) {
    save_cwnd();
    state_ = State::probe_rtt;
    probe_rtt_until_ = Instant();
    ack_phase_ = AckPhase::probe_stopping;
    start_round(delivered_);
  }
  if (state_ == State::probe_rtt) hold_for_min_rtt(sample);
  if (sample.delivered > 0) idle_restart_ = false;
}

void Bbr::hold_for_min_rtt(const RateSample& sample) {
  if (probe_rtt_until_ == Instant()) {
    if (sample.in_flight > probe_rtt_cwnd()) return;
    probe_rtt_until_ = sample.now + kProbeRttDuration;
    probe_rtt_round_done_ = false;
    return start_round(delivered_);
  }
  if (round_start_) probe_rtt_round_done_ = true;
  if (probe_rtt_round_done_) end_probe_rtt(sample.now);
}

// §5.3.4.4: in flight is already less than the path holds, so the wait in ProbeBW_DOWN is skipped.
void Bbr::end_probe_rtt(Instant now) {
  if (probe_rtt_until_ == Instant() || now <= probe_rtt_until_) return;
  min_rtt_.on_probed(now);
  restore_cwnd();
  reset_shortterm_model();
  if (!full_bw_reached_) return enter_startup();
  start_down(now);
  state_ = State::cruise;
}

void Bbr::on_restart(Instant now) {
  idle_restart_ = true;
  aggregation_.restart(now);
  if (probes_bandwidth_cycle()) {
    set_pacing_rate(100);
  } else if (state_ == State::probe_rtt) {
    end_probe_rtt(now);
  }
}

// §5.6.2.
std::uint64_t Bbr::first_rate(Duration srtt) const {
  const Duration round = srtt > Duration{} ? srtt : Duration::millis(1);
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(round.count_micros(), 1));
  return percent_of(std::uint64_t{initial_window_} * 1'000'000 / us, kStartupGain);
}

void Bbr::set_pacing_rate(std::uint32_t gain) {
  const std::uint64_t rate = percent_of(percent_of(bw_, gain), kMarginPercent);
  if (rate == 0) return;
  if (full_bw_reached_ || rate > pacing_rate_) pacing_rate_ = rate;
}

// §5.6.4.2.
std::uint32_t Bbr::bdp(std::uint64_t rate, std::uint32_t gain) const {
  if (!min_rtt_.is_known()) return initial_window_;
  const std::uint64_t bytes = percent_of(bandwidth_delay(rate, min_rtt_.value()), gain);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, kCwndMax));
}

std::uint32_t Bbr::at_least_quanta(std::uint32_t inflight) const {
  const std::uint32_t offload_budget = 3 * send_quantum(pacing_rate_, mss_);
  return std::max({inflight, offload_budget, min_cwnd()}) + (state_ == State::up ? 2 * mss_ : 0);
}

// §5.6.4.6: no faster up than what was delivered, and down at once.
void Bbr::set_cwnd(const RateSample& sample) {
  const std::uint32_t most = at_least_quanta(bdp(bw_, cwnd_gain()) + aggregation_.value());
  const std::uint32_t grown = std::min(cwnd_ + sample.newly_acked, kCwndMax);
  if (full_bw_reached_) {
    cwnd_ = std::min(grown, most);
  } else if (cwnd_ < most || first_window_left_ > 0) {
    cwnd_ = grown;
  }
  first_window_left_ -= std::min(first_window_left_, sample.newly_acked);
  cwnd_ = std::max(cwnd_, min_cwnd());
  if (state_ == State::probe_rtt) cwnd_ = std::min(cwnd_, probe_rtt_cwnd());
  bound_cwnd();
}

// §5.6.4.7.
void Bbr::bound_cwnd() {
  std::uint32_t cap = kInfinite;
  if (state_ == State::probe_rtt || state_ == State::cruise) {
    cap = inflight_with_headroom();
  } else if (probes_bandwidth_cycle()) {
    cap = inflight_longterm_;
  }
  cwnd_ = std::min(cwnd_, std::max(std::min(cap, inflight_shortterm_), min_cwnd()));
}

// §5.6.4.4: the last window that neither a loss nor ProbeRTT had a hand in.
void Bbr::save_cwnd() {
  const bool is_free = !recovering_ && state_ != State::probe_rtt;
  prior_cwnd_ = is_free ? cwnd_ : std::max(prior_cwnd_, cwnd_);
}

}  // namespace strata::tcp
