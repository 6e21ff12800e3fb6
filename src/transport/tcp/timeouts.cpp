#include "transport/tcp/timeouts.hpp"

#include "transport/tcp/pacing.hpp"
#include "transport/tcp/path_mtu.hpp"
#include "transport/tcp/recovery.hpp"
#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

/// What the application hears when nobody answered: an ICMP error that came meanwhile says more (RFC 9293
/// §3.9.2.2).
Errc timeout_error(const Tcb& tcb) { return tcb.soft_error.value_or(Errc::timed_out); }

std::uint8_t retries_allowed(const Tcb& tcb, const TcpConfig& config) {
  if (tcb.state == State::syn_sent) return syn_retries(*tcb.settings, config);
  if (tcb.state == State::syn_received) return config.synack_retries;
  if (tcb.orphan) return config.orphan_retries;
  return tcb.settings->user_timeout == Duration{} ? config.retries2 : 0xff;
}

void give_up(Tcb& tcb, const Context& context, Cause cause) {
  if (tcb.orphan) context.count(Counter::tcp_orphans_killed);
  const bool synchronized = is_synchronized(tcb.state);
  const Errc error = timeout_error(tcb);
  if (!synchronized) context.count(Counter::tcp_attempt_fails);
  if (synchronized) {
    reset_peer(tcb, context, error, cause);
  } else {
    close_now(tcb, context, error, cause);
  }
}

/// Something on the path may drop SYNs whose options it does not like.
void shorten_syn(Tcb& tcb, const TcpConfig& config) {
  constexpr int kPlainFrom = 3;
  const bool full = tcb.state == State::syn_sent && tcb.syn_extent == SynExtent::all;
  if (config.rexmit_drop_options && full && tcb.retransmits >= kPlainFrom) tcb.syn_extent = SynExtent::mss;
}

/// RFC 9293 §3.8.3 (SHLD-9): between R1 and R2 the application is told, and may choose to wait or not.
void count_retransmission(Tcb& tcb, const Context& context) {
  ++tcb.retransmits;
  if (tcb.retransmits != told_after(context.config)) return;
  context.count(Counter::tcp_stalled);
  tcb.signal(Ready::stalled);
}

/// RFC 6298 §5.4-§5.6, RFC 5681 §3.1, RFC 6582 §4: send the earliest segment again, go back, double the
/// timer.
void on_retransmit(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::retransmit);
  const bool handshake = is_in(tcb.state, State::syn_sent, State::syn_received);
  if (!handshake && !tcb.has_outstanding()) return;
  if (tcb.retransmits >= retries_allowed(tcb, context.config)) {
    return give_up(tcb, context, Cause::timeout_retransmission);
  }
  context.count(Counter::tcp_rto_fired);
  tcb.rtt.back_off(context.config);
  if (handshake) {
    count_retransmission(tcb, context);
    shorten_syn(tcb, context.config);
    if (tcb.peer_is_silent && tcb.retransmits < tcb.settings->defer_accept) {
      return arm(tcb, context, Timer::retransmit, tcb.rtt.rto());  // the SYN-ACK arrived: nothing to repeat
    }
    context.count(Counter::tcp_retrans_segs);
    tcb.syn_pending = true;
    return;
  }
  suspect_black_hole(tcb, context);
  begin_loss_phase(tcb, context);
  count_retransmission(tcb, context);
  // The peer may have shut its window meanwhile; then asking is the persist timer's work.
  if (tcb.snd_wnd == 0) {
    go_back(tcb, context);
    arm(tcb, context, Timer::persist, tcb.rtt.rto());
  } else {
    arm(tcb, context, Timer::retransmit, tcb.rtt.rto());  // also when there is no memory to repeat it now
  }
}

/// RFC 8985 §7.3.
void on_tail_probe(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::tail_probe);
  if (tcb.loss.board.empty() || tcb.loss.phase != LossPhase::open) return;
  context.count(Counter::tcp_tail_probes);
  tcb.tail_probe_pending = true;
  arm(tcb, context, Timer::retransmit, tcb.rtt.rto());
}

