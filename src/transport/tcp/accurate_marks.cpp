#include "transport/tcp/accurate_marks.hpp"

#include <algorithm>
#include <utility>

namespace strata::tcp {
namespace {

AccurateEcn& accurate(const Tcb& tcb) { return *tcb.ecn->accurate; }

/// From now on nothing of ours is ECN-capable.
void stop_marking(Tcb& tcb, const Context& context, Counter why) {
  if (!tcb.ecn->may_mark) return;
  tcb.ecn->may_mark = false;
  context.count(why);
}

/// A SYN or SYN-ACK of ours met congestion: the first window is one segment.
void begin_carefully(Tcb& tcb, const Context& context) {
  context.count(Counter::tcp_ecn_reductions);
  tcb.cc.set_cwnd(tcb.snd_mss);
  trace_cwnd(tcb, context, Cause::ecn_echo);
}

/// RFC 9768 §3.2.2.3: the mark that our SYN or SYN-ACK left with, and the one that arrived.
void compare_marks(Tcb& tcb, const Context& context, std::uint8_t arrived) {
  const bool valid = tcb.ecn->own_marks_vary || is_valid_transition(tcb.ecn->own_mark, arrived);
  if (!valid) stop_marking(tcb, context, Counter::tcp_ecn_mangled);
  if (arrived == ip_ecn::kCe) begin_carefully(tcb, context);
}

void keep_stamp(AccurateEcn& state, const Segment& segment) {
  if (segment.options.timestamps) state.last_stamp = segment.options.timestamps->value;
}

bool is_pure_ack(const Segment& segment) { return segment.length() == 0 && segment.options.sack_count == 0; }

/// RFC 9768 appendix A.1: without progress in data or time, an ACK may have been overtaken by another.
bool is_overtaken(Tcb& tcb, const Segment& segment, const AckReport& report) {
  AccurateEcn& state = accurate(tcb);
  const auto& stamps = segment.options.timestamps;
  const bool later =
      tcb.timestamps_on && stamps && static_cast<std::int32_t>(stamps->value - state.last_stamp) > 0;
  if (later) state.last_stamp = stamps->value;
  return report.acked == 0 && !report.sacked && !later;
}

void check_path(Tcb& tcb, const Context& context, const MarkSender::News& news, const AckReport& report,
                bool tells_bytes, std::uint32_t capable) {
  if (!tcb.ecn->may_mark) return;
  AccurateEcn& state = accurate(tcb);
  const std::uint32_t packets = (report.delivered + tcb.snd_mss - 1) / tcb.snd_mss;
  switch (state.path.on_ack({.snd_una = tcb.snd_una + report.acked,
                             .snd_nxt = tcb.snd_nxt,
                             .delivered = report.delivered,
                             .packets = packets,
                             .marked = news.packets,
                             .tells_bytes = tells_bytes,
                             .capable = capable})) {
    case PathCheck::Verdict::open:
    case PathCheck::Verdict::fine: return;
    case PathCheck::Verdict::always_marked:
      state.responds = false;
      return stop_marking(tcb, context, Counter::tcp_ecn_mangled);
    case PathCheck::Verdict::bleached: return stop_marking(tcb, context, Counter::tcp_ecn_bleached);
  }
}

/// How often an ACK without urgent news may tell (`tcp_ecn_option_beacon`).
bool beacon_is_due(const Tcb& tcb, const Context& context) {
  const std::uint8_t beacon = context.config.ecn_option_beacon;
  return beacon > 0 && context.now - accurate(tcb).option_sent >= tcb.rtt.srtt() / beacon;
}

bool wants_option(const Tcb& tcb, const Context& context) {
  const AccurateEcn& state = accurate(tcb);
  const TcpEcnOption how = context.config.ecn_option;
  if (how == TcpEcnOption::never || (state.option_blocked && how != TcpEcnOption::persist)) return false;
  if (state.option_due || state.receiver.has_urgent_news()) return true;
  // RFC 9768 §3.2.3.3, the simple scheme; or the rules one by one.
  return state.receiver.has_news() && (how != TcpEcnOption::minimum || beacon_is_due(tcb, context));
}

}  // namespace

bool open_accurate(Tcb& tcb, const Context& context, const Segment& syn) {
  AccurateEcn* state = tcb.ecn->accurate.make();
  if (state == nullptr) return false;
  state->peer_mark = syn.meta.ecn;
  keep_stamp(*state, syn);
  context.count(Counter::tcp_accecn_accepted);
  return true;
}

bool confirm_accurate(Tcb& tcb, const Context& context, const Segment& syn_ack) {
  AccurateEcn* state = tcb.ecn->accurate.make();
  if (state == nullptr) return false;
  context.count(Counter::tcp_accecn_confirmed);
  state->peer_mark = syn_ack.meta.ecn;
  state->handshake_ack_owed = true;
  keep_stamp(*state, syn_ack);
  if (syn_ack.meta.ecn == ip_ecn::kCe) state->receiver.on_marked_syn_ack();
  const TcpAccEcn& option = syn_ack.options.accecn;
  if (option.is_there()) state->sender.check_first_option(option);
  // RFC 9768 §3.1.3: the reserved code counts as "arrived unchanged".
  compare_marks(tcb, context, mark_of_handshake(ace_of(syn_ack.flags)).value_or(tcb.ecn->own_mark));
  return true;
}

// RFC 9768 §3.2.3.2.2: the first SYN-ACK has the option; one that is sent again has not; a further one says
// nothing of ECN at all, though the mode stays, and so nothing of ours will be ECN-capable (§3.1.5).
void mark_accurate_syn_ack(Tcb& tcb, const Context& context, TxSegment& segment) {
  AccurateEcn& state = accurate(tcb);
  if (tcb.retransmits > 1) return stop_marking(tcb, context, Counter::tcp_ecn_fallbacks);
  segment.flags |= ace_flags(handshake_ace(state.peer_mark));
  if (state.syn_acks++ > 0 || context.config.ecn_option == TcpEcnOption::never) return;
  const std::size_t room = kTcpOptionsSizeMax - tcp_options_size(segment.options);
  if (const auto option = state.receiver.option(room)) segment.options.accecn = *option;
}

void hear_repeated_accurate_syn(Tcb& tcb, const Context& context, const Segment& syn) {
  const std::uint16_t flags = syn.flags & kEcnFlags;
  if (flags == kClassicSyn) {
    // RFC 9768 §3.1.5: the ends could no longer know which mode the other is in.
    return reset_peer(tcb, context, Errc::connection_aborted, Cause::rst_mixed_ecn);
  }
  accurate(tcb).peer_mark = syn.meta.ecn;
  if (flags == 0) stop_marking(tcb, context, Counter::tcp_ecn_fallbacks);
}

void hear_repeated_syn_ack(Tcb& tcb, const Segment& segment) {
  constexpr std::uint16_t kSynAck = tcp_flag::kSyn | tcp_flag::kAck;
  const bool is_syn_ack = (segment.flags & kSynAck) == kSynAck && segment.seq == tcb.irs;
  if (!is_accurate(tcb) || tcb.passive || !is_syn_ack) return;
  AccurateEcn& state = accurate(tcb);
  if (!mark_of_handshake(ace_of(segment.flags))) return;  // it does not confirm
  state.peer_mark = segment.meta.ecn;
  state.handshake_ack_owed = true;
  if (segment.meta.ecn == ip_ecn::kCe) state.receiver.on_marked_syn_ack();
}

void hear_handshake_ack(Tcb& tcb, const Context& context, const Segment& segment) {
  if (!is_accurate(tcb)) return;
  AccurateEcn& state = accurate(tcb);
  keep_stamp(state, segment);
  if (segment.options.accecn.is_there()) state.sender.check_first_option(segment.options.accecn);
  if (!is_pure_ack(segment) || segment.has(tcp_flag::kSyn)) return;
  state.ace_is_handshake = true;
  const std::uint8_t ace = ace_of(segment.flags);
  if (ace == 0) {
    state.responds = false;
    return stop_marking(tcb, context, Counter::tcp_ecn_zeroed);
  }
  const auto mark = mark_of_handshake(ace);
  if (!mark) return;  // not in use: nothing to learn
  if (*mark == ip_ecn::kCe) state.sender.begin(6);
  compare_marks(tcb, context, *mark);
}

bool owes_handshake_ack(const Tcb& tcb) { return is_accurate(tcb) && accurate(tcb).handshake_ack_owed; }

void make_handshake_ack(Tcb& tcb, TxSegment& segment) {
  AccurateEcn& state = accurate(tcb);
  state.handshake_ack_owed = false;
  segment.flags =
      static_cast<std::uint16_t>((segment.flags & ~kEcnFlags) | ace_flags(handshake_ace(state.peer_mark)));
  segment.options.sack_count = 0;
}

void hear_accurate_marks(Tcb& tcb, const Segment& segment) {
  AccurateEcn& state = accurate(tcb);
  const bool unacknowledged = tcb.acks.has_unacknowledged();
  if (state.receiver.on_packets(segment.meta.ecn, segment.wire_segments(), segment.payload_size,
                                unacknowledged)) {
    tcb.acks.ack_now(Cause::ack_congestion_mark);
  }
  if (segment.payload_size > 0 && segment.seq.at_or_after(tcb.rcv_nxt)) state.reappeared = 0;
}

void add_accurate_feedback(const Tcb& tcb, const Context& context, TxSegment& segment) {
  const AccurateEcn& state = accurate(tcb);
  segment.flags |= ace_flags(state.receiver.ace());
  if (!wants_option(tcb, context)) return;
  // RFC 9768 §3.2.3.3: two SACK blocks come first, more do not.
  constexpr std::uint8_t kBlocksFirst = 2;
  TcpOptions& options = segment.options;
  const std::uint8_t blocks = options.sack_count;
  options.sack_count = std::min(blocks, kBlocksFirst);
  const std::size_t room = kTcpOptionsSizeMax - tcp_options_size(options);
  const auto option = state.receiver.option(room);
  if (option) options.accecn = *option;
  if (!option || tcp_options_size(options) + 8U * (blocks - options.sack_count) <= kTcpOptionsSizeMax)
    options.sack_count = blocks;
}

void starve_feedback(Tcb& tcb, TxSegment& segment) {
  if (!segment.options.accecn.is_there()) return;
  segment.options.accecn = {};
  accurate(tcb).starved = true;
}

bool owes_feedback(const Tcb& tcb, const Context& context) {
  return is_accurate(tcb) && accurate(tcb).starved && accurate(tcb).receiver.has_news() &&
         beacon_is_due(tcb, context) && wants_option(tcb, context);
}

void note_feedback_sent(Tcb& tcb, const Context& context, const TxSegment& segment) {
  if (!is_accurate(tcb) || (segment.flags & tcp_flag::kAck) == 0) return;
  AccurateEcn& state = accurate(tcb);
  const bool told = segment.options.accecn.is_there();
  state.receiver.on_ack_sent(told);
  state.last_ack_had_option = told;
  if (segment.payload_size == 0) state.starved = false;  // had there been room, it would have told
  if (told) state.option_sent = context.now;
  // RFC 9768 §3.2.3.2.1: the ACK of a SYN-ACK may get lost, so the client's first data tests the path as
  // well.
  const bool tested = segment.payload_size > 0 || (segment.flags & tcp_flag::kSyn) != 0 || tcb.passive;
  if (tested) state.option_due = false;
}

void note_reappearance(Tcb& tcb, const Context& context) {
  if (!is_accurate(tcb)) return;
  constexpr std::uint8_t kTooOften = 2;
  AccurateEcn& state = accurate(tcb);
  if (!state.last_ack_had_option || state.option_blocked) return;
  if (++state.reappeared < kTooOften) return;
  state.option_blocked = true;
  context.count(Counter::tcp_accecn_option_lost);
}

std::uint32_t hear_accurate_feedback(Tcb& tcb, const Context& context, const Segment& segment,
                                     const AckReport& report) {
  AccurateEcn& state = accurate(tcb);
  if (std::exchange(state.ace_is_handshake, false) || segment.has(tcp_flag::kSyn)) return 0;
  if (is_overtaken(tcb, segment, report)) return 0;
  const std::uint8_t ace = ace_of(segment.flags);
  if (!std::exchange(state.ace_checked, true) && ace == 0) {  // RFC 9768 §3.2.2.4
    state.responds = false;
    stop_marking(tcb, context, Counter::tcp_ecn_zeroed);
  }
  const TcpMarkedBytes before = state.sender.bytes();
  const TcpAccEcn* option = segment.options.accecn.is_there() ? &segment.options.accecn : nullptr;
  const MarkSender::News news =
      state.sender.on_ack({.ace = ace, .option = option, .delivered = report.delivered, .mss = tcb.snd_mss});
  if (news.contradicts) stop_marking(tcb, context, Counter::tcp_ecn_mangled);
  const TcpMarkedBytes& after = state.sender.bytes();
  const std::uint32_t capable = after.e0b - before.e0b + (after.e1b - before.e1b) + (after.ceb - before.ceb);
  check_path(tcb, context, news, report, option != nullptr && state.sender.hears_options(), capable);
  tcb.ecn->marks.delivered_ce += news.packets;
  context.counters.add(Counter::tcp_ce_delivered, news.packets);
  if (!state.responds) return 0;
  tcb.ecn->congested = (news.packets > 0 || news.bytes > 0) && report.flight_before > 0;
  return std::min(news.bytes, report.delivered);
}

bool must_send_singly(const Tcb& tcb) {
  constexpr std::uint8_t kCwrOfAce = 2;
  return is_accurate(tcb) && (accurate(tcb).receiver.ace() & kCwrOfAce) != 0;
}

}  // namespace strata::tcp
