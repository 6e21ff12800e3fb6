#include "transport/tcp/congestion_marks.hpp"

#include <algorithm>
#include <utility>

#include "transport/tcp/accurate_marks.hpp"
#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

/// RFC 8257: its sender and its receiver need ECN, whatever the stack does for others.
bool uses_dctcp(const Tcb& tcb, const Context& context) {
  return congestion_control(*tcb.settings, context.config) == CongestionAlgorithm::dctcp;
}

EcnPolicy policy_of(const Tcb& tcb, const Context& context) {
  EcnPolicy policy = ecn_policy(context.config.ecn);
  if (!uses_dctcp(tcb, context)) return policy;
  policy.asks = std::max(policy.asks, EcnMode::classic);
  policy.accepts = std::max(policy.accepts, EcnMode::classic);
  return policy;
}

bool is_classic(const Tcb& tcb) { return tcb.ecn && tcb.ecn->mode == EcnMode::classic; }

/// RFC 3168 §6.1.1.1: something on the path may drop SYNs that ask. RFC 9768 §3.1.4.1: once more at
/// least. DEVIATION: what a path did is not remembered; see docs/deviations.md#accecn-memory.
bool asks_still(const Tcb& tcb, const TcpConfig& config) {
  const std::uint8_t least = tcb.ecn->asked == EcnMode::accurate ? 1 : 0;
  return !config.ecn_fallback || tcb.retransmits <= std::max(config.ecn_retries, least);
}

/// RFC 3168 §6.1.1: SYN and SYN-ACK are never ECN-capable; RFC 8257 §3.6: DCTCP's SHOULD be. ECN++ (RFC 8311
/// §4.3): where the other end will tell what became of the mark; one that was lost is sent again without.
bool syn_may_be_marked(const Tcb& tcb, const Context& context) {
  if (uses_dctcp(tcb, context)) return true;
  const bool answer = tcb.state == State::syn_received;
  return context.config.ecn_control && tcb.retransmits == 0 &&
         (answer || tcb.ecn->asked == EcnMode::accurate);
}

void agree_with_syn(Tcb& tcb, const Context& context, const Segment& segment) {
  const EcnMode mode = mode_of_syn(segment.flags, policy_of(tcb, context).accepts);
  // RFC 3168 §6.1.1: who sent a SYN that did not ask MUST NOT send ECN-capable data, whatever crossed it.
  const bool crossed_plain = !tcb.passive && (!tcb.ecn || tcb.ecn->sent_plain_syn);
  if (mode == EcnMode::off) return tcb.ecn.reset();
  EcnState* ecn = tcb.ecn.make();
  if (ecn == nullptr) return;  // without memory there is no ECN
  ecn->mode = mode;
  if (mode == EcnMode::accurate && !open_accurate(tcb, context, segment)) return tcb.ecn.reset();
  ecn->marks.agreed = true;
  ecn->marks.accurate = mode == EcnMode::accurate;
  ecn->may_mark = !crossed_plain || context.config.ecn_crossed_syn;
  context.count(Counter::tcp_ecn_accepted);
}

void agree_with_syn_ack(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!tcb.ecn) return;
  const EcnMode mode = mode_of_syn_ack(segment.flags, tcb.ecn->asked);
  // ECN++: nobody can tell whether our SYN was marked, so it may have been.
  if (mode != EcnMode::accurate && tcb.ecn->own_mark != ip_ecn::kNotEct && !uses_dctcp(tcb, context))
    tcb.cc.set_cwnd(tcb.snd_mss);
  if (mode == EcnMode::off) {
    context.count(Counter::tcp_ecn_refused);
    return tcb.ecn.reset();
  }
  tcb.ecn->mode = mode;
  tcb.ecn->marks.agreed = true;
  tcb.ecn->marks.accurate = mode == EcnMode::accurate;
  // RFC 9768 §3.1.4.1: there a client may, whatever else it sent: the server is known to count.
  tcb.ecn->may_mark = !tcb.ecn->sent_plain_syn || mode == EcnMode::accurate;
  if (mode == EcnMode::accurate && !confirm_accurate(tcb, context, segment)) return tcb.ecn.reset();
  if (mode == EcnMode::classic && segment.meta.ecn == ip_ecn::kCe) tcb.ecn->echo = true;
  context.count(Counter::tcp_ecn_confirmed);
}

