#include "transport/tcp/recovery.hpp"

#include <algorithm>

#include "transport/tcp/congestion_marks.hpp"
#include "transport/tcp/path_model.hpp"
#include "transport/tcp/path_mtu.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kDuplicateThreshold = 3;  // RFC 5681 §3.2

/// RFC 2883 §4: the first block lies below the ACK, or inside of the second.
bool reports_duplicate(const Tcb& tcb, const Segment& segment) {
  const TcpOptions& options = segment.options;
  if (options.sack_count == 0) return false;
  const SeqRange& first = options.sack[0];
  if (!first.begin.before(first.end) || first.size() > tcb.snd_wnd_max) return false;
  if (first.end.at_or_before(segment.ack)) return true;
  return options.sack_count > 1 && first.begin.at_or_after(options.sack[1].begin) &&
         first.end.at_or_before(options.sack[1].end);
}

/// Our timestamp came back, and it is older than this transmission.
bool echo_is_older(const Tcb& tcb, const Segment& segment, const TransmitRecord& record) {
  if (!tcb.timestamps_on || !segment.options.timestamps) return false;
  const std::uint32_t sent = timestamp_value(record.sent, tcb.ts_offset);
  return static_cast<std::int32_t>(segment.options.timestamps->echo - sent) < 0;
}

Rack::Situation situation(const Tcb& tcb, const Context& context) {
  return {.now = context.now,
          .srtt = tcb.rtt.srtt(),
          .min_rtt = tcb.rtt.min_rtt(),
          .recovering = tcb.loss.repairs(),
          .enough_sacks = tcb.loss.board.sacked_count() >= kDuplicateThreshold};
}

/// SACK: what was sent before something that has arrived, and long enough ago, is lost.
void detect_loss(Tcb& tcb, const Context& context) {
  const Duration wait = tcb.loss.rack.detect_loss(tcb.loss.board, situation(tcb, context));
  if (wait > Duration{}) {
    arm(tcb, context, Timer::reordering, wait);
  } else {
    tcb.timers.stop(Timer::reordering);
  }
}

/// Without SACK a duplicate ACK says that some segment arrived, and an ACK of several that those had been
/// counted.
void count_duplicates(Tcb& tcb, const AckReport& report) {
  LossRecovery& loss = tcb.loss;
  // RFC 5682 §2.1: after a time-out only new data can cause duplicates that mean an arrival.
  if (loss.phase == LossPhase::loss && tcb.snd_nxt.at_or_before(loss.high)) return;
  if (report.duplicate) {
    const std::uint32_t flight = tcb.flight_size() / tcb.snd_mss;
    loss.duplicates = std::min(loss.duplicates + 1, std::max(flight, kDuplicateThreshold));
  } else if (report.acked > 0) {
    const std::uint32_t counted = report.acked / tcb.snd_mss;
    loss.duplicates -= std::min(loss.duplicates, counted > 0 ? counted - 1 : 0);
    if (loss.phase != LossPhase::recovery) loss.duplicates = 0;
  }
}

/// RFC 6582 §3.2: the third duplicate, or an ACK of a part, says that the first segment is lost.
void mark_first_lost(Tcb& tcb, const AckReport& report) {
  LossRecovery& loss = tcb.loss;
  if (loss.board.empty()) return;
  const bool partial = loss.phase == LossPhase::recovery && report.acked > 0 && tcb.snd_una.before(loss.high);
  const bool is_ours = loss.has_high && !tcb.snd_una.after(loss.high);
  const bool third = loss.phase < LossPhase::recovery && loss.duplicates == kDuplicateThreshold && !is_ours;
  if (partial || third) loss.board.mark_lost(loss.board.head());
}

void reduce(Tcb& tcb, const Context& context, CongestionEvent::Kind kind) {
  // RFC 5681 §3.2: what limited transmit sent is not part of the flight. While a reduction is under way the
  // window moves below and above where it leads, and what it is at one moment says nothing.
  const std::uint32_t window = tcb.loss.phase == LossPhase::recovery ? tcb.cc.ssthresh() : tcb.cc.cwnd();
  const std::uint32_t flight = std::min(tcb.flight_size(), window);
  tcb.cc.on_congestion({.now = context.now, .in_flight = flight, .kind = kind});
  tcb.loss.alarm.begin(tcb.snd_una);
  note_reduction(tcb);
}

