#include "transport/tcp/connection.hpp"

#include "transport/tcp/input.hpp"
#include "transport/tcp/output.hpp"
#include "transport/tcp/receive_space.hpp"
#include "transport/tcp/send_space.hpp"
#include "transport/tcp/settings.hpp"
#include "transport/tcp/timeouts.hpp"

namespace strata::tcp {
namespace {

void count_arrival(TcpTraffic& traffic, const Segment& segment) {
  traffic.segments_in += segment.wire_segments();
  if (segment.payload_size > 0) traffic.data_segments_in += segment.wire_segments();
}

/// Of what the application queued, what never left.
std::uint32_t not_sent(const Tcb& tcb) {
  const SeqNum begin = later(tcb.queue_begin(), tcb.snd_max);
  return begin.before(tcb.queue_end()) ? bytes_between(begin, tcb.queue_end()) : 0;
}

/// RFC 9768 §3.2.1: its counters do not begin with zero.
TcpMarks marks_of(const EcnState& ecn) {
  TcpMarks marks = ecn.marks;
  if (!ecn.accurate) return marks;
  marks.received = ecn.accurate->receiver.counted();
  marks.delivered = ecn.accurate->sender.counted();
  return marks;
}

}  // namespace

void Connection::on_segment(const Segment& segment, const Context& context) {
  if (context.tracing()) {
    const bool is_syn = segment.has(tcp_flag::kSyn);
    trace_segment(tcb_, context, TraceKind::segment_received,
                  {.seq = segment.seq.raw(),
                   .ack = segment.ack.raw(),
                   .length = segment.payload_size,
                   .wnd = is_syn ? segment.window : tcb_.snd_shift.to_bytes(segment.window),
                   .flags = segment.flags,
                   .gso_size = segment.meta.gso_size},
                  Cause::none);
  }
  if (tcb_.state == State::closed) return;
  count_arrival(tcb_.traffic, segment);
  if (tcb_.state == State::syn_sent) return process_syn_sent(tcb_, context, segment);
  process_synchronized(tcb_, context, segment);
}

void Connection::on_timers(const Context& context) { tcp::on_timers(tcb_, context); }

std::optional<TxSegment> Connection::poll_transmit(const Context& context) {
  return tcp::poll_transmit(tcb_, context);
}

void Connection::release(const Context& context) {
  tcb_.send_queue.clear(context.pools);
  tcb_.receive_queue.clear(context.pools);
  tcb_.reassembly.clear(context.reassembly_memory());
  tcb_.loss.board.clear(context.records);
}

TcpInfo Connection::info(const Context& context) const {
  TcpInfo info = this->info(context.now);
  info.send_buffer = send_buffer_size(tcb_, context);
  info.send_room_is_ample = has_ample_room(tcb_, context);
  info.receive_buffer = window_limit(tcb_, context);
  if (tcb_.tuning) {
    info.read_per_round = tcb_.tuning->per_round();
    info.receive_rtt = tcb_.tuning->rtt();
  }
  return info;
}

TcpInfo Connection::info(Instant now) const {
  TcpInfo info;
  info.state = tcb_.state;
  info.local = tcb_.flow.local;
  info.remote = tcb_.flow.remote;
  info.snd_una = tcb_.snd_una.raw();
  info.snd_nxt = tcb_.snd_nxt.raw();
  info.snd_wnd = tcb_.snd_wnd;
  info.rcv_nxt = tcb_.rcv_nxt.raw();
  info.rcv_wnd = tcb_.rcv_wnd();
  info.cwnd = tcb_.cc.cwnd();
  info.ssthresh = tcb_.cc.ssthresh();
  info.snd_mss = tcb_.snd_mss;
  info.send_queued = static_cast<std::uint32_t>(tcb_.send_queue.size());
  info.receive_queued = static_cast<std::uint32_t>(tcb_.receive_queue.size());
  info.not_sent = not_sent(tcb_);
  info.retransmits = tcb_.retransmits;
  info.probes = tcb_.probes;
  info.in_flight = bytes_between(tcb_.snd_una, tcb_.snd_max);
  info.announced_mss = mss_limit(*tcb_.settings, tcb_.path.mss);
  info.path_mss = tcb_.path.carried != 0 ? tcb_.path.carried : tcb_.path.mss;
  info.snd_shift = tcb_.snd_shift.value();
  info.rcv_shift = tcb_.rcv_shift.value();
  info.timestamps = tcb_.timestamps_on;
  info.sack = tcb_.sack_on;
  info.window_scaling = tcb_.scaling_on;
  info.recovering = tcb_.loss.repairs();
  info.quick_ack = tcb_.acks.is_quick();
  info.fin_received = tcb_.fin_received;
  info.syn_data_acked = tcb_.syn_data_acked;
  info.srtt = tcb_.rtt.srtt();
  info.rttvar = tcb_.rtt.rttvar();
  info.rto = tcb_.rtt.rto();
  info.since_data_sent = now - tcb_.last_sent;
  info.since_data_received = now - tcb_.last_data_received;
  info.since_ack_received = now - tcb_.last_received;
  using enum SendClock::What;
  info.window_limited = tcb_.send_clock.total(window, now);
  info.buffer_limited = tcb_.send_clock.total(buffer, now);
  info.busy = tcb_.send_clock.total(busy, now) + info.window_limited + info.buffer_limited;
  info.traffic = tcb_.traffic;
  if (tcb_.ecn) info.marks = marks_of(*tcb_.ecn);
  info.max_pacing_rate = tcb_.settings->max_pacing_rate;
  if (tcb_.rates) {
    info.delivery_rate = tcb_.rates->shown_rate();
    info.delivery_rate_app_limited = tcb_.rates->shown_is_app_limited();
  }
  if (const Bbr* const bbr = tcb_.cc.bbr()) {
    info.model = {.bandwidth = bbr->bandwidth(),
                  .min_rtt = bbr->min_rtt(),
                  .pacing_gain_percent = bbr->pacing_gain(),
                  .cwnd_gain_percent = bbr->cwnd_gain()};
  }
  return info;
}

}  // namespace strata::tcp
