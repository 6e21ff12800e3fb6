// The seventh and eighth checks of RFC 9293 §3.10.7.4: segment text and FIN.
#include <algorithm>

#include "transport/tcp/accurate_marks.hpp"
#include "transport/tcp/input.hpp"
#include "transport/tcp/receive_space.hpp"
#include "transport/tcp/urgent_data.hpp"

namespace strata::tcp {
namespace {

/// The part of the segment's payload that is new and lies in the window.
struct Text {
  SeqNum seq;
  std::size_t skip;
  std::uint32_t size;
  bool cut;  ///< something behind the window was left out, FIN included
};

Text trim_to_window(const Tcb& tcb, const Segment& segment) {
  Text text{.seq = segment.seq, .skip = 0, .size = segment.payload_size, .cut = false};
  if (segment.seq.before(tcb.rcv_nxt)) {
    const std::uint32_t old = std::min(bytes_between(segment.seq, tcb.rcv_nxt), text.size);
    text.seq += old;
    text.skip = old;
    text.size -= old;
  }
  const SeqNum end = text.seq + text.size;
  if (end.after(tcb.rcv_edge)) {
    const std::uint32_t beyond = std::min(bytes_between(tcb.rcv_edge, end), text.size);
    text.size -= beyond;
    text.cut = true;
  }
  return text;
}

/// RFC 9293 §3.10.4 and RFC 1122 §4.2.2.13: the application is gone, nobody will read this.
bool arrives_after_close(const Tcb& tcb, const Text& text) {
  return (tcb.orphan || tcb.receive_shut) && text.size > 0 &&
         is_in(tcb.state, State::fin_wait_1, State::fin_wait_2, State::closing);
}

/// [begin, RCV.NXT) can be read now, and an ACK is due: at once, or by the timer.
void on_delivered(Tcb& tcb, const Context& context, SeqNum begin, std::uint32_t segments, Cause reason) {
  tcb.traffic.bytes_received += bytes_between(begin, tcb.rcv_nxt);
  tcb.last_data_received = context.now;
  find_urgent_octet(tcb);
  tcb.signal(Ready::readable);
  if (tcb.acks.on_data(segments, reason) && !tcb.timers.is_armed(Timer::delayed_ack)) {
    arm(tcb, context, Timer::delayed_ack, context.config.delayed_ack);
  }
}

/// Data begins exactly at RCV.NXT: deliver it, and whatever waited behind it.
void accept_in_order(Tcb& tcb, const Context& context, const Segment& segment, const Text& text) {
  if (!has_memory_for_text(tcb, context, true)) return;  // not acknowledged: the peer sends it again
  measure_receive_rtt(tcb, context, segment);
  const std::size_t before = tcb.receive_queue.size();
  if (!tcb.receive_queue.append_packet(context.pools, *segment.packet, text.skip, text.size)) {
    tcb.receive_queue.drop_back(context.pools, tcb.receive_queue.size() - before);
    context.count(Counter::no_queue_node);
    return;
  }
  const SeqNum begin = tcb.rcv_nxt;
  tcb.rcv_nxt += text.size;
  Cause reason = Cause::none;
  if (!tcb.reassembly.empty()) {
    // RFC 5681 §4.2: a segment that fills a gap is acknowledged at once.
    reason = Cause::ack_gap_filled;
    tcb.rcv_nxt += tcb.reassembly.take(context.reassembly_memory(), tcb.rcv_nxt, tcb.receive_queue);
  }
  on_delivered(tcb, context, begin, segment.wire_segments(), reason);
}

/// RFC 2883 §4: of a segment that came again, what was here.
void note_twice(Tcb& tcb, const Context& context, SeqRange range) {
  if (context.config.dsack && !range.empty()) tcb.arrived_twice = range;
}

/// A queue that overflowed loses every second segment: a large window may have a hole for each. One for some
/// bytes of buffer is all that an honest peer needs, and each pins memory.
std::size_t ranges_allowed(const Tcb& tcb, const Context& context) {
  constexpr std::size_t kAlways = 512;
  constexpr std::size_t kBytesOfBuffer = 2048;
  const std::size_t by_buffer = window_limit(tcb, context) / kBytesOfBuffer;
  return std::min(std::max(kAlways, by_buffer), context.islands_max);
}

void store_out_of_order(Tcb& tcb, const Context& context, const Segment& segment, const Text& text) {
  tcb.acks.on_out_of_order();
  if (!has_memory_for_text(tcb, context, false)) return;
  Reassembly::Memory memory = context.reassembly_memory();
  memory.islands_max = ranges_allowed(tcb, context);
  const auto result = tcb.reassembly.insert(memory, text.seq, *segment.packet, text.skip, text.size);
  context.count(result == Reassembly::Insert::full        ? Counter::tcp_reassembly_full
                : result == Reassembly::Insert::duplicate ? Counter::tcp_duplicate_data
                                                          : Counter::tcp_out_of_order);
  if (result == Reassembly::Insert::duplicate) {
    note_twice(tcb, context, {.begin = text.seq, .end = text.seq + text.size});
  }
}

}  // namespace

void note_old_text(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!segment.seq.before(tcb.rcv_nxt)) return;
  const SeqNum end = earlier(segment.seq + segment.payload_size, tcb.rcv_nxt);
  if (end == segment.seq + segment.payload_size) note_reappearance(tcb, context);
  if (end.after(segment.seq)) note_twice(tcb, context, {.begin = segment.seq, .end = end});
}

