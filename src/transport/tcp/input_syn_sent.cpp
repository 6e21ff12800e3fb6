// RFC 9293 §3.10.7.3: the answer to our SYN, or a SYN that crossed it.
#include <algorithm>

#include <utility>

#include "transport/tcp/congestion_marks.hpp"
#include "transport/tcp/controller.hpp"
#include "transport/tcp/fast_open_syn.hpp"
#include "transport/tcp/input.hpp"
#include "transport/tcp/options.hpp"
#include "transport/tcp/path_mtu.hpp"
#include "transport/tcp/receive_space.hpp"
#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

/// First check: an ACK must be for our SYN.
Step check_ack_of_syn(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!segment.has(tcp_flag::kAck)) return Step::next;
  if (segment.ack.after(tcb.iss) && segment.ack.at_or_before(tcb.snd_max)) return Step::next;
  context.count(Counter::tcp_bad_ack);
  if (segment.has(tcp_flag::kRst)) return Step::done;
  tcb.rst_pending = true;  // <SEQ=SEG.ACK><CTL=RST>; the connection goes on waiting
  tcb.rst_cause = Cause::rst_bad_ack;
  tcb.stray_ack = segment.ack;
  return Step::done;
}

/// Second check: RST. With a good ACK the peer refuses; without, it may be forged (RFC 5961 §3.2).
Step check_rst(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!segment.has(tcp_flag::kRst)) return Step::next;
  context.count(Counter::tcp_rst_in);
  if (!segment.has(tcp_flag::kAck)) return Step::done;
  context.count(Counter::tcp_attempt_fails);
  close_now(tcb, context, Errc::connection_refused, Cause::rst_arrived);
  return Step::done;
}

/// The window that our SYN offered.
std::uint32_t offered_window(const Tcb& tcb, const Context& context) {
  return std::min<std::uint32_t>(first_window(tcb, context.config), 0xffff);
}

/// Fourth check, end: text and FIN of a SYN,ACK go on at the sixth step of §3.10.7.4.
void process_rest(Tcb& tcb, const Context& context, const Segment& segment) {
  tcb.rcv_edge = tcb.rcv_nxt + offered_window(tcb, context);
  Segment rest = segment;
  rest.seq = tcb.rcv_nxt;
  rest.flags = static_cast<std::uint16_t>(rest.flags & ~tcp_flag::kSyn);
  if (process_text(tcb, context, rest) == Step::next) process_fin(tcb, context, rest);
}

/// Fourth check, end: the text of a SYN that crossed ours waits for ESTABLISHED.
/// DEVIATION: its FIN does not; see docs/deviations.md#syn-with-fin.
void keep_text(Tcb& tcb, const Context& context, const Segment& segment) {
  const std::uint32_t size = std::min(segment.payload_size, offered_window(tcb, context));
  if (size == 0) return;
  (void)tcb.reassembly.insert(context.reassembly_memory(), tcb.rcv_nxt, *segment.packet, 0, size);
}

/// What the peer offers, as far as we did so, too. A SYN-ACK repeats only what one of our SYNs had.
TcpOptions options_that_count(const Tcb& tcb, const Segment& segment) {
  const bool all = tcb.syn_extent == SynExtent::all;
  const bool answers_ours = tcb.syn_extent == SynExtent::mss && segment.has(tcp_flag::kAck);
  if (all || answers_ours) return segment.options;
  TcpOptions mss_only;
  mss_only.mss = segment.options.mss;
  return mss_only;
}

}  // namespace

void adopt_syn(Tcb& tcb, const Context& context, const Segment& segment) {
  const Agreement agreed =
      agree(context.config, largest_window(tcb, context.config), options_that_count(tcb, segment));
  tcb.irs = segment.seq;
  tcb.rcv_nxt = segment.seq + 1;
  tcb.rcv_edge = tcb.rcv_nxt;
  tcb.last_ack_sent = tcb.rcv_nxt;
  tcb.snd_shift = agreed.snd_shift;
  tcb.rcv_shift = agreed.rcv_shift;
  tcb.scaling_on = agreed.window_scaling;
  tcb.timestamps_on = agreed.timestamps;
  tcb.sack_on = agreed.sack;
  if (agreed.timestamps) tcb.ts.start(segment.options.timestamps->value, context.now);
  // RFC 9293 §3.7.1: the smaller of what the peer takes and what our link carries, less the options of every
  // segment.
  tcb.peer_mss = agreed.peer_mss;
  begin_mss(tcb, context);
  choose_controller(tcb, context, Tcb::initial_window(context.config, tcb.snd_mss));
  agree_on_ecn(tcb, context, segment);
  tcb.snd_wnd = segment.window;  // RFC 7323 §2.2: never scaled in a SYN
  tcb.snd_wnd_max = tcb.snd_wnd;
  tcb.snd_wl1 = segment.seq;
  tcb.snd_wl2 = segment.ack;
}

void sample_handshake(Tcb& tcb, const Context& context) {
  const Instant sent = std::exchange(tcb.rtt_start, Instant());
  if (sent.is_never()) return;
  const Duration rtt = context.now - sent;
  tcb.rtt.sample(rtt, context.config);
  tcb.rtt.note_minimum(rtt, context.now);
}

void become_established(Tcb& tcb, const Context& context, Cause cause) {
  enter(tcb, context, State::established, cause);
  tcb.timers.stop(Timer::user_timeout);
  tcb.last_data_received = context.now;
  if (tcb.retransmits > 0) {
    // RFC 6298 §5.7 and RFC 5681 §3.1: a handshake that lost a segment is no promise of a fast and empty
    // path.
    tcb.rtt.begin_after_lost_syn();
    choose_controller(tcb, context, tcb.snd_mss);
    tcb.retransmits = 0;
  }
  tcb.signal(Ready::writable);
  tcb.last_data_received = context.now;  // the peer's silence begins here
  if (tcb.settings->keepalive)
    arm(tcb, context, Timer::keepalive, keepalive_time(*tcb.settings, context.config));
  if (tcb.fin_queued) enter(tcb, context, State::fin_wait_1, Cause::app_close);
}

void process_syn_sent(Tcb& tcb, const Context& context, const Segment& segment) {
  if (check_ack_of_syn(tcb, context, segment) == Step::done) return;
  if (check_rst(tcb, context, segment) == Step::done) return;
  // Third check, security: compartments (RFC 9293 §A.1) do not exist on this host.
  if (!segment.has(tcp_flag::kSyn)) return;  // fifth: neither SYN nor RST
  adopt_syn(tcb, context, segment);          // fourth: SYN
  if (!segment.has(tcp_flag::kAck)) {        // a SYN that crossed ours: simultaneous open
    enter(tcb, context, State::syn_received, Cause::syn_arrived);
    tcb.syn_pending = true;
    keep_text(tcb, context, segment);
    return;
  }
  sample_handshake(tcb, context);
  note_syn_answer(tcb, segment);
  take_ack_of_syn(tcb, context, segment.ack);
  ++tcb.traffic.bytes_acked;
  tcb.timers.stop(Timer::retransmit);
  tcb.acks.ack_now(Cause::syn_ack_arrived);
  become_established(tcb, context, Cause::syn_ack_arrived);
  process_rest(tcb, context, segment);
}

}  // namespace strata::tcp
