#include "transport/tcp/connection.hpp"

#include "transport/tcp/input.hpp"
#include "transport/tcp/output.hpp"
#include "transport/tcp/timeouts.hpp"

namespace strata::tcp {

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
}

TcpInfo Connection::info() const {
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
  info.retransmits = tcb_.retransmits;
  info.srtt = tcb_.rtt.srtt();
  info.rttvar = tcb_.rtt.rttvar();
  info.rto = tcb_.rtt.rto();
  return info;
}

}  // namespace strata::tcp
