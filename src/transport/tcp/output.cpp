#include "transport/tcp/output.hpp"

#include <algorithm>
#include <utility>

#include "transport/tcp/accurate_marks.hpp"
#include "transport/tcp/congestion_marks.hpp"
#include "transport/tcp/pacing.hpp"
#include "transport/tcp/path_model.hpp"
#include "transport/tcp/path_mtu.hpp"
#include "transport/tcp/recovery.hpp"
#include "transport/tcp/send_space.hpp"
#include "transport/tcp/settings.hpp"
#include "transport/tcp/urgent_data.hpp"

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

/// Connecting has a limit of its own beside the user timeout (RFC 9293 §3.8.3); zero: there is none.
Duration patience(const Tcb& tcb, const TcpConfig& config) {
  const Duration user_timeout = tcb.settings->user_timeout;
  const Duration connecting = tcb.state == State::syn_sent ? keepinit(*tcb.settings, config) : Duration{};
  if (user_timeout == Duration{} || connecting == Duration{}) return user_timeout + connecting;
  return std::min(user_timeout, connecting);
}

/// RFC 9293 §3.9.1.2: from the moment when something waits for an acknowledgment, or for a window.
void start_user_timeout(Tcb& tcb, const Context& context) {
  const Duration limit = patience(tcb, context.config);
  if (limit == Duration{} || tcb.timers.is_armed(Timer::user_timeout)) return;
  arm(tcb, context, Timer::user_timeout, limit);
}

/// The retransmission timer runs while something is outstanding (RFC 6298 §5.1).
void start_retransmission_timer(Tcb& tcb, const Context& context) {
  if (tcb.timers.is_armed(Timer::retransmit) || tcb.timers.is_armed(Timer::persist)) return;
  arm(tcb, context, Timer::retransmit, tcb.rtt.rto());
  start_user_timeout(tcb, context);
}

/// Keeps snd_nxt and snd_max true after [snd_nxt, end) left.
void on_sent(Tcb& tcb, const Context& context, SeqNum end) {
  tcb.last_sent = context.now;
  if (end.after(tcb.snd_max)) {
    tcb.snd_max = end;
  }
  tcb.snd_nxt = later(tcb.snd_nxt, end);
  start_retransmission_timer(tcb, context);
}

std::optional<TxSegment> send_syn(Tcb& tcb, const Context& context) {
  tcb.syn_pending = false;
  tcb.rtt_start = tcb.snd_max == tcb.iss ? context.now : Instant::never();  // sent again: Karn
  TxSegment segment = build_syn(tcb, context);
  tcb.snd_nxt = tcb.iss;
  on_sent(tcb, context, tcb.iss + 1 + segment.payload_size);
  return segment;
}

void count_repeated(Tcb& tcb, const Context& context, std::uint32_t bytes) {
  const std::uint32_t segments = std::max((bytes + tcb.snd_mss - 1) / tcb.snd_mss, 1U);
  context.counters.add(Counter::tcp_retrans_segs, segments);
  tcb.traffic.retransmissions += segments;
  tcb.traffic.bytes_retransmitted += bytes;
  tcb.loss.alarm.on_resent(timestamp_value(context.now, tcb.ts_offset), segments);
}

/// One record for each segment that the device will make of `payload` bytes at snd_nxt; the last holds the
/// FIN.
void record_sent(Tcb& tcb, const Context& context, std::uint32_t payload, bool fin, bool again) {
  const auto record = [&](SeqNum end) {
    tcb.loss.board.on_sent(end, context.now, again);
    if (tcb.rates) stamp_sent(tcb, context, tcb.loss.board.last());
  };
  SeqNum at = tcb.snd_nxt;
  for (; payload > tcb.snd_mss; payload -= tcb.snd_mss) record(at += tcb.snd_mss);
  record(at + payload + (fin ? 1U : 0U));
}

