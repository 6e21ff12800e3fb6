// RFC 9293 §3.10.7.4, "otherwise": eight checks in eight calls. RFC 5961 hardens the second, fourth and
// fifth.
#include "transport/tcp/accurate_marks.hpp"
#include "transport/tcp/congestion_marks.hpp"
#include "transport/tcp/input.hpp"
#include "transport/tcp/urgent_data.hpp"

namespace strata::tcp {
namespace {

/// RFC 9293 §3.10.7.4, table 6: does any part of the segment lie in the window? A reset counts by its number
/// alone, whatever it carries (RFC 5961 §3.2).
bool is_acceptable(const Tcb& tcb, const Segment& segment) {
  const std::uint32_t length = segment.has(tcp_flag::kRst) ? 0 : segment.length();
  const std::uint32_t window = tcb.rcv_wnd();
  if (length == 0) {
    return window == 0 ? segment.seq == tcb.rcv_nxt : segment.seq.in_window(tcb.rcv_nxt, window);
  }
  if (window == 0) return false;
  return segment.seq.in_window(tcb.rcv_nxt, window) ||
         (segment.seq + (length - 1)).in_window(tcb.rcv_nxt, window);
}

/// RFC 7323 §3.2: once agreed, every segment but RST has a stamp; one without SHOULD be dropped.
bool lacks_stamp(const Tcb& tcb, const Context& context, const Segment& segment) {
  const bool must_have_one = tcb.timestamps_on && !context.config.tolerate_missing_ts;
  return must_have_one && !segment.options.timestamps && !segment.has(tcp_flag::kRst);
}

/// Data for a hole, which a repetition behind it has overtaken. A segment from the last turn of the numbers
/// would be four round trips older: no window is larger than 2^30 bytes. DEVIATION: RFC 7323 §5.3 R1 drops
/// it; see docs/deviations.md#overtaken-segments.
bool is_overtaken(const Tcb& tcb, const Segment& segment) {
  const SeqNum end = segment.seq + segment.payload_size;
  const bool fills = segment.payload_size > 0 && !tcb.reassembly.empty() && !end.after(tcb.reassembly.end());
  return fills && tcb.ts.is_older_by_at_most(segment.options.timestamps->value, tcb.rtt.srtt() * 2);
}

/// RFC 7323 §5.3 R1: an old duplicate shows by its stamp.
bool is_stale(const Tcb& tcb, const Context& context, const Segment& segment) {
  if (!tcb.timestamps_on || !segment.options.timestamps || segment.has(tcp_flag::kRst)) return false;
  return tcb.ts.is_stale(segment.options.timestamps->value, context.now) && !is_overtaken(tcb, segment);
}

/// Our SYN-ACK got lost: the peer repeats its SYN. The SYN-ACK again says more than the bare ACK that table 6
/// asks for.
bool is_repeated_syn(const Tcb& tcb, const Segment& segment) {
  return tcb.state == State::syn_received && segment.has(tcp_flag::kSyn) && !segment.has(tcp_flag::kAck) &&
         segment.seq == tcb.irs;
}

/// RFC 9293 §3.5, figure 8: the SYNs crossed, and so did the SYN-ACKs. Its SYN we know; what is left is an
/// ACK of ours.
bool is_crossed_syn_ack(const Tcb& tcb, const Segment& segment) {
  return tcb.state == State::syn_received && !tcb.passive && segment.has(tcp_flag::kSyn) &&
         segment.has(tcp_flag::kAck) && segment.seq == tcb.irs;
}

void take_crossed_syn_ack(Tcb& tcb, const Context& context, const Segment& segment) {
  Segment ack = segment;
  ack.seq = tcb.rcv_nxt;
  ack.flags = tcp_flag::kAck;
  // RFC 9768 §3.2.2: a SYN-ACK has no counter; this code tells nothing.
  if (is_accurate(tcb)) ack.flags |= ace_flags(0b101);
  ack.window = tcb.snd_shift.to_field(segment.window);  // RFC 7323 §2.2: never scaled in a SYN
  ack.payload_size = 0;
  (void)check_ack(tcb, context, ack);
}

/// The peer's FIN, taken before: it ends where RCV.NXT is.
bool is_repeated_fin(const Tcb& tcb, const Segment& segment) {
  const bool is_fin = segment.has(tcp_flag::kFin) && !segment.has(tcp_flag::kSyn);
  return tcb.fin_received && is_fin && segment.seq + segment.length() == tcb.rcv_nxt;
}

/// Two ends that disagree about their numbers would answer each other's bare ACKs for ever; data cannot be
/// part of such a loop (`tcp_invalid_ratelimit`).
void answer_unacceptable(Tcb& tcb, const Context& context, const Segment& segment) {
  if (segment.payload_size == 0 || segment.has(tcp_flag::kSyn)) {
    if (context.now < tcb.unacceptable_answer_after) return context.count(Counter::tcp_challenge_limited);
    tcb.unacceptable_answer_after = context.now + context.config.invalid_ratelimit;
  }
  if (!segment.has(tcp_flag::kSyn)) note_old_text(tcb, context, segment);
  tcb.acks.ack_now(Cause::ack_unacceptable);
  hear_repeated_syn_ack(tcb, segment);
}

/// First check: sequence number, in RFC 7323's order: the stamp before the window.
Step check_sequence(Tcb& tcb, const Context& context, const Segment& segment) {
  if (is_repeated_syn(tcb, segment)) {
    hear_repeated_syn(tcb, context, segment);
    tcb.syn_pending = tcb.state == State::syn_received;
    return Step::done;
  }
  if (lacks_stamp(tcb, context, segment)) {  // dropped in silence
    context.count(Counter::tcp_paws_rejected);
    return Step::done;
  }
  if (is_crossed_syn_ack(tcb, segment)) {
    take_crossed_syn_ack(tcb, context, segment);
    return Step::done;
  }
  const bool stale = is_stale(tcb, context, segment);
  if (!stale && is_acceptable(tcb, segment)) return Step::next;
  context.count(stale ? Counter::tcp_paws_rejected : Counter::tcp_out_of_window);
  if (segment.has(tcp_flag::kRst)) return Step::done;
  // A zero window still takes ACKs, window updates and urgent pointers (RFC 9293 §3.10.7.4: "special
  // allowance").
  if (!stale && tcb.rcv_wnd() == 0 && segment.seq == tcb.rcv_nxt && !segment.has(tcp_flag::kSyn)) {
    tcb.acks.ack_now(Cause::ack_of_zero_window_probe);
    if (check_ack(tcb, context, segment) == Step::next) check_urgent(tcb, context, segment);
    return Step::done;
  }
  answer_unacceptable(tcb, context, segment);
  // DEVIATION: what a repeated FIN acknowledges counts; see docs/deviations.md#repeated-fin.
  if (!stale && is_repeated_fin(tcb, segment)) (void)check_ack(tcb, context, segment);
  return Step::done;
}

/// Second check: RST. RFC 5961 §3.2: only an exact match resets; elsewhere in the window it earns a
/// challenge.
Step check_rst(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!segment.has(tcp_flag::kRst)) return Step::next;
  context.count(Counter::tcp_rst_in);
  if (segment.seq != tcb.rcv_nxt && !context.config.insecure_rst) {
    context.count(Counter::tcp_rst_in_window);
    challenge(tcb, context);
    return Step::done;
  }
  const bool refused = tcb.state == State::syn_received && !tcb.passive;
  context.count(tcb.state == State::syn_received ? Counter::tcp_attempt_fails : Counter::tcp_estab_resets);
  // CLOSING and LAST-ACK have delivered everything: the RST only spares us the wait.
  const bool orderly = is_in(tcb.state, State::closing, State::last_ack);
  std::optional<Errc> error;
  if (!orderly) error = refused ? Errc::connection_refused : Errc::connection_reset;
  close_now(tcb, context, error, Cause::rst_arrived);
  return Step::done;
}

/// Fourth check: SYN. RFC 5961 §4.2: in every synchronized state it earns a challenge, never a reset. A peer
/// that began anew before the handshake was over shall meet the listener: this connection makes room.
Step check_syn(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!segment.has(tcp_flag::kSyn)) return Step::next;
  context.count(Counter::tcp_syn_in_window);
  if (tcb.state == State::syn_received && tcb.passive) {
    context.count(Counter::tcp_attempt_fails);
    close_now(tcb, context, Errc::connection_reset, Cause::syn_arrived);
    return Step::done;
  }
  if (context.config.insecure_syn && is_synchronized(tcb.state)) {
    context.count(Counter::tcp_estab_resets);
    reset_peer(tcb, context, Errc::connection_reset, Cause::syn_arrived);
    return Step::done;
  }
  challenge(tcb, context);
  return Step::done;
}

}  // namespace

void challenge(Tcb& tcb, const Context& context) {
  if (!context.challenge.allow(context.now)) return context.count(Counter::tcp_challenge_limited);
  context.count(Counter::tcp_challenge_acks);
  tcb.acks.ack_now(Cause::ack_challenge);
}

void process_synchronized(Tcb& tcb, const Context& context, const Segment& segment) {
  if (check_sequence(tcb, context, segment) == Step::done) return;  // first
  tcb.last_received = context.now;
  if (check_rst(tcb, context, segment) == Step::done) return;  // second
  // Third check, security: compartments (RFC 9293 §A.1) do not exist on this host.
  if (check_syn(tcb, context, segment) == Step::done) return;  // fourth
  if (check_ack(tcb, context, segment) == Step::done) return;  // fifth
  hear_marks(tcb, context, segment);
  check_urgent(tcb, context, segment);                            // sixth
  if (process_text(tcb, context, segment) == Step::done) return;  // seventh
  process_fin(tcb, context, segment);                             // eighth
}

}  // namespace strata::tcp
