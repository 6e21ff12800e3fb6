// How BBR answers loss and marks (draft-ietf-ccwg-bbr §5.5.10), and how it takes the answer back (§5.5.11).
#include "transport/tcp/cc/bbr.hpp"

namespace strata::tcp {

/// Near the start of an ACK.
void Bbr::update_latest_signals(const RateSample& sample) {
  bw_latest_ = std::max(bw_latest_, sample.delivery_rate);
  inflight_latest_ = std::max(inflight_latest_, sample.delivered);
  loss_round_start_ = static_cast<std::int32_t>(sample.prior_delivered - loss_round_delivered_) >= 0;
  if (loss_round_start_) loss_round_delivered_ = delivered_;
}

/// Once in a round with losses, unless they are what probing is for: down to what was delivered, by no more
/// than CUBIC.
void Bbr::adapt_to_congestion() {
  if (!loss_round_start_) return;
  const bool is_probing = state_ == State::startup || state_ == State::refill || state_ == State::up;
  if (!is_probing && loss_in_round_) {
    if (bw_shortterm_ == kInfiniteRate) bw_shortterm_ = max_bw_.value();
    if (inflight_shortterm_ == kInfinite) inflight_shortterm_ = cwnd_;
    bw_shortterm_ = std::max(bw_latest_, percent_of(bw_shortterm_, kBetaPercent));
    inflight_shortterm_ =
        std::max(inflight_latest_, static_cast<std::uint32_t>(percent_of(inflight_shortterm_, kBetaPercent)));
  }
  loss_in_round_ = false;
}

void Bbr::reset_congestion_signals() {
  loss_in_round_ = false;
  bw_latest_ = 0;
  inflight_latest_ = 0;
}

void Bbr::reset_shortterm_model() {
  bw_shortterm_ = kInfiniteRate;
  inflight_shortterm_ = kInfinite;
}

void Bbr::note_loss() {
  if (!loss_in_round_) loss_round_delivered_ = delivered_;
  loss_in_round_ = true;
  save_cwnd();
  if (recovering_) return;  // an alarm is taken back as a whole, so what was before it is what counts
  undo_state_ = State::drain;
  undo_bw_shortterm_ = bw_shortterm_;
  undo_inflight_shortterm_ = inflight_shortterm_;
  undo_inflight_longterm_ = inflight_longterm_;
}

void Bbr::on_lost(const LostSegment& lost) {
  delivered_ = lost.total_delivered;
  note_loss();
  recovering_ = true;
  if (!lost.continues && loss_ranges_ < 0xff) ++loss_ranges_;
  if (!probe_sample_ || !is_too_high(lost.lost, lost.tx_in_flight, lost.sack)) return;
  // Within which part of this segment did losses pass the threshold? The segment may be a large one.
  const std::uint32_t before = lost.tx_in_flight - std::min(lost.tx_in_flight, lost.size);
  const std::uint32_t lost_before = lost.lost - lost.size;
  const std::uint64_t allowed = std::uint64_t{before} * kLossPercent;
  const std::uint64_t used = std::uint64_t{lost_before} * 100;
  const std::uint64_t prefix = allowed > used ? (allowed - used) / (100 - kLossPercent) : 0;
  on_inflight_too_high(before + static_cast<std::uint32_t>(prefix), lost.app_limited, lost.now);
}

void Bbr::on_inflight_too_high(std::uint32_t in_flight, bool app_limited, Instant now) {
  prev_probe_too_high_ = true;
  probe_sample_ = false;  // one answer for each probe
  if (!app_limited) {
    const auto least = static_cast<std::uint32_t>(percent_of(target_inflight(), kBetaPercent));
    inflight_longterm_ = std::max(in_flight, least);
  }
  if (state_ != State::up) return;
  undo_state_ = State::up;
  start_down(now);
}

void Bbr::leave_startup_for_loss() {
  undo_state_ = State::startup;
  full_bw_reached_ = full_bw_now_ = true;
  inflight_longterm_ = std::max(bdp(bw_, 100), inflight_latest_);
}

/// DEVIATION: docs/deviations.md#bbr. §3.7: the draft leaves the answer to marks open, but asks for one. A
/// mark counts as a loss that needs no repair; while probing, as one too many, for a path that marks says so
/// before it loses anything.
void Bbr::on_congestion(const CongestionEvent& event) {
  note_loss();
  if (event.kind != CongestionEvent::Kind::ecn) {
    recovering_ = true;
    return;
  }
  if (state_ == State::startup && !full_bw_reached_) {
    leave_startup_for_loss();
    enter_drain();
  } else if (probe_sample_) {
    on_inflight_too_high(event.in_flight, false, event.now);
  }
}

void Bbr::undo() {
  recovering_ = false;
  restore_cwnd();
  loss_in_round_ = false;
  reset_full_bandwidth(0);
  bw_shortterm_ = std::max(bw_shortterm_, undo_bw_shortterm_);
  inflight_shortterm_ = std::max(inflight_shortterm_, undo_inflight_shortterm_);
  inflight_longterm_ = std::max(inflight_longterm_, undo_inflight_longterm_);
  const State before = undo_state_;
  undo_state_ = State::drain;
  if (before == State::startup && state_ != State::startup) {
    full_bw_reached_ = false;
    if (state_ != State::probe_rtt) enter_startup();
  } else if (before == State::up && state_ != State::up && state_ != State::probe_rtt) {
    start_refill();
  }
}

}  // namespace strata::tcp