/// [snd_nxt, snd_nxt + size), for the first time or after go_back().
std::optional<TxSegment> send_data(Tcb& tcb, const Context& context, std::uint32_t size, bool with_fin,
                                   Cause cause) {
  if (!tcb.loss.board.reserve(context.records, size / tcb.snd_mss + 1, static_cast<bool>(tcb.rates))) {
    context.count(Counter::tcp_no_record);
    return std::nullopt;
  }
  if (tcb.rates) note_restart(tcb, context);
  std::optional<TxSegment> segment = build_data(tcb, context, tcb.snd_nxt, size, with_fin, cause);
  if (!segment) return segment;
  const bool fin = (segment->flags & tcp_flag::kFin) != 0;
  const bool again = tcb.snd_nxt.before(tcb.snd_max);
  if (fin) tcb.fin_sent = true;
  tcb.traffic.bytes_sent += segment->payload_size;
  if (again) count_repeated(tcb, context, segment->payload_size);
  if (!again && cause != Cause::probe_zero_window) mark_data(tcb, *segment);
  const SeqNum end = tcb.snd_nxt + segment->payload_size + (fin ? 1U : 0U);
  record_sent(tcb, context, segment->payload_size, fin, again);
  on_sent(tcb, context, end);
  tcb.loss.reduction.on_sent(segment->payload_size);
  if (tcb.paced) pace(tcb, context, segment->payload_size);
  if (tcb.settings->notsent_lowat != 0) signal_send_room(tcb, context);
  return segment;
}

/// `count` records from `at` on once more, as one segment or as one burst of whole ones.
std::optional<TxSegment> resend(Tcb& tcb, const Context& context, Scoreboard::Position at,
                                std::uint32_t count, Cause cause) {
  const SeqRange range = {.begin = tcb.loss.board.range(at).begin,
                          .end = tcb.loss.board.range(at + count - 1).end};
  const bool with_fin = tcb.fin_sent && range.end == tcb.queue_end() + 1;
  const std::uint32_t size = range.size() - (with_fin ? 1 : 0);
  std::optional<TxSegment> segment = build_data(tcb, context, range.begin, size, with_fin, cause);
  if (!segment) return segment;
  const SeqNum end = range.begin + segment->payload_size + ((segment->flags & tcp_flag::kFin) != 0 ? 1U : 0U);
  tcb.traffic.bytes_sent += segment->payload_size;
  count_repeated(tcb, context, segment->payload_size);
  tcb.loss.reduction.on_sent(bytes_between(range.begin, end));
  // The timer is of the first segment, and this is when that left last; RFC 6298 §5.3 counts from an ACK that
  // may be as old as a round trip.
  if (at == tcb.loss.board.head()) tcb.timers.stop(Timer::retransmit);
  for (; count > 0 && tcb.loss.board.range(at).end.at_or_before(end); --count) {
    tcb.loss.board.on_resent(at, context.now);
    if (tcb.rates) stamp_sent(tcb, context, at);
    ++at;
  }
  if (tcb.paced) pace(tcb, context, segment->payload_size);
  tcb.last_sent = context.now;
  start_retransmission_timer(tcb, context);
  return segment;
}

/// How many lost records from `at` on make one segment, or one burst of whole segments, of at most `room`
/// bytes.
std::uint32_t run_of_lost(const Tcb& tcb, Scoreboard::Position at, std::uint32_t room) {
  const Scoreboard& board = tcb.loss.board;
  std::uint32_t size = board.range(at).size();
  std::uint32_t count = 1;
  for (; at + count != board.last() + 1; ++count) {
    const Scoreboard::Position next = at + count;
    const std::uint32_t more = board.range(next).size();
    const bool is_fin = tcb.fin_sent && next == board.last() && more == 1;
    const bool joins = size % tcb.snd_mss == 0 || size + more <= tcb.snd_mss || is_fin;
    if (!board.at(next).lost || board.at(next).resent || !joins || size + more > room + (is_fin ? 1 : 0))
      break;
    size += more;
  }
  return count;
}

std::optional<TxSegment> send_new(Tcb& tcb, const Context& context);

/// The first of what is lost, as far as the congestion window lets it.
std::optional<TxSegment> resend_lost(Tcb& tcb, const Context& context) {
  if (!fit_waiting(tcb, context)) return send_new(tcb, context);
  const std::uint32_t room = tcb.cc.cwnd() - std::min(tcb.cc.cwnd(), tcb.in_flight());
  const std::optional<Scoreboard::Position> lost = room > 0 ? tcb.loss.board.next_lost() : std::nullopt;
  if (!lost || room < std::min<std::uint32_t>(tcb.loss.board.range(*lost).size(), tcb.snd_mss)) {
    tcb.window_use.on_transmit(tcb.snd_una, tcb.snd_nxt, tcb.flight_size(), true);
    return std::nullopt;
  }
  const std::uint32_t most = std::min(room, burst_max(tcb, context.config));
  return resend(tcb, context, *lost, run_of_lost(tcb, *lost, most), tcb.retransmit_cause);
}