void enter_recovery(Tcb& tcb, const Context& context, const AckReport& report) {
  LossRecovery& loss = tcb.loss;
  if (!has_reduced_for_marks(tcb, context)) reduce(tcb, context, CongestionEvent::Kind::loss);
  loss.phase = LossPhase::recovery;
  loss.high = tcb.snd_nxt;
  loss.has_high = true;
  loss.probe.forget();
  tcb.timers.stop(Timer::tail_probe);
  // RFC 9937 §6.2: what was reported before this ACK will not be delivered again.
  const std::uint32_t flight = tcb.flight_size();
  loss.reduction.begin(tcb.sack_on ? flight - loss.board.sacked_bytes() + report.delivered
                                   : flight + report.acked);
  context.count(Counter::tcp_fast_retransmits);
  tcb.retransmit_cause = Cause::retransmit_fast;
}

/// RFC 4015 §3: the window is again what it was, and nothing counts as lost.
void undo(Tcb& tcb, const Context& context, Cause cause) {
  LossRecovery& loss = tcb.loss;
  context.count(cause == Cause::timeout_undone ? Counter::tcp_spurious_timeouts
                                               : Counter::tcp_spurious_recoveries);
  if (cause == Cause::recovery_undone) loss.rack.on_false_alarm(tcb.snd_una, tcb.snd_nxt);
  loss.board.unmark_lost();
  loss.alarm.end();
  loss.doubt = TimeoutDoubt::none;
  loss.has_high = false;
  loss.duplicates = 0;
  loss.phase = LossPhase::open;
  if (loss.board.sacked_count() > 0) {  // something among it may be lost all the same
    const Duration window = loss.rack.reordering_window(situation(tcb, context));
    arm(tcb, context, Timer::reordering, std::max(window, Duration::millis(1)));
  }
  tcb.cc.undo();
  forget_reduction(tcb);
  trace_cwnd(tcb, context, cause);
}

bool is_false_alarm(const Tcb& tcb, const Segment& segment, const AckReport& report) {
  const FalseAlarm& alarm = tcb.loss.alarm;
  if (alarm.proven_by_duplicates()) return true;
  return report.acked > 0 && tcb.timestamps_on && segment.options.timestamps &&
         alarm.proven_by_echo(segment.options.timestamps->echo);
}

void leave_recovery(Tcb& tcb, const Context& context) {
  tcb.loss.phase = LossPhase::open;
  tcb.loss.duplicates = 0;
  tcb.loss.rack.on_recovery_ends();
  if (tcb.cc.models_path()) {
    tcb.cc.on_recovery_end();
  } else {
    tcb.cc.set_cwnd(tcb.cc.ssthresh());
  }
  trace_cwnd(tcb, context, Cause::recovery_exit);
}

/// RFC 5682 §3.1 steps 2 and 3, as far as undo() was not called for.
void doubt_timeout(Tcb& tcb, const AckReport& report) {
  LossRecovery& loss = tcb.loss;
  const bool has_new = tcb.snd_nxt.before(tcb.queue_end()) && tcb.snd_nxt == tcb.snd_max;
  const bool first_step = loss.doubt == TimeoutDoubt::first_ack && report.acked > 0 && !report.sacked;
  if (first_step && has_new && tcb.snd_wnd > tcb.flight_size()) {
    loss.doubt = TimeoutDoubt::second_ack;
    loss.high = tcb.snd_nxt;
  } else {
    loss.doubt = TimeoutDoubt::none;
  }
}

void on_ack_in_loss_phase(Tcb& tcb, const Context& context, const Segment& segment, const AckReport& report) {
  LossRecovery& loss = tcb.loss;
  const bool originals = loss.doubt != TimeoutDoubt::none && report.original_arrived;
  if (originals || is_false_alarm(tcb, segment, report)) return undo(tcb, context, Cause::timeout_undone);
  if (tcb.snd_una.at_or_after(loss.high)) {
    loss.phase = LossPhase::open;
    loss.doubt = TimeoutDoubt::none;
    tcb.cc.on_recovery_end();
  } else if (loss.doubt != TimeoutDoubt::none) {
    doubt_timeout(tcb, report);
  }
}

