// The fifth check of RFC 9293 §3.10.7.4: acknowledgment. Send window, congestion control and loss recovery
// hear of it here.
#include <algorithm>
#include <utility>

#include "transport/tcp/accurate_marks.hpp"
#include "transport/tcp/congestion_marks.hpp"
#include "transport/tcp/fast_open_syn.hpp"
#include "transport/tcp/input.hpp"
#include "transport/tcp/recovery.hpp"
#include "transport/tcp/send_space.hpp"
#include "transport/tcp/settings.hpp"
#include "transport/tcp/urgent_data.hpp"

namespace strata::tcp {
namespace {

/// The listener wants connections that have something to say (`TCP_DEFER_ACCEPT`). After some time a silent
/// one is accepted all the same.
bool waits_for_data(const Tcb& tcb, const Segment& segment) {
  return tcb.passive && segment.length() == 0 && tcb.retransmits < tcb.settings->defer_accept;
}

/// SYN-RECEIVED: only an ACK of our SYN completes the handshake; any other is answered with RST.
Step complete_handshake(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!segment.ack.after(tcb.snd_una) || segment.ack.after(tcb.snd_max)) {
    context.count(Counter::tcp_bad_ack);
    tcb.rst_pending = true;
    tcb.rst_cause = Cause::rst_bad_ack;
    tcb.stray_ack = segment.ack;
    return Step::done;
  }
  if (waits_for_data(tcb, segment)) {
    tcb.peer_is_silent = true;
    return Step::done;
  }
  sample_handshake(tcb, context);
  take_ack_of_syn(tcb, context, segment.ack);
  tcb.syn_pending = false;
  tcb.timers.stop(Timer::retransmit);
  tcb.snd_wnd = tcb.snd_shift.to_bytes(segment.window);
  tcb.snd_wnd_max = std::max(tcb.snd_wnd_max, tcb.snd_wnd);
  tcb.snd_wl1 = segment.seq;
  tcb.snd_wl2 = segment.ack;
  become_established(tcb, context, Cause::ack_of_syn);
  hear_handshake_ack(tcb, context, segment);
  deliver_text_of_syn(tcb, context);
  return Step::next;
}

/// RFC 9293 §3.10.7.4: an older segment must not undo a newer one's window. Returns whether the window
/// changed.
bool update_send_window(Tcb& tcb, const Segment& segment) {
  const bool newer = tcb.snd_wl1.before(segment.seq) ||
                     (tcb.snd_wl1 == segment.seq && tcb.snd_wl2.at_or_before(segment.ack));
  if (!newer) return false;
  const std::uint32_t offered = tcb.snd_shift.to_bytes(segment.window);
  const bool changed = offered != tcb.snd_wnd;
  tcb.snd_wnd = offered;
  tcb.snd_wnd_max = std::max(tcb.snd_wnd_max, offered);
  tcb.snd_wl1 = segment.seq;
  tcb.snd_wl2 = segment.ack;
  return changed;
}

/// RFC 6298 §3, §4: one sample for each round trip, of a segment that was sent once (Karn). It is taken when
/// its arrival is reported, also by SACK: the ACK may have to wait for what was lost before it. After a
/// time-out by timestamps (RFC 7323 §4.1).
std::optional<Duration> measure_rtt(Tcb& tcb, const Context& context, const Segment& segment,
                                    const AckReport& report) {
  if (report.rtt != Duration{}) {
    if (context.now - report.rtt < tcb.rtt_start) return std::nullopt;
    tcb.rtt_start = context.now;
    return report.rtt;
  }
  const auto& stamps = segment.options.timestamps;
  if (report.acked == 0 || tcb.retransmits == 0 || !tcb.timestamps_on || !stamps || stamps->echo == 0)
    return std::nullopt;
  const std::uint32_t ticks = timestamp_value(context.now, tcb.ts_offset) - stamps->echo;
  if (ticks >= 1U << 20) return std::nullopt;
  return Duration::millis(ticks);
}

void sample_rtt(Tcb& tcb, const Context& context, const Segment& segment, const AckReport& report) {
  const std::optional<Duration> rtt = measure_rtt(tcb, context, segment, report);
  if (!rtt) return;
  tcb.rtt.sample(*rtt, context.config);
  if (!context.tracing()) return;
  TraceEvent event;
  event.at = context.now;
  event.flow = tcb.flow_number;
  event.kind = TraceKind::rtt_sampled;
  const auto micros = [](Duration d) { return static_cast<std::uint32_t>(d.count_micros()); };
  event.rtt = {.rtt_us = micros(*rtt), .srtt_us = micros(tcb.rtt.srtt()), .rto_us = micros(tcb.rtt.rto())};
  context.trace.function(context.trace.context, event);
}

/// RFC 6298 §5.2, §5.3.
void restart_retransmission_timer(Tcb& tcb, const Context& context) {
  if (tcb.has_outstanding()) {
    arm(tcb, context, Timer::retransmit, tcb.rtt.rto());
    const Duration user_timeout = tcb.settings->user_timeout;
    if (user_timeout != Duration{}) arm(tcb, context, Timer::user_timeout, user_timeout);
  } else {
    tcb.timers.stop(Timer::retransmit);
    tcb.timers.stop(Timer::user_timeout);
  }
}

void advance_una(Tcb& tcb, const Context& context, const Segment& segment) {
  const std::uint32_t acked = bytes_between(tcb.snd_una, segment.ack);
  const bool fin_acked = tcb.fin_sent && segment.ack == tcb.snd_max;
  tcb.send_queue.drop_front(context.pools, acked - (fin_acked ? 1 : 0));
  tcb.traffic.bytes_acked += acked;
  tcb.snd_una = segment.ack;
  tcb.snd_nxt = later(tcb.snd_nxt, tcb.snd_una);
  tcb.more_follows = false;  // the promise holds back a piece until the next ACK at the latest
  tcb.retransmits = 0;       // the timer stays backed off until a round trip is measured (RFC 6298 §5, Karn)
  tcb.soft_error.reset();
  settle_urgent(tcb);
  restart_retransmission_timer(tcb, context);
  signal_send_room(tcb, context);
  if (!tcb.has_unfinished()) return tcb.send_clock.rest(context.now);
  if (!tcb.send_blocked) tcb.send_clock.stop(SendClock::What::buffer, context.now);
}

/// RFC 5681 §2: same ACK, same window, no data, no SYN or FIN. With SACK agreed, RFC 6675 §2: it reports data
/// that arrived above the ACK, whatever the window does; a bare ACK or a D-SACK (RFC 2883 §4) reports none.
bool is_duplicate_ack(const Tcb& tcb, const Segment& segment, bool window_changed) {
  if (segment.length() != 0 || tcb.timers.is_armed(Timer::persist)) return false;
  if (!tcb.sack_on) return !window_changed;
  return segment.options.sack_count > 0 && segment.options.sack[0].end.after(tcb.snd_una);
}

/// The window opened while a probe was out: what the probe carried may have been refused, so it is sent anew.
void leave_persist(Tcb& tcb, const Context& context) {
  // An owner waits as long as the peer answers (RFC 9293 §3.8.6.1); nobody waits for an orphan (RFC 6429 §4).
  if (!tcb.orphan || tcb.snd_wnd > 0) tcb.probes = 0;
  if (tcb.snd_wnd == 0 || !tcb.timers.is_armed(Timer::persist)) return;
  tcb.timers.stop(Timer::persist);
  tcb.rtt.forget_back_off(context.config);
  go_back(tcb, context);
  if (tcb.has_outstanding()) arm(tcb, context, Timer::retransmit, tcb.rtt.rto());
}

/// RFC 5961 §5.2: acceptable are acknowledgments of what was sent, down to one window back.
bool is_plausible(const Tcb& tcb, const Segment& segment) {
  return segment.ack.at_or_before(tcb.snd_max) && segment.ack.at_or_after(tcb.snd_una - tcb.snd_wnd_max);
}

/// What an ACK of our FIN means (RFC 9293 §3.10.7.4, fifth check, by state).
Step on_fin_acked(Tcb& tcb, const Context& context) {
  switch (tcb.state) {
    case State::fin_wait_1:
      enter(tcb, context, State::fin_wait_2, Cause::ack_of_fin);
      if (tcb.orphan) abandon_in_fin_wait_2(tcb, context);
      return tcb.state == State::closed ? Step::done : Step::next;
    case State::closing: enter(tcb, context, State::time_wait, Cause::ack_of_fin); return Step::done;
    case State::last_ack: close_now(tcb, context, std::nullopt, Cause::ack_of_fin); return Step::done;
    default: return Step::next;
  }
}

}  // namespace