/// What keeps the sender from sending more, for its clock.
void note_limit(Tcb& tcb, const Context& context, const Allowance& allowed) {
  using enum SendClock::What;
  if (allowed.size > 0) return;
  const SeqNum end = tcb.queue_end();
  const std::uint32_t waiting = tcb.snd_nxt.before(end) ? bytes_between(tcb.snd_nxt, end) : 0;
  const std::uint32_t piece = std::min<std::uint32_t>(waiting, tcb.snd_mss);
  if (tcb.rates && waiting < tcb.snd_mss && !allowed.cwnd_limited)
    tcb.rates->mark_app_limited(tcb.in_flight());
  if (waiting > 0 && !allowed.cwnd_limited && tcb.snd_wnd < tcb.flight_size() + piece)
    return tcb.send_clock.start(window, context.now);
  tcb.send_clock.stop(window, context.now);
  if (waiting > 0 || !tcb.send_blocked || allowed.cwnd_limited) return;
  tcb.send_clock.start(buffer, context.now);
  grow_send_buffer(tcb, context);
  signal_send_room(tcb, context);
}

/// RFC 4821 §7.4: what is next, in one segment that may be too big.
std::optional<TxSegment> send_path_probe(Tcb& tcb, const Context& context) {
  const std::uint16_t size = path_probe_size(tcb, context);
  if (size == 0) return std::nullopt;
  const SeqNum begin = tcb.snd_nxt;
  const std::uint16_t mss = std::exchange(tcb.snd_mss, size);
  std::optional<TxSegment> segment = send_data(tcb, context, size, false, Cause::probe_path_mtu);
  tcb.snd_mss = mss;
  if (segment && segment->payload_size > mss) on_path_probe_sent(tcb, {.begin = begin, .end = tcb.snd_nxt});
  return segment;
}

std::optional<TxSegment> send_new(Tcb& tcb, const Context& context) {
  if (tcb.state < State::established) return std::nullopt;
  // RFC 5681 §4.1: after an idle RTO the ACK clock is gone; begin again with the initial window.
  const bool idle = !tcb.has_outstanding() && context.now - tcb.last_sent > tcb.rtt.rto();
  if (idle && !tcb.send_queue.empty() && context.config.slow_start_after_idle) {
    tcb.cc.on_idle(Tcb::initial_window(context.config, tcb.snd_mss));
  }
  if (tcb.settings.path_search() != nullptr) {
    if (std::optional<TxSegment> probe = send_path_probe(tcb, context)) return probe;
  }
  const Allowance allowed = may_send(tcb, context.config);
  note_limit(tcb, context, allowed);
  if (allowed.size == 0 && !allowed.with_fin) {
    if (allowed.cwnd_limited) {
      tcb.window_use.on_transmit(tcb.snd_una, tcb.snd_nxt, tcb.flight_size(), true);
    }
    return std::nullopt;
  }
  Cause cause = allowed.size == 0 ? Cause::app_close : Cause::app_send;
  if (tcb.snd_nxt.before(tcb.snd_max)) cause = Cause::retransmit_rto;
  if (tcb.timers.is_armed(Timer::persist)) {  // the window takes it: nothing has to be probed
    tcb.timers.stop(Timer::persist);
    tcb.probe_pending = false;
  }
  std::optional<TxSegment> segment = send_data(tcb, context, allowed.size, allowed.with_fin, cause);
  tcb.window_use.on_transmit(tcb.snd_una, tcb.snd_nxt, tcb.flight_size(), allowed.cwnd_limited);
  if (segment) schedule_tail_probe(tcb, context);
  return segment;
}