/// RFC 3168 §6.1.3: from the first mark on every ACK says so, until the sender answers with CWR. A segment
/// with both answers older marks, and is one itself.
void hear_classic_marks(Tcb& tcb, const Segment& segment) {
  EcnState& ecn = *tcb.ecn;
  if (segment.has(tcp_flag::kCwr)) {
    ecn.echo = false;
    // Its window may have shrunk to a segment or two: do not let it wait (as Linux).
    if (segment.payload_size > 0) tcb.acks.ack_now(Cause::ack_congestion_mark);
  }
  if (segment.meta.ecn != ip_ecn::kCe) return;
  if (!ecn.echo && segment.payload_size > 0) tcb.acks.ack_now(Cause::ack_congestion_mark);
  ecn.echo = true;
}

/// RFC 8257 §3.2: the echo is the mark of what is acknowledged, so it changes with it, and at once.
void hear_dctcp_marks(Tcb& tcb, const Segment& segment) {
  EcnState& ecn = *tcb.ecn;
  const bool marked = segment.meta.ecn == ip_ecn::kCe;
  if (segment.payload_size == 0 || marked == ecn.echo) return;
  if (tcb.acks.has_unacknowledged()) ecn.changes.add(tcb.rcv_nxt, ecn.echo);
  ecn.echo = marked;
  tcb.acks.ack_now(Cause::ack_congestion_mark);
}

std::uint32_t segments_in(std::uint32_t bytes, std::uint32_t mss) { return (bytes + mss - 1) / mss; }

void end_reduction(Tcb& tcb, const Context& context) {
  tcb.ecn->reducing = false;
  tcb.cc.set_cwnd(tcb.cc.ssthresh());
  trace_cwnd(tcb, context, Cause::reduction_exit);
}

void begin_reduction(Tcb& tcb, const Context& context, const AckReport& report) {
  EcnState& ecn = *tcb.ecn;
  const std::uint32_t flight = std::min(report.flight_before, tcb.cc.cwnd());
  tcb.cc.on_congestion({.now = context.now, .in_flight = flight, .kind = CongestionEvent::Kind::ecn});
  tcb.loss.alarm.end();  // marks are no guess that could prove wrong
  note_reduction(tcb);
  context.count(Counter::tcp_ecn_reductions);
  ecn.reducing = tcb.cc.ssthresh() < tcb.cc.cwnd();
  if (ecn.reducing) tcb.loss.reduction.begin(tcb.flight_size() + report.delivered);
  trace_cwnd(tcb, context, Cause::ecn_echo);
}

}  // namespace

void ask_for_ecn(Tcb& tcb, const Context& context) {
  const EcnMode asks = policy_of(tcb, context).asks;
  if (asks == EcnMode::off) return;
  if (EcnState* ecn = tcb.ecn.make()) ecn->asked = asks;
}

void agree_on_ecn(Tcb& tcb, const Context& context, const Segment& segment) {
  if (segment.has(tcp_flag::kAck)) {
    agree_with_syn_ack(tcb, context, segment);
  } else {
    agree_with_syn(tcb, context, segment);
  }
}