void on_ack_in_recovery(Tcb& tcb, const Context& context, const Segment& segment, const AckReport& report) {
  if (is_false_alarm(tcb, segment, report)) return undo(tcb, context, Cause::recovery_undone);
  if (tcb.snd_una.at_or_after(tcb.loss.high)) return leave_recovery(tcb, context);
  if (tcb.sack_on || report.acked == 0) return;
  context.count(Counter::tcp_partial_acks);
  tcb.retransmit_cause = Cause::retransmit_partial_ack;
}

void change_phase(Tcb& tcb, const Context& context, const Segment& segment, const AckReport& report) {
  LossRecovery& loss = tcb.loss;
  if (loss.phase == LossPhase::loss) on_ack_in_loss_phase(tcb, context, segment, report);
  if (loss.phase == LossPhase::recovery) on_ack_in_recovery(tcb, context, segment, report);
  if (loss.repairs()) return;
  if (loss.alarm.proven_by_duplicates()) undo(tcb, context, Cause::recovery_undone);  // late, but true
  if (loss.board.lost_bytes() > 0) return enter_recovery(tcb, context, report);
  const bool disorder = loss.board.sacked_count() > 0 || loss.duplicates > 0;
  loss.phase = disorder ? LossPhase::disorder : LossPhase::open;
}

/// How much may be in flight after this ACK.
void move_window(Tcb& tcb, const Context& context, const AckReport& report, LossPhase before,
                 bool further_loss) {
  if (tcb.rates && tcb.cc.models_path()) {
    if (tcb.loss.phase == LossPhase::recovery && before != LossPhase::recovery) {
      trace_cwnd(tcb, context, Cause::recovery_enter);
    }
    return;  // path_model.cpp: by its own rule, during recovery too
  }
  if (tcb.loss.phase == LossPhase::recovery) {
    const bool is_partial = !tcb.sack_on && report.acked > 0;
    tcb.cc.set_cwnd(tcb.loss.reduction.window({.delivered = report.delivered,
                                               .in_flight = tcb.in_flight(),
                                               .ssthresh = tcb.cc.ssthresh(),
                                               .mss = tcb.snd_mss,
                                               .safe = report.acked > 0 && !further_loss,
                                               .hole_follows = is_partial}));
    if (before != LossPhase::recovery) trace_cwnd(tcb, context, Cause::recovery_enter);
    return;
  }
  // RFC 5681 §3.2: the first two duplicates change nothing. Where order is known to be no sign of loss, what
  // arrives counts at once: the ACK that moves snd_una tells of the late segment alone, both how much arrived
  // and how long it took.
  const bool progress = report.acked > 0 || (report.delivered > 0 && tcb.loss.rack.reordering_seen());
  if (!progress || before == LossPhase::recovery) return;
  const bool slow_start = tcb.cc.in_slow_start();
  const bool reducing = is_reducing_for_marks(tcb);
  tcb.cc.on_ack({.now = context.now,
                 .acked = report.delivered,
                 .ecn_marked = report.marked,
                 .in_flight = report.flight_before,
                 .rtt = report.rtt,
                 .srtt = tcb.rtt.srtt(),
                 .min_rtt = tcb.rtt.min_rtt(),
                 .snd_una = tcb.snd_una,
                 .snd_nxt = tcb.snd_nxt,
                 .cwnd_limited = !holds_growth(tcb, context, report) &&
                                 tcb.window_use.allows_growth(tcb.cc.cwnd(), slow_start),
                 .after_timeout = before == LossPhase::loss});
  if (reducing) return follow_reduction(tcb, report);
  trace_cwnd(tcb, context, slow_start ? Cause::slow_start : Cause::congestion_avoidance);
}

