#include "transport/tcp/output.hpp"

#include <algorithm>

#include "transport/tcp/input.hpp"
#include "transport/tcp/send_space.hpp"

namespace strata::tcp {
namespace {

void trace_sent(const Tcb& tcb, const Context& context, const TxSegment& segment) {
  if (!context.tracing()) return;
  const bool is_syn = (segment.flags & tcp_flag::kSyn) != 0;
  trace_segment(tcb, context, TraceKind::segment_sent,
                {.seq = segment.seq.raw(),
                 .ack = segment.ack.raw(),
                 .length = segment.payload_size,
                 .wnd = is_syn ? segment.window : tcb.rcv_shift.to_bytes(segment.window),
                 .flags = segment.flags,
                 .gso_size = segment.gso_size},
                segment.cause);
}

/// RFC 9293 §3.9.1.2: from the moment when something waits for an acknowledgment, or for a window.
void start_user_timeout(Tcb& tcb, const Context& context) {
  const Duration user_timeout = tcb.settings.user_timeout;
  if (user_timeout == Duration{} || tcb.timers.is_armed(Timer::user_timeout)) return;
  arm(tcb, context, Timer::user_timeout, user_timeout);
}

/// Keeps snd_nxt, snd_max and the retransmission timer true after [seq, seq + length) left (RFC 6298 §5.1).
void on_sent(Tcb& tcb, const Context& context, SeqNum seq, std::uint32_t length) {
  const SeqNum end = seq + length;
  const bool is_new = end.after(tcb.snd_max);
  tcb.snd_nxt = later(tcb.snd_nxt, end);
  tcb.last_sent = context.now;
  if (is_new) {
    // RFC 6298 §4: one segment per flight is timed, and only one that was never sent before.
    if (tcb.rtt_start.is_never() && seq == tcb.snd_max) {
      tcb.rtt_start = context.now;
      tcb.rtt_seq = end;
    }
    tcb.snd_max = end;
  }
  if (!tcb.timers.is_armed(Timer::retransmit) && !tcb.timers.is_armed(Timer::persist)) {
    arm(tcb, context, Timer::retransmit, tcb.rtt.rto());
    start_user_timeout(tcb, context);
  }
}

std::optional<TxSegment> send_syn(Tcb& tcb, const Context& context) {
  tcb.syn_pending = false;
  if (tcb.snd_max != tcb.iss) tcb.rtt_start = Instant::never();  // sent again: Karn
  TxSegment segment = build_syn(tcb, context);
  on_sent(tcb, context, tcb.iss, 1);
  return segment;
}

/// Room in the send window for bytes that were never sent, or that a time-out put back (RFC 9293 §3.8.6.2.1:
/// U).
std::uint32_t usable_window(const Tcb& tcb, bool& cwnd_limited) {
  // RFC 3042 §2: beyond cwnd only what was never sent may leave.
  const std::uint32_t extra = tcb.snd_nxt == tcb.snd_max ? tcb.recovery.extra_segments() : 0;
  const std::uint32_t cwnd = tcb.cc.cwnd() + extra * tcb.snd_mss;
  const std::uint32_t window = std::min(cwnd, tcb.snd_wnd);
  cwnd_limited = cwnd <= tcb.snd_wnd;
  const std::uint32_t in_flight = tcb.in_flight();
  return window > in_flight ? window - in_flight : 0;
}

/// RFC 9293 §3.8.6.2.1 and §3.7.4: is a piece that fills no segment worth sending? `all`: it empties the
/// queue.
bool is_worth_sending(const Tcb& tcb, std::uint32_t size, bool all) {
  if (size >= tcb.snd_mss) return true;
  const bool idle = tcb.snd_una == tcb.snd_nxt;
  if (all && tcb.fin_queued) return true;
  const bool held = tcb.more_follows || tcb.settings.cork;
  if (all && !held && (idle || tcb.settings.nodelay)) return true;
  if (all && tcb.push_end == tcb.queue_end()) return true;
  return size >= tcb.snd_wnd_max / 2 && tcb.snd_wnd_max > 0;
}

bool fin_is_due(const Tcb& tcb, SeqNum data_end) {
  return tcb.fin_queued && data_end == tcb.queue_end() &&
         is_in(tcb.state, State::fin_wait_1, State::last_ack, State::closing);
}

std::optional<TxSegment> send_data(Tcb& tcb, const Context& context, SeqNum seq, std::uint32_t size,
                                   bool with_fin, Cause cause) {
  std::optional<TxSegment> segment = build_data(tcb, context, seq, size, with_fin, cause);
  if (!segment) return segment;
  const bool fin = (segment->flags & tcp_flag::kFin) != 0;
  if (fin) tcb.fin_sent = true;
  tcb.traffic.bytes_sent += segment->payload_size;
  if (seq.before(tcb.snd_max)) {
    context.count(Counter::tcp_retrans_segs);
    ++tcb.traffic.retransmissions;
    tcb.traffic.bytes_retransmitted += segment->payload_size;
    tcb.rtt_start = Instant::never();  // Karn
  }
  on_sent(tcb, context, seq, segment->payload_size + (fin ? 1U : 0U));
  if (tcb.settings.notsent_lowat != 0) signal_send_room(tcb, context.config);
  return segment;
}

/// The one segment at snd_una again (fast retransmit, partial ACK), whatever cwnd says.
std::optional<TxSegment> retransmit(Tcb& tcb, const Context& context) {
  const std::uint32_t queued = static_cast<std::uint32_t>(tcb.send_queue.size());
  const std::uint32_t size = std::min<std::uint32_t>(queued, tcb.snd_mss);
  const bool with_fin = tcb.fin_sent && size == queued;
  std::optional<TxSegment> segment =
      send_data(tcb, context, tcb.snd_una, size, with_fin, tcb.retransmit_cause);
  tcb.retransmit_pending = !segment;  // without memory it waits
  return segment;
}

/// What keeps the sender from sending more, for its clock.
void note_limit(Tcb& tcb, const Context& context, const Allowance& allowed) {
  using enum SendClock::What;
  if (allowed.size > 0) return;
  const SeqNum end = tcb.queue_end();
  const std::uint32_t waiting = tcb.snd_nxt.before(end) ? bytes_between(tcb.snd_nxt, end) : 0;
  const std::uint32_t piece = std::min<std::uint32_t>(waiting, tcb.snd_mss);
  if (waiting > 0 && !allowed.cwnd_limited && tcb.snd_wnd < tcb.in_flight() + piece)
    return tcb.send_clock.start(window, context.now);
  tcb.send_clock.stop(window, context.now);
  if (waiting > 0 || !tcb.send_blocked || allowed.cwnd_limited) return;
  tcb.send_clock.start(buffer, context.now);
  grow_send_buffer(tcb, context.config);
  signal_send_room(tcb, context.config);
}

std::optional<TxSegment> send_new(Tcb& tcb, const Context& context) {
  if (tcb.state < State::established) return std::nullopt;
  // RFC 5681 §4.1: after an idle RTO the ACK clock is gone; begin again with the initial window.
  const bool idle = !tcb.has_outstanding() && context.now - tcb.last_sent > tcb.rtt.rto();
  if (idle && !tcb.send_queue.empty() && context.config.slow_start_after_idle) {
    tcb.cc.on_idle(Tcb::initial_window(context.config, tcb.snd_mss));
  }
  const Allowance allowed = may_send(tcb, context.config);
  tcb.cwnd_limited = allowed.cwnd_limited;
  note_limit(tcb, context, allowed);
  if (allowed.size == 0 && !allowed.with_fin) return std::nullopt;
  Cause cause = allowed.size == 0 ? Cause::app_close : Cause::app_send;
  if (tcb.snd_nxt.before(tcb.snd_max)) cause = Cause::retransmit_rto;
  return send_data(tcb, context, tcb.snd_nxt, allowed.size, allowed.with_fin, cause);
}

/// RFC 9293 §3.8.6.1: nothing in flight, the window too small, data waiting: ask now and then.
void start_persist(Tcb& tcb, const Context& context) {
  const bool stuck = tcb.has_unfinished() && tcb.snd_una == tcb.snd_nxt;
  if (!stuck || tcb.timers.is_armed(Timer::persist) || tcb.timers.is_armed(Timer::retransmit)) return;
  arm(tcb, context, Timer::persist, tcb.rtt.rto());
  start_user_timeout(tcb, context);
}

/// Persist timer: what a small window takes, or one byte into a closed one (RFC 9293 §3.8.6.1, §3.8.6.2.1:
/// the override time-out). Without data: an old number, so that the peer has to answer (RFC 9293 §3.8.4).
std::optional<TxSegment> send_probe(Tcb& tcb, const Context& context) {
  tcb.probe_pending = false;
  if (!tcb.send_queue.empty()) {
    context.count(Counter::tcp_zero_window_probes);
    const std::uint32_t most =
        std::min<std::uint32_t>(static_cast<std::uint32_t>(tcb.send_queue.size()), tcb.snd_mss);
    const std::uint32_t size = std::clamp(tcb.snd_wnd, 1U, most);
    return send_data(tcb, context, tcb.snd_una, size, false, Cause::probe_zero_window);
  }
  context.count(Counter::tcp_keepalives);
  TxSegment segment = build_ack(tcb, context, Cause::probe_keepalive);
  segment.seq = tcb.snd_una - 1;
  return segment;
}

std::optional<TxSegment> send_duplicate_ack(Tcb& tcb, const Context& context) {
  tcb.acks.on_duplicate_sent();
  return build_ack(tcb, context, Cause::ack_out_of_order);
}

std::optional<TxSegment> next_segment(Tcb& tcb, const Context& context) {
  if (tcb.rst_pending) {
    tcb.rst_pending = false;
    context.count(Counter::tcp_rst_out);
    return build_reset(tcb, context);
  }
  if (tcb.syn_pending) return send_syn(tcb, context);
  if (tcb.state < State::syn_received) return std::nullopt;
  if (tcb.acks.duplicate_owed()) return send_duplicate_ack(tcb, context);
  if (tcb.retransmit_pending) return retransmit(tcb, context);
  if (std::optional<TxSegment> segment = send_new(tcb, context)) return segment;
  if (tcb.probe_pending) return send_probe(tcb, context);
  start_persist(tcb, context);
  if (tcb.acks.owed() == Cause::none) return std::nullopt;
  return build_ack(tcb, context, tcb.acks.owed());
}

/// What holds for every segment, whatever it says.
void finish_segment(Tcb& tcb, TxSegment& segment) {
  segment.ttl = tcb.settings.ttl;
  segment.may_fragment = tcb.settings.may_fragment;
  segment.dscp = static_cast<std::uint8_t>(tcb.settings.tos >> 2);
  const std::uint32_t count =
      segment.gso_size == 0 ? 1 : (segment.payload_size + segment.gso_size - 1U) / segment.gso_size;
  tcb.traffic.segments_out += count;
  if (segment.payload_size > 0) tcb.traffic.data_segments_out += count;
}

}  // namespace

Allowance may_send(const Tcb& tcb, const TcpConfig& config) {
  Allowance allowed;
  const SeqNum end = tcb.queue_end();
  const std::uint32_t waiting = tcb.snd_nxt.before(end) ? bytes_between(tcb.snd_nxt, end) : 0;
  bool limited_by_cwnd = false;
  const std::uint32_t usable = usable_window(tcb, limited_by_cwnd);
  std::uint32_t size = std::min(waiting, usable);
  allowed.cwnd_limited = limited_by_cwnd && usable < waiting + tcb.snd_mss;
  size = std::min(size, std::max<std::uint32_t>(tcb.path.gso_max, tcb.snd_mss));
  if (config.push_bursts) size = std::min(size, burst_limit(tcb, config));
  // Cut to whole segments, unless the rest is the end of the queue and worth a segment of its own.
  const std::uint32_t tail = size % tcb.snd_mss;
  if (tail != 0 && size > tcb.snd_mss && !(size == waiting && is_worth_sending(tcb, tail, true)))
    size -= tail;
  if (size > 0 && !is_worth_sending(tcb, size, size == waiting)) size = 0;
  allowed.size = size;
  const bool not_sent = !tcb.fin_sent || tcb.snd_nxt.at_or_before(end);
  allowed.with_fin = size == waiting && size < usable && not_sent && fin_is_due(tcb, tcb.snd_nxt + size);
  return allowed;
}

std::optional<TxSegment> poll_transmit(Tcb& tcb, const Context& context) {
  std::optional<TxSegment> segment = next_segment(tcb, context);
  if (segment) {
    context.count(Counter::tcp_out);
    finish_segment(tcb, *segment);
    trace_sent(tcb, context, *segment);
  }
  return segment;
}

}  // namespace strata::tcp
