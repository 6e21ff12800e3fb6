#include "transport/tcp/tcb.hpp"

#include <algorithm>

#include "transport/tcp/receive_space.hpp"

namespace strata::tcp {
namespace {

TraceEvent event_of(const Tcb& tcb, const Context& context, TraceKind kind, Cause cause) {
  TraceEvent event;
  event.at = context.now;
  event.flow = tcb.flow_number;
  event.kind = kind;
  event.cause = cause;
  return event;
}

void emit(const Context& context, const TraceEvent& event) {
  context.trace.function(context.trace.context, event);
}

}  // namespace

void enter(Tcb& tcb, const Context& context, State next, Cause cause) {
  STRATA_CHECK(is_edge(tcb.state, next));
  if (context.tracing()) {
    TraceEvent event = event_of(tcb, context, TraceKind::state_changed, cause);
    event.state = {.old_state = tcb.state, .new_state = next};
    emit(context, event);
  }
  tcb.state = next;
}

void close_now(Tcb& tcb, const Context& context, std::optional<Errc> error, Cause cause) {
  if (tcb.state != State::closed) enter(tcb, context, State::closed, cause);
  tcb.timers.stop_all();
  tcb.send_queue.clear(context.pools);
  tcb.reassembly.clear(context.reassembly_memory());
  // DEVIATION: RFC 9293 §3.10.7.4 flushes all queues at a reset; what arrived in order can still be read,
  // unless nobody is there to do so; see docs/deviations.md#reset-and-unread-data.
  if (tcb.orphan) tcb.receive_queue.clear(context.pools);
  tcb.loss.board.clear(context.records);
  tcb.syn_pending = tcb.probe_pending = tcb.tail_probe_pending = false;
  tcb.acks.on_ack_sent();
  tcb.send_clock.rest(context.now);
  tcb.error = error;
  tcb.signal(Ready::closed | Ready::readable | Ready::writable);
}

void reset_peer(Tcb& tcb, const Context& context, std::optional<Errc> error, Cause cause) {
  close_now(tcb, context, error, cause);
  tcb.rst_pending = true;
  tcb.rst_cause = cause;
}

/// Up to the next window that its field can say.
static std::uint32_t whole_units(const Tcb& tcb, std::uint32_t room) {
  const std::uint32_t unit = 1U << tcb.rcv_shift.value();
  return (room + unit - 1) / unit * unit;
}

SeqNum window_edge(const Tcb& tcb, const Context& context) {
  const bool by_room = context.config.window_rule == TcpWindowRule::room;
  std::uint32_t buffer = window_limit(tcb, context);
  const std::uint32_t segment = tcb.snd_mss + (tcb.timestamps_on ? 12U : 0U);  // as FreeBSD counts them
  if (by_room) buffer = (buffer + segment - 1) / segment * segment;
  const auto held = static_cast<std::uint32_t>(std::min<std::size_t>(tcb.receive_queue.size(), buffer));
  const std::uint32_t room = buffer - held;
  const bool is_silly = room < buffer / 4 && room < tcb.snd_mss;
  // As FreeBSD: what there is room for is taken, although a field without scale cannot offer all of it.
  if (by_room) return later(tcb.rcv_edge, is_silly ? tcb.rcv_edge : tcb.rcv_nxt + whole_units(tcb, room));
  const SeqNum edge = next_right_edge(tcb.rcv_nxt, tcb.rcv_edge, room, buffer, tcb.snd_mss);
  const SeqNum furthest = tcb.rcv_nxt + tcb.rcv_shift.to_bytes(0xffff);
  return edge.after(furthest) ? later(furthest, tcb.rcv_edge) : edge;
}

void trace_call(const Tcb& tcb, const Context& context, Cause call, std::uint32_t length) {
  if (!context.tracing()) return;
  TraceEvent event = event_of(tcb, context, TraceKind::app_call, call);
  event.call = {.length = length};
  emit(context, event);
}

void trace_segment(const Tcb& tcb, const Context& context, TraceKind kind, const TraceSegment& segment,
                   Cause cause) {
  if (!context.tracing()) return;
  TraceEvent event = event_of(tcb, context, kind, cause);
  event.segment = segment;
  emit(context, event);
}

void trace_mss(const Tcb& tcb, const Context& context, std::uint16_t mss, Cause cause) {
  if (!context.tracing()) return;
  TraceEvent event = event_of(tcb, context, TraceKind::mss_changed, cause);
  event.mss = {.old_mss = tcb.snd_mss, .new_mss = mss};
  emit(context, event);
}

void trace_cwnd(const Tcb& tcb, const Context& context, Cause cause) {
  if (!context.tracing()) return;
  TraceEvent event = event_of(tcb, context, TraceKind::cwnd_changed, cause);
  event.cwnd = {.cwnd = tcb.cc.cwnd(), .ssthresh = tcb.cc.ssthresh(), .in_flight = tcb.in_flight()};
  emit(context, event);
}

void arm(Tcb& tcb, const Context& context, Timer timer, Duration in) {
  const Instant deadline = context.now + in;
  tcb.timers.arm(timer, deadline);
  if (!context.tracing()) return;
  TraceEvent event = event_of(tcb, context, TraceKind::timer_armed, Cause::none);
  event.timer = {.timer = timer, .deadline_nanos = deadline.count_nanos()};
  emit(context, event);
}

}  // namespace strata::tcp