/// RFC 8985 §7.4: a loss that the probe repaired unnoticed is still a sign of congestion.
void hear_of_probe(Tcb& tcb, const Context& context, const Segment& segment, const AckReport& report) {
  const bool pure_duplicate = report.acked == 0 && segment.length() == 0 && segment.options.sack_count == 0;
  const bool repaired =
      tcb.loss.probe.on_ack({.ack = segment.ack,
                             .duplicate_reported = report.duplicate_reported && report.duplicate_at_end,
                             .pure_duplicate = pure_duplicate});
  if (!repaired || tcb.loss.repairs()) return;
  reduce(tcb, context, CongestionEvent::Kind::loss);
  tcb.loss.alarm.end();
  tcb.cc.set_cwnd(std::min(tcb.cc.cwnd(), tcb.cc.ssthresh()));
  tcb.cc.on_recovery_end();
  context.count(Counter::tcp_tail_losses);
  trace_cwnd(tcb, context, Cause::probe_tail);
}

}  // namespace

/// RFC 5927 §7.2: "maxsizeacked", as far as it matters: a full segment is known to pass.
static void note_segment_size(Tcb& tcb, std::uint32_t acked) {
  if (tcb.mss_proven || acked < tcb.snd_mss || tcb.loss.board.empty()) return;
  const std::uint32_t first = tcb.loss.board.range(tcb.loss.board.head()).size();
  tcb.mss_proven = first >= tcb.snd_mss && first <= acked;
}

AckReport report_ack(Tcb& tcb, const Context& context, const Segment& segment) {
  LossRecovery& loss = tcb.loss;
  Scoreboard& board = loss.board;
  AckReport report;
  report.flight_before = tcb.flight_size();
  report.acked = segment.ack.after(tcb.snd_una) ? bytes_between(tcb.snd_una, segment.ack) : 0;
  const std::uint32_t sacked_before = board.sacked_bytes();
  const SeqNum highest = board.highest_sacked();
  note_segment_size(tcb, report.acked);
  bool repetition_arrived = false;
  const auto delivered = [&](const TransmitRecord& record) {
    (record.ever_resent ? repetition_arrived : report.original_arrived) |= record.end.at_or_before(loss.high);
    if (!record.ever_resent) report.rtt = context.now - record.sent;
    if (tcb.rates) note_delivered(tcb, context, record);
    loss.rack.detect_reordering(record, highest);
    loss.rack.on_delivered(record, context.now, tcb.rtt.min_rtt(), echo_is_older(tcb, segment, record));
  };
  if (report.acked > 0) board.acknowledge(context.records, segment.ack, delivered);
  if (tcb.sack_on) {
    report.duplicate_reported = reports_duplicate(tcb, segment);
    report.duplicate_at_end = report.duplicate_reported && segment.options.sack[0].end == loss.probe.end();
    const std::uint32_t acknowledged = board.sacked_bytes();
    for (std::uint8_t i = report.duplicate_reported ? 1 : 0; i < segment.options.sack_count; ++i) {
      board.sack(segment.options.sack[i], delivered);
    }
    report.sacked = board.sacked_bytes() != acknowledged;
  } else if (repetition_arrived) {
    report.original_arrived = false;  // it may have been waiting for the repetition
  }
  if (report.rtt != Duration{}) tcb.rtt.note_minimum(report.rtt, context.now);
  report.delivered = report.acked + board.sacked_bytes() - sacked_before;
  return report;
}