void abandon_in_fin_wait_2(Tcb& tcb, const Context& context) {
  const Duration timeout = fin_timeout(*tcb.settings, context.config);
  if (timeout < Duration{}) return reset_peer(tcb, context, std::nullopt, Cause::timeout_fin_wait_2);
  arm(tcb, context, Timer::fin_wait_2, timeout);
}

Step check_ack(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!segment.has(tcp_flag::kAck)) {
    context.count(Counter::tcp_no_ack_flag);
    return Step::done;
  }
  if (tcb.state == State::syn_received) {
    if (complete_handshake(tcb, context, segment) == Step::done) return Step::done;
  }
  if (!is_plausible(tcb, segment)) {
    context.count(Counter::tcp_bad_ack);
    challenge(tcb, context);
    return Step::done;
  }
  // RFC 7323 §4.3 (2): from here on the segment counts as accepted.
  if (tcb.timestamps_on && segment.options.timestamps) {
    tcb.ts.update(segment.options.timestamps->value, segment.seq, tcb.last_ack_sent, context.now);
  }
  const bool was_outstanding = tcb.has_outstanding();
  AckReport report = report_ack(tcb, context, segment);
  sample_rtt(tcb, context, segment, report);
  report.marked = hear_feedback(tcb, context, segment, report);
  if (report.acked > 0) {
    advance_una(tcb, context, segment);
    (void)update_send_window(tcb, segment);
  } else if (segment.ack == tcb.snd_una) {
    const bool changed = update_send_window(tcb, segment);
    report.duplicate = was_outstanding && is_duplicate_ack(tcb, segment, changed);
  }
  if (was_outstanding || report.duplicate_reported) conclude_ack(tcb, context, segment, report);
  if (report.acked > 0) make_send_room(tcb, context);
  if (segment.ack == tcb.snd_una) leave_persist(tcb, context);
  const bool fin_acked = report.acked > 0 && tcb.fin_sent && !tcb.has_outstanding();
  return fin_acked ? on_fin_acked(tcb, context) : Step::next;
}

}  // namespace strata::tcp
