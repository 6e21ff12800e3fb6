// ProbeBW (draft-ietf-ccwg-bbr §5.3.3): down, cruise, refill, up, and again.
#include "transport/tcp/cc/bbr.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kHeadroomPercent = 15;
constexpr std::uint32_t kRenoRounds = 63;
constexpr Duration kProbeWait = Duration::seconds(2);
constexpr std::uint32_t kProbeWaitSpreadUs = 1'000'000;
constexpr std::uint8_t kUpRoundsMax = 30;

}  // namespace

void Bbr::update_cycle(const RateSample& sample) {
  if (!full_bw_reached_) return;
  if (adapt_longterm_model(sample)) return;
  switch (state_) {
    case State::down:
      if (is_time_to_probe(sample.now)) return start_refill();
      if (is_time_to_cruise(sample)) state_ = State::cruise;
      return;
    case State::cruise:
      if (is_time_to_probe(sample.now)) start_refill();
      return;
    case State::refill:
      if (!round_start_) return;
      probe_sample_ = true;
      return start_up(sample);
    case State::up:
      if (!is_time_to_go_down(sample)) return;
      prev_probe_too_high_ = false;  // not yet
      return start_down(sample.now);
    default: return;
  }
}

/// What the ACKs of a probe say in the end. True: the next state is decided.
bool Bbr::adapt_longterm_model(const RateSample& sample) {
  if (ack_phase_ == AckPhase::probe_starting && round_start_) ack_phase_ = AckPhase::probe_feedback;
  if (ack_phase_ == AckPhase::probe_stopping && round_start_) {
    probe_sample_ = false;
    ack_phase_ = AckPhase::none;
    if (probes_bandwidth_cycle() && !sample.app_limited) max_bw_.advance();
    // The careful probe did no harm: now a bold one.
    if (probes_bandwidth_cycle() && prev_probe_precautionary_ && !prev_probe_too_high_) {
      start_refill();
      return true;
    }
  }
  if (is_too_high(sample.lost, sample.tx_in_flight, sample.sack)) return false;
  if (inflight_longterm_ == kInfinite) return false;
  inflight_longterm_ = std::max(inflight_longterm_, sample.tx_in_flight);
  if (state_ == State::up) probe_longterm_upward(sample);
  return false;
}

void Bbr::start_down(Instant now) {
  reset_congestion_signals();
  acked_per_increase_ = kInfinite;
  rounds_since_up_ = next_random() & 1;
  probe_wait_ = kProbeWait + Duration::micros(next_random() % kProbeWaitSpreadUs);
  cycle_at_ = now;
  ack_phase_ = AckPhase::probe_stopping;
  start_round(delivered_);
  state_ = State::down;
}

void Bbr::start_refill() {
  reset_shortterm_model();
  up_rounds_ = 0;
  probe_up_acked_ = 0;
  prev_probe_precautionary_ = false;
  ack_phase_ = AckPhase::refilling;
  start_round(delivered_);
  state_ = State::refill;
}

void Bbr::start_up(const RateSample& sample) {
  ack_phase_ = AckPhase::probe_starting;
  start_round(delivered_);
  reset_full_bandwidth(sample.delivery_rate);
  state_ = State::up;
  raise_longterm_slope();
}

bool Bbr::is_time_to_probe(Instant now) const {
  // §5.3.3.8.2: not more often than Reno would lose something, on a path on which Reno does well.
  const std::uint32_t target = std::max(target_inflight(), min_cwnd());
  const std::uint32_t reno_rounds = std::min(target / mss_, kRenoRounds);
  return now - cycle_at_ > probe_wait_ || rounds_since_up_ >= reno_rounds;
}

bool Bbr::is_time_to_cruise(const RateSample& sample) const {
  return sample.in_flight <= inflight_with_headroom() && sample.in_flight <= inflight(max_bw_.value());
}

bool Bbr::is_time_to_go_down(const RateSample& sample) {
  if (prev_probe_too_high_ && sample.in_flight >= inflight_longterm_) {
    prev_probe_precautionary_ = true;
    return true;
  }
  if (sample.cwnd_limited && cwnd_ >= inflight_longterm_) {
    reset_full_bandwidth(sample.delivery_rate);  // it is the bound that keeps the rate down, not the path
    return false;
  }
  return full_bw_now_;
}

/// The bound rises by 1, 2, 4 ... segments in each round of a probe.
void Bbr::raise_longterm_slope() {
  acked_per_increase_ = std::max(cwnd_ >> up_rounds_, mss_);
  up_rounds_ = std::min<std::uint8_t>(up_rounds_ + 1, kUpRoundsMax);
}

void Bbr::probe_longterm_upward(const RateSample& sample) {
  if (!sample.cwnd_limited || cwnd_ < inflight_longterm_) return;
  probe_up_acked_ += sample.newly_acked;
  const std::uint32_t increases = probe_up_acked_ / acked_per_increase_;
  probe_up_acked_ -= increases * acked_per_increase_;
  inflight_longterm_ = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(inflight_longterm_ + std::uint64_t{increases} * mss_, kCwndMax));
  if (round_start_) raise_longterm_slope();
}

/// Room for others.
std::uint32_t Bbr::inflight_with_headroom() const {
  if (inflight_longterm_ == kInfinite) return kInfinite;
  const auto headroom = static_cast<std::uint32_t>(percent_of(inflight_longterm_, kHeadroomPercent));
  return std::max(inflight_longterm_ - std::min(inflight_longterm_, std::max(headroom, mss_)), min_cwnd());
}

/// Marsaglia's xorshift (2003).
std::uint32_t Bbr::next_random() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 17;
  random_ ^= random_ << 5;
  return random_;
}

}  // namespace strata::tcp