void conclude_ack(Tcb& tcb, const Context& context, const Segment& segment, const AckReport& told) {
  LossRecovery& loss = tcb.loss;
  AckReport report = told;
  const LossPhase before = loss.phase;
  const std::uint32_t waiting_before = loss.board.lost_bytes() - loss.board.resent_bytes();
  if (report.duplicate) context.count(Counter::tcp_duplicate_acks);
  if (report.duplicate_reported) {
    const SeqRange& twice = segment.options.sack[0];
    const std::uint32_t count = std::max(twice.size() / tcb.snd_mss, 1U);
    context.count(Counter::tcp_dsacks_received);
    loss.alarm.on_duplicate_reported(twice, count);
    loss.rack.on_duplicate_reported(tcb.snd_una, tcb.snd_nxt);
  }
  hear_of_probe(tcb, context, segment, report);
  if (tcb.sack_on) {
    detect_loss(tcb, context);
  } else {
    // RFC 9937 §5: a duplicate is one segment, and what it stood for is not counted again.
    const std::uint32_t counted = loss.duplicates * tcb.snd_mss;
    const std::uint32_t least = std::min<std::uint32_t>(report.acked, tcb.snd_mss);
    report.delivered =
        report.duplicate ? tcb.snd_mss : std::max(report.acked - std::min(counted, report.acked), least);
    count_duplicates(tcb, report);
    mark_first_lost(tcb, report);
  }
  judge_path_probe(tcb, context);
  if (tcb.rates) tell_lost(tcb, context);
  change_phase(tcb, context, segment, report);
  respond_to_marks(tcb, context, report);
  if (loss.has_high && !loss.repairs() && tcb.snd_una.after(loss.high)) loss.has_high = false;
  const bool further_loss = loss.board.lost_bytes() - loss.board.resent_bytes() > waiting_before;
  move_window(tcb, context, report, before, further_loss);
  if (tcb.rates) tell_sample(tcb, context, report);
  if (report.acked > 0 || report.sacked) schedule_tail_probe(tcb, context);
}

void begin_loss_phase(Tcb& tcb, const Context& context) {
  LossRecovery& loss = tcb.loss;
  // RFC 5681 §3.1: ssthresh stays when the same data times out again.
  const bool is_new = loss.phase != LossPhase::loss || tcb.retransmits == 0;
  const bool is_doubtful = !loss.repairs() && context.config.frto;  // RFC 5682 §2.1 step 1
  if (is_new) reduce(tcb, context, CongestionEvent::Kind::timeout);
  if (!loss.board.empty() && loss.board.at(loss.board.head()).sacked) {
    context.count(Counter::tcp_sack_reneging);
    loss.board.forget_sacks();
  }
  if (tcb.sack_on && loss.rack.has_delivery()) {
    loss.rack.mark_on_timeout(loss.board, situation(tcb, context));
  } else {
    loss.board.mark_all_lost();
  }
  judge_path_probe(tcb, context);
  if (tcb.rates) tell_lost(tcb, context);
  tcb.timers.stop(Timer::reordering);
  tcb.timers.stop(Timer::tail_probe);
  loss.probe.forget();
  loss.duplicates = 0;
  loss.phase = LossPhase::loss;
  loss.doubt = is_doubtful ? TimeoutDoubt::first_ack : TimeoutDoubt::none;
  loss.high = tcb.snd_nxt;
  loss.has_high = true;
  tcb.cc.set_cwnd(tcb.in_flight() + tcb.snd_mss);
  tcb.retransmit_cause = Cause::retransmit_rto;
  trace_cwnd(tcb, context, Cause::retransmit_rto);
}

void on_reordering_timeout(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::reordering);
  const LossPhase before = tcb.loss.phase;
  detect_loss(tcb, context);
  judge_path_probe(tcb, context);
  if (tcb.rates) tell_lost(tcb, context);
  if (!tcb.loss.repairs() && tcb.loss.board.lost_bytes() > 0) enter_recovery(tcb, context, {});
  if (tcb.loss.phase == LossPhase::recovery) move_window(tcb, context, {}, before, true);
}

void schedule_tail_probe(Tcb& tcb, const Context& context) {
  const LossRecovery& loss = tcb.loss;
  const bool possible = tcb.sack_on && context.config.tail_probes && loss.phase == LossPhase::open &&
                        !loss.probe.outstanding() && !loss.board.empty() && is_synchronized(tcb.state) &&
                        !tcb.timers.is_armed(Timer::persist);
  if (!possible) return tcb.timers.stop(Timer::tail_probe);
  const bool single = tcb.flight_size() <= tcb.snd_mss;
  Duration wait = TailProbe::timeout(tcb.rtt.srtt(), context.config.rto_min, single);
  if (tcb.timers.is_armed(Timer::retransmit)) {
    wait = std::min(wait, tcb.timers.deadline(Timer::retransmit) - context.now);
  }
  arm(tcb, context, Timer::tail_probe, wait);
}

void go_back(Tcb& tcb, const Context& context) {
  tcb.loss.board.begin(context.records, tcb.snd_una);
  tcb.snd_nxt = tcb.snd_una;
}

}  // namespace strata::tcp