/// RFC 8985 §7.3: new data if there is any that the peer takes, else the last segment once more.
std::optional<TxSegment> send_tail_probe(Tcb& tcb, const Context& context) {
  tcb.tail_probe_pending = false;
  if (tcb.loss.board.empty() || tcb.loss.phase != LossPhase::open) return std::nullopt;
  if (tcb.loss.board.range(tcb.loss.board.last()).size() > tcb.snd_mss + 1U) return std::nullopt;
  const std::uint32_t waiting =
      tcb.snd_nxt.before(tcb.queue_end()) ? bytes_between(tcb.snd_nxt, tcb.queue_end()) : 0;
  const std::uint32_t size = std::min<std::uint32_t>(waiting, tcb.snd_mss);
  const bool has_new = size > 0 && tcb.flight_size() + size <= tcb.snd_wnd;
  std::optional<TxSegment> segment = has_new
                                         ? send_data(tcb, context, size, false, Cause::probe_tail)
                                         : resend(tcb, context, tcb.loss.board.last(), 1, Cause::probe_tail);
  if (segment) tcb.loss.probe.on_sent(tcb.snd_nxt, !has_new);
  return segment;
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
    if (tcb.loss.board.empty()) return send_data(tcb, context, size, false, Cause::probe_zero_window);
    return resend(tcb, context, tcb.loss.board.head(), 1, Cause::probe_zero_window);
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

/// RFC 9293 §3.6: our FIN counts in every segment until the peer has it, so each may say so again. A
/// challenge is to say nothing but where we are (RFC 5961 §3.2).
bool repeats_fin(const Tcb& tcb, const Context& context) {
  return context.config.repeat_fin && tcb.fin_sent && tcb.has_outstanding() && tcb.snd_nxt == tcb.snd_max &&
         tcb.acks.owed() != Cause::ack_challenge;
}

std::optional<TxSegment> send_owed_ack(Tcb& tcb, const Context& context) {
  const Cause cause = tcb.acks.owed();
  if (cause == Cause::none) return std::nullopt;
  if (repeats_fin(tcb, context)) return build_data(tcb, context, tcb.snd_max - 1, 0, true, cause);
  return build_ack(tcb, context, cause);
}

/// RFC 6675 §4, NextSeg: what is lost before what is new, also when only the new would find room.
std::optional<TxSegment> send_data_or_repair(Tcb& tcb, const Context& context) {
  LossRecovery& loss = tcb.loss;
  if (loss.doubt != TimeoutDoubt::second_ack) {
    if (loss.board.has_waiting()) return resend_lost(tcb, context);
    return send_new(tcb, context);
  }
  if (std::optional<TxSegment> segment = send_new(tcb, context)) return segment;
  if (tcb.snd_nxt != loss.high) return std::nullopt;
  loss.doubt = TimeoutDoubt::none;  // RFC 5682 §2.1 step 2: nothing new may leave, so repair
  return resend_lost(tcb, context);
}

/// RFC 9768 §3.2.2.1: alone, whatever else waits.
TxSegment send_handshake_ack(Tcb& tcb, const Context& context) {
  const Cause owed = tcb.acks.owed();
  TxSegment segment = build_ack(tcb, context, owed == Cause::none ? Cause::ack_of_syn : owed);
  make_handshake_ack(tcb, segment);
  return segment;
}

std::optional<TxSegment> next_segment(Tcb& tcb, const Context& context) {
  if (tcb.rst_pending) {
    tcb.rst_pending = false;
    context.count(Counter::tcp_rst_out);
    return build_reset(tcb, context);
  }
  if (tcb.syn_pending) return send_syn(tcb, context);
  if (tcb.state < State::syn_received) return std::nullopt;
  if (owes_handshake_ack(tcb)) return send_handshake_ack(tcb, context);
  if (owes_change_ack(tcb)) return build_change_ack(tcb, context);
  if (owes_feedback(tcb, context)) return build_ack(tcb, context, Cause::ack_congestion_mark);
  if (tcb.acks.duplicate_owed()) return send_duplicate_ack(tcb, context);
  if (tcb.tail_probe_pending) {
    if (std::optional<TxSegment> segment = send_tail_probe(tcb, context)) return segment;
  }
  const bool held_back = is_held_back(tcb, context.now);
  if (!held_back) {
    if (std::optional<TxSegment> segment = send_data_or_repair(tcb, context)) return segment;
  }
  if (tcb.probe_pending) return send_probe(tcb, context);
  if (!held_back) start_persist(tcb, context);
  return send_owed_ack(tcb, context);
}

/// What holds for every segment, whatever it says.
void finish_segment(Tcb& tcb, const Context& context, TxSegment& segment) {
  mark_control(tcb, context, segment);
  note_feedback_sent(tcb, context, segment);
  if ((segment.flags & (tcp_flag::kSyn | tcp_flag::kRst)) == 0) show_urgent(tcb, segment);
  segment.ttl = tcb.settings->ttl;
  segment.may_fragment = !sets_dont_fragment(path_mtu_discovery(*tcb.settings, context.config));
  segment.dscp = static_cast<std::uint8_t>(tcb.settings->tos >> 2);
  const std::uint32_t count =
      segment.gso_size == 0 ? 1 : (segment.payload_size + segment.gso_size - 1U) / segment.gso_size;
  tcb.traffic.segments_out += count;
  if (segment.payload_size > 0) tcb.traffic.data_segments_out += count;
}

}  // namespace

std::optional<TxSegment> poll_transmit(Tcb& tcb, const Context& context) {
  std::optional<TxSegment> segment = next_segment(tcb, context);
  if (segment) {
    context.count(Counter::tcp_out);
    finish_segment(tcb, context, *segment);
    trace_sent(tcb, context, *segment);
  }
  return segment;
}

}  // namespace strata::tcp
