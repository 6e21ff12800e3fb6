#include "transport/tcp/user_calls.hpp"

#include <algorithm>

#include "transport/tcp/congestion_marks.hpp"
#include "transport/tcp/controller.hpp"
#include "transport/tcp/fast_open_syn.hpp"
#include "transport/tcp/input.hpp"
#include "transport/tcp/pacing.hpp"
#include "transport/tcp/receive_space.hpp"
#include "transport/tcp/send_space.hpp"
#include "transport/tcp/settings.hpp"
#include "transport/tcp/urgent_data.hpp"

namespace strata::tcp {
namespace {

void start_numbers(Tcb& tcb, SeqNum iss) {
  tcb.iss = iss;
  tcb.snd_una = tcb.snd_nxt = tcb.snd_max = iss;
  tcb.syn_pending = true;
  if (tcb.settings->no_options) tcb.syn_extent = SynExtent::none;
}

/// RFC 9293 §3.8.6.2.2: after the application read, the window may have grown enough to be worth telling:
/// doubled, and by a segment or half the buffer.
void update_window(Tcb& tcb, const Context& context) {
  if (!may_receive_data(tcb.state)) return;
  const SeqNum edge = window_edge(tcb, context);
  if (bytes_between(tcb.rcv_nxt, edge) >= 2 * tcb.rcv_wnd() && edge != tcb.rcv_edge) {
    tcb.acks.ack_now(Cause::ack_window_update);
  }
}

/// What a call on a connection without data to give has to say.
Errc nothing_to_read(const Tcb& tcb) {
  if (tcb.error) return *tcb.error;
  return Errc::would_block;
}

bool at_end_of_stream(const Tcb& tcb) {
  return tcb.fin_received || (tcb.state == State::closed && !tcb.error);
}

}  // namespace

void open_active(Tcb& tcb, const Context& context, SeqNum iss) {
  context.count(Counter::tcp_active_opens);
  trace_call(tcb, context, Cause::app_connect, 0);
  start_numbers(tcb, iss);
  ask_for_ecn(tcb, context);
  enter(tcb, context, State::syn_sent, Cause::app_connect);
}

void open_passive(Tcb& tcb, const Context& context, const Segment& syn, SeqNum iss) {
  context.count(Counter::tcp_passive_opens);
  tcb.passive = true;
  start_numbers(tcb, iss);
  adopt_syn(tcb, context, syn);
  enter(tcb, context, State::syn_received, Cause::syn_arrived);
}

Result<std::size_t> send(Tcb& tcb, const Context& context, Bytes data, SendOptions options) {
  if (tcb.error) return Err{*tcb.error};
  if (tcb.fin_queued || !may_queue_data(tcb.state)) return Err{Errc::broken_pipe};
  const auto wanted = static_cast<std::uint32_t>(std::min<std::size_t>(data.size(), 1U << 30));
  const auto [room, tail] = send_space(tcb, context, wanted);
  const std::size_t taken = tcb.send_queue.append_copy(context.pools, data.first(room));
  tcb.tail_burst = tail;
  if (taken < data.size()) wait_for_room(tcb, context);
  if (taken == 0 && !data.empty()) return Err{Errc::would_block};
  tcb.more_follows = options.more;
  // A sender that has to wait for room has nothing more to give for now, whatever it promised.
  if (taken > 0) tcb.tail_is_pushed = !options.more || taken < data.size();
  if (taken > 0) tcb.send_clock.start(SendClock::What::busy, context.now);
  if (taken > 0 && options.urgent) mark_urgent(tcb, context);
  trace_call(tcb, context, Cause::app_send, static_cast<std::uint32_t>(taken));
  return taken;
}

void push(Tcb& tcb) {
  begin_fast_open(tcb);
  tcb.more_follows = false;
  tcb.push_end = tcb.queue_end();
}

Result<std::size_t> receive(Tcb& tcb, const Context& context, MutableBytes into) {
  if (tcb.receive_queue.empty()) {
    if (at_end_of_stream(tcb)) return std::size_t{0};
    return Err{nothing_to_read(tcb)};
  }
  const std::size_t n = tcb.receive_queue.read(context.pools, into);
  pass_urgent(tcb);
  tune_on_read(tcb, context);
  update_window(tcb, context);
  return n;
}

Result<Bytes> peek(const Tcb& tcb) {
  if (!tcb.receive_queue.empty()) return tcb.receive_queue.front();
  if (at_end_of_stream(tcb)) return Bytes{};
  return Err{nothing_to_read(tcb)};
}

Result<std::size_t> peek(const Tcb& tcb, MutableBytes into, std::size_t skip) {
  if (tcb.receive_queue.size() <= skip) {
    if (at_end_of_stream(tcb)) return std::size_t{0};
    return Err{nothing_to_read(tcb)};
  }
  const std::size_t size = std::min(into.size(), tcb.receive_queue.size() - skip);
  tcb.receive_queue.copy_out(skip, into.first(size));
  return size;
}

// What was seen may be gone: a RST that arrived since then dropped it.
void consume(Tcb& tcb, const Context& context, std::size_t size) {
  tcb.receive_queue.drop_front(context.pools, std::min(size, tcb.receive_queue.size()));
  pass_urgent(tcb);
  tune_on_read(tcb, context);
  update_window(tcb, context);
}

// RFC 9293 §3.10.4. Before the handshake is over the FIN waits until the connection is established
// (become_established).
Result<void> shutdown_send(Tcb& tcb, const Context& context) {
  if (tcb.error) return Err{*tcb.error};
  if (tcb.fin_queued) return {};
  if (is_in(tcb.state, State::closed, State::listen)) return Err{Errc::not_connected};
  trace_call(tcb, context, Cause::app_shutdown, 0);
  tcb.fin_queued = true;
  tcb.send_clock.start(SendClock::What::busy, context.now);
  if (tcb.state == State::established) enter(tcb, context, State::fin_wait_1, Cause::app_shutdown);
  if (tcb.state == State::close_wait) enter(tcb, context, State::last_ack, Cause::app_shutdown);
  return {};
}

void close(Tcb& tcb, const Context& context) {
  trace_call(tcb, context, Cause::app_close, 0);
  tcb.orphan = true;
  tcb.events = Ready::none;
  if (tcb.state == State::closed || tcb.state == State::time_wait) {
    tcb.receive_queue.clear(context.pools);
    return;
  }
  if (tcb.state == State::syn_sent)
    return close_now(tcb, context, Errc::connection_aborted, Cause::app_close);
  // RFC 2525 §2.17: what was not read is lost, and the peer must learn that.
  if (!tcb.receive_queue.empty()) {
    context.count(Counter::tcp_estab_resets);
    return reset_peer(tcb, context, Errc::connection_aborted, Cause::rst_unread_data);
  }
  (void)shutdown_send(tcb, context);
  if (tcb.state == State::fin_wait_2) abandon_in_fin_wait_2(tcb, context);
}

void abort(Tcb& tcb, const Context& context) {
  trace_call(tcb, context, Cause::app_abort, 0);
  tcb.orphan = true;
  tcb.events = Ready::none;
  // RFC 9293 §3.10.5: where the peer knows of the connection, it is told.
  if (is_in(tcb.state, State::closed, State::syn_sent, State::closing, State::last_ack, State::time_wait)) {
    return close_now(tcb, context, Errc::connection_aborted, Cause::app_abort);
  }
  reset_peer(tcb, context, Errc::connection_aborted, Cause::app_abort);
}

// RFC 5927 §4.1: the quoted number must be one that is outstanding.
// DEVIATION: every error is hard in SYN-SENT, where nothing is lost by believing it, and a hint later, from
// RFC 9293 §3.9.2.2 (MUST-56, SHLD-26); see docs/deviations.md#icmp-in-syn-sent and #icmp-hard-errors.
void on_icmp_error(Tcb& tcb, const Context& context, SeqNum seq, Errc error) {
  if (seq.before(tcb.snd_una) || !seq.before(tcb.snd_max))
    return context.count(Counter::icmp_error_bad_quote);
  if (tcb.state != State::syn_sent) {
    tcb.soft_error = error;
    return;
  }
  context.count(Counter::tcp_attempt_fails);
  close_now(tcb, context, error,
            error == Errc::connection_refused ? Cause::icmp_refused : Cause::icmp_unreachable);
}

Ready readiness(const Tcb& tcb, const Context& context) {
  Ready ready = Ready::none;
  if (!tcb.receive_queue.empty() || at_end_of_stream(tcb) || tcb.error) ready = ready | Ready::readable;
  const bool open = may_queue_data(tcb.state) && tcb.state != State::syn_sent && !tcb.fin_queued;
  if ((open && send_space(tcb, context, 1).room > 0) || tcb.state == State::closed)
    ready = ready | Ready::writable;
  if (tcb.fin_received) ready = ready | Ready::peer_closed;
  if (tcb.state == State::closed) ready = ready | Ready::closed;
  const bool stalled = tcb.retransmits >= told_after(context.config);
  if (stalled && tcb.state != State::closed) ready = ready | Ready::stalled;
  if (has_unread_urgent(tcb)) ready = ready | Ready::urgent;
  return ready;
}

void configure(Tcb& tcb, const Context& context, const TcpSettings& settings) {
  const CongestionAlgorithm algorithm_before = congestion_control(*tcb.settings, context.config);
  const bool clock_changed = settings.keepalive != tcb.settings->keepalive ||
                             settings.keepalive_time != tcb.settings->keepalive_time;
  const std::uint32_t buffer_before = window_limit(tcb, context);
  tcb.settings.set(settings);
  if (congestion_control(settings, context.config) != algorithm_before) change_controller(tcb, context);
  choose_pacing(tcb, context.config);
  if (clock_changed) set_keepalive(tcb, context, settings.keepalive);
  const bool has_more_room = window_limit(tcb, context) > buffer_before;
  if (has_more_room && tcb.state != State::closed) update_window(tcb, context);
}

void set_keepalive(Tcb& tcb, const Context& context, bool on) {
  TcpSettings own = *tcb.settings;
  own.keepalive = on;
  tcb.settings.set(own);
  tcb.probes = 0;
  if (!on) return tcb.timers.stop(Timer::keepalive);
  if (is_synchronized(tcb.state))
    arm(tcb, context, Timer::keepalive, keepalive_time(*tcb.settings, context.config));
}

}  // namespace strata::tcp