void hear_repeated_syn(Tcb& tcb, const Context& context, const Segment& segment) {
  if (is_accurate(tcb)) return hear_repeated_accurate_syn(tcb, context, segment);
  const bool wants_accurate =
      mode_of_syn(segment.flags, policy_of(tcb, context).accepts) == EcnMode::accurate;
  if (is_classic(tcb) && wants_accurate) {  // RFC 9768 §3.1.5
    return reset_peer(tcb, context, Errc::connection_aborted, Cause::rst_mixed_ecn);
  }
  // RFC 3168 §6.1.1: a SYN that does not ask gets a SYN-ACK that does not confirm; then there is no ECN.
  if (is_classic(tcb) && (segment.flags & kClassicSyn) != kClassicSyn) tcb.ecn.reset();
}

void mark_syn(Tcb& tcb, const Context& context, TxSegment& segment) {
  if (!tcb.ecn) return;
  EcnState& ecn = *tcb.ecn;
  if (tcb.state == State::syn_received) {
    if (ecn.mode == EcnMode::classic) segment.flags |= kClassicSynAck;
    if (ecn.mode == EcnMode::accurate) mark_accurate_syn_ack(tcb, context, segment);
    if ((segment.flags & kEcnFlags) == 0) return;
  } else if (!asks_still(tcb, context.config)) {
    if (!ecn.sent_plain_syn) context.count(Counter::tcp_ecn_fallbacks);
    ecn.sent_plain_syn = true;
    return;
  } else {
    segment.flags |= ecn.asked == EcnMode::accurate ? kEcnFlags : kClassicSyn;
  }
  segment.ecn = syn_may_be_marked(tcb, context) ? ip_ecn::kEct0 : ip_ecn::kNotEct;
  if (tcb.retransmits > 0 && segment.ecn != ecn.own_mark) ecn.own_marks_vary = true;
  ecn.own_mark = segment.ecn;
}

void hear_marks(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!tcb.ecn) return;
  EcnState& ecn = *tcb.ecn;
  if (segment.meta.ecn != ip_ecn::kNotEct) ecn.marks.seen = true;
  if (segment.meta.ecn == ip_ecn::kCe) {
    ecn.marks.received_ce += segment.wire_segments();
    context.counters.add(Counter::tcp_ce_received, segment.wire_segments());
  }
  if (is_accurate(tcb)) return hear_accurate_marks(tcb, segment);
  if (uses_dctcp(tcb, context)) return hear_dctcp_marks(tcb, segment);
  hear_classic_marks(tcb, segment);
}

void add_feedback(const Tcb& tcb, const Context& context, TxSegment& segment) {
  if (is_accurate(tcb)) return add_accurate_feedback(tcb, context, segment);
  if (is_classic(tcb) && tcb.ecn->echo) segment.flags |= tcp_flag::kEce;
}

bool owes_change_ack(const Tcb& tcb) { return tcb.ecn && !tcb.ecn->changes.empty(); }

void make_change_ack(Tcb& tcb, TxSegment& segment) {
  EchoChanges& changes = tcb.ecn->changes;
  segment.ack = changes.end();
  // The edge stays where it is, seen from further left.
  segment.window = tcb.rcv_shift.to_field(bytes_between(segment.ack, tcb.rcv_edge));
  segment.flags =
      static_cast<std::uint16_t>((segment.flags & ~tcp_flag::kEce) | (changes.marked() ? tcp_flag::kEce : 0));
  changes.pop();
}

void mark_data(Tcb& tcb, TxSegment& segment) {
  if (!tcb.ecn || segment.payload_size == 0) return;
  EcnState& ecn = *tcb.ecn;
  if (ecn.may_mark) segment.ecn = ip_ecn::kEct0;
  if (ecn.cwr_owed && ecn.mode == EcnMode::classic) segment.flags |= tcp_flag::kCwr;
  ecn.cwr_owed = false;
}