void deliver_text_of_syn(Tcb& tcb, const Context& context) {
  if (tcb.reassembly.empty()) return;
  // Nobody is left to read it: the peer repeats it, and is told so then.
  if (tcb.orphan || tcb.receive_shut) return tcb.reassembly.clear(context.reassembly_memory());
  const SeqNum begin = tcb.rcv_nxt;
  tcb.rcv_nxt += tcb.reassembly.take(context.reassembly_memory(), begin, tcb.receive_queue);
  on_delivered(tcb, context, begin, 1, Cause::none);
}

Step process_text(Tcb& tcb, const Context& context, const Segment& segment) {
  if (segment.payload_size == 0) return Step::next;
  note_old_text(tcb, context, segment);
  const Text text = trim_to_window(tcb, segment);
  if (arrives_after_close(tcb, text)) {
    context.count(Counter::tcp_data_after_close);
    tcb.stray_ack = segment.ack;
    reset_peer(tcb, context, Errc::connection_reset, Cause::rst_data_after_close);
    return Step::done;
  }
  if (!may_receive_data(tcb.state)) {
    context.count(Counter::tcp_data_after_fin);  // ignored: nothing can follow the peer's FIN
    return Step::next;
  }
  if (text.cut) context.count(Counter::tcp_receive_overrun);
  if (text.size == 0) {
    context.count(Counter::tcp_duplicate_data);
    tcb.acks.ack_now(Cause::ack_duplicate);
    return text.cut ? Step::done : Step::next;
  }
  if (text.seq == tcb.rcv_nxt) {
    accept_in_order(tcb, context, segment, text);
  } else {
    store_out_of_order(tcb, context, segment, text);
  }
  return text.cut ? Step::done : Step::next;
}

void process_fin(Tcb& tcb, const Context& context, const Segment& segment) {
  if (segment.has(tcp_flag::kFin) && !tcb.fin_received) {
    tcb.fin_is_known = true;
    tcb.fin_at = segment.seq + segment.payload_size;
    // RFC 5681 §4.2: without text, nothing else has told the peer that something is missing before it.
    if (segment.payload_size == 0 && tcb.fin_at != tcb.rcv_nxt) tcb.acks.on_out_of_order();
  }
  if (!tcb.fin_is_known || tcb.fin_at != tcb.rcv_nxt || tcb.fin_received) return;
  tcb.fin_received = true;
  tcb.rcv_nxt += 1;
  tcb.rcv_edge = later(tcb.rcv_edge, tcb.rcv_nxt);
  tcb.acks.ack_now(Cause::fin_arrived);
  tcb.signal(Ready::readable | Ready::peer_closed);
  switch (tcb.state) {
    case State::syn_received:
    case State::established: enter(tcb, context, State::close_wait, Cause::fin_arrived); break;
    case State::fin_wait_1:  // our FIN is not acknowledged, or check_ack had moved us on
      enter(tcb, context, State::closing, Cause::fin_arrived);
      break;
    case State::fin_wait_2:
      tcb.timers.stop(Timer::fin_wait_2);
      enter(tcb, context, State::time_wait, Cause::fin_arrived);
      break;
    default: break;
  }
}

}  // namespace strata::tcp