void on_delayed_ack(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::delayed_ack);
  context.count(Counter::tcp_delayed_acks);
  tcb.acks.ack_now(Cause::ack_delayed_timer);
}

/// RFC 9293 §3.8.6.1: probe, ever more slowly, for as long as somebody answers.
void on_persist(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::persist);
  if (!tcb.has_unfinished()) return;
  if (tcb.probes >= retries_allowed(tcb, context.config))
    return give_up(tcb, context, Cause::timeout_persist);
  ++tcb.probes;
  tcb.probe_pending = true;
  tcb.rtt.back_off(context.config);
  arm(tcb, context, Timer::persist, tcb.rtt.rto());
}

/// A user timeout also bounds how long probes may stay unanswered, in place of their number (as Linux).
bool silence_is_final(const Tcb& tcb, const TcpConfig& config, Duration silence) {
  const Duration user_timeout = tcb.settings->user_timeout;
  if (user_timeout != Duration{}) return silence >= user_timeout && tcb.probes > 0;
  return tcb.probes >= keepalive_probes(*tcb.settings, config);
}

/// RFC 9293 §3.8.4. The timer is lazy: it looks how long the silence really lasted.
void on_keepalive(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::keepalive);
  if (!tcb.settings->keepalive ||
      !is_in(tcb.state, State::established, State::close_wait, State::fin_wait_2)) {
    return;
  }
  const Duration silence = context.now - tcb.last_received;
  const Duration patience = keepalive_time(*tcb.settings, context.config);
  if (tcb.has_outstanding() || silence < patience) {
    tcb.probes = 0;
    const Duration rest = patience - silence;
    return arm(tcb, context, Timer::keepalive, rest > Duration{} ? rest : patience);
  }
  if (silence_is_final(tcb, context.config, silence)) return give_up(tcb, context, Cause::timeout_keepalive);
  ++tcb.probes;
  tcb.probe_pending = true;
  arm(tcb, context, Timer::keepalive, keepalive_interval(*tcb.settings, context.config));
}

/// The peer never closes its side, and nobody here waits for it (`tcp_fin_timeout`).
void on_fin_wait_2(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::fin_wait_2);
  if (tcb.state != State::fin_wait_2) return;
  context.count(Counter::tcp_fin_wait_2_timeouts);
  close_now(tcb, context, std::nullopt, Cause::timeout_fin_wait_2);
}

/// RFC 9293 §3.10.8: user timeout.
void on_user_timeout(Tcb& tcb, const Context& context) {
  tcb.timers.stop(Timer::user_timeout);
  if (!tcb.has_unfinished()) return;
  context.count(Counter::tcp_user_timeouts);
  give_up(tcb, context, Cause::timeout_user);
}

void trace_fired(const Tcb& tcb, const Context& context, Timer timer) {
  if (!context.tracing()) return;
  TraceEvent event;
  event.at = context.now;
  event.flow = tcb.flow_number;
  event.kind = TraceKind::timer_fired;
  event.timer = {.timer = timer, .deadline_nanos = tcb.timers.deadline(timer).count_nanos()};
  context.trace.function(context.trace.context, event);
}

}  // namespace

void on_timers(Tcb& tcb, const Context& context) {
  struct Entry {
    Timer timer;
    void (*run)(Tcb&, const Context&);
  };
  static constexpr Entry kTimers[] = {
      {Timer::tail_probe, on_tail_probe},
      {Timer::retransmit, on_retransmit},
      {Timer::reordering, on_reordering_timeout},
      {Timer::delayed_ack, on_delayed_ack},
      {Timer::persist, on_persist},
      {Timer::keepalive, on_keepalive},
      {Timer::fin_wait_2, on_fin_wait_2},
      {Timer::user_timeout, on_user_timeout},
      {Timer::pacing, on_pacing},
  };
  for (const Entry& entry : kTimers) {
    if (!tcb.timers.is_due(entry.timer, context.now)) continue;
    trace_fired(tcb, context, entry.timer);
    entry.run(tcb, context);
  }
}

}  // namespace strata::tcp