// ECN++ (draft-ietf-tcpm-generalized-ecn, an experiment of RFC 8311 §4.3): all but the pure ACK may be
// capable in both modes. The ACK only where marks of ACKs are told, and where an ACK of ACKs is no duplicate.
void mark_control(const Tcb& tcb, const Context& context, TxSegment& segment) {
  const bool is_syn = (segment.flags & tcp_flag::kSyn) != 0;
  if (!tcb.ecn || !context.config.ecn_control || !tcb.ecn->may_mark || is_syn) return;
  constexpr std::uint16_t kMoreThanAck = tcp_flag::kFin | tcp_flag::kRst;
  const bool pure_ack = segment.payload_size == 0 && (segment.flags & kMoreThanAck) == 0 &&
                        segment.cause != Cause::probe_keepalive;
  if (pure_ack && !(is_accurate(tcb) && tcb.sack_on)) return;
  segment.ecn = ip_ecn::kEct0;
}

void mark_reset(const Tcb& tcb, const Context& context, TxSegment& segment) {
  const bool may = tcb.ecn && tcb.ecn->may_mark;
  if (may && uses_dctcp(tcb, context)) segment.ecn = ip_ecn::kEct0;  // RFC 8257 §3.6
}

std::uint32_t hear_feedback(Tcb& tcb, const Context& context, const Segment& segment,
                            const AckReport& report) {
  if (is_accurate(tcb)) return hear_accurate_feedback(tcb, context, segment, report);
  if (!is_classic(tcb) || !segment.has(tcp_flag::kEce)) return 0;
  EcnState& ecn = *tcb.ecn;
  ecn.congested = report.flight_before > 0;
  const std::uint32_t segments = segments_in(report.delivered, tcb.snd_mss);
  ecn.marks.delivered_ce += segments;
  context.counters.add(Counter::tcp_ce_delivered, segments);
  return report.delivered;
}

// RFC 3168 §6.1.2: once per window of data, and CWR has to reach the peer before its echo counts anew: the
// ACK that ends the round left before that.
void respond_to_marks(Tcb& tcb, const Context& context, const AckReport& report) {
  if (!tcb.ecn) return;
  EcnState& ecn = *tcb.ecn;
  const bool congested = std::exchange(ecn.congested, false);
  if (tcb.loss.repairs()) {
    ecn.reducing = false;                 // its own reduction rules the window
    if (congested) tcb.loss.alarm.end();  // whatever may turn out about the loss
    return;
  }
  if (ecn.in_round && tcb.snd_una.after(ecn.round_end)) ecn.in_round = false;
  if (ecn.reducing && tcb.snd_una.at_or_after(ecn.round_end)) end_reduction(tcb, context);
  if (congested && !ecn.in_round) begin_reduction(tcb, context, report);
}

bool holds_growth(const Tcb& tcb, const Context& context, const AckReport& report) {
  if (!tcb.ecn) return false;
  return tcb.ecn->reducing || (report.marked > 0 && !uses_dctcp(tcb, context));
}

bool is_reducing_for_marks(const Tcb& tcb) { return tcb.ecn && tcb.ecn->reducing; }

void follow_reduction(Tcb& tcb, const AckReport& report) {
  tcb.cc.set_cwnd(tcb.loss.reduction.window({.delivered = report.delivered,
                                             .in_flight = tcb.in_flight(),
                                             .ssthresh = tcb.cc.ssthresh(),
                                             .mss = tcb.snd_mss,
                                             .safe = report.acked > 0,
                                             .hole_follows = false}));
}

void note_reduction(Tcb& tcb) {
  if (!tcb.ecn) return;
  tcb.ecn->cwr_owed = true;
  tcb.ecn->in_round = true;
  tcb.ecn->round_end = tcb.snd_max;
}

void forget_reduction(Tcb& tcb) {
  if (!tcb.ecn) return;
  tcb.ecn->cwr_owed = false;
  tcb.ecn->in_round = false;
}

// RFC 8257 §3.5: where the answer to marks is a small one, loss is still answered as by any TCP.
bool has_reduced_for_marks(const Tcb& tcb, const Context& context) {
  return tcb.ecn && tcb.ecn->reducing && !uses_dctcp(tcb, context);
}

}  // namespace strata::tcp
