// Turns a decision of output.cpp into header values and shared payload (RFC 9293 §3.1, §3.8.6.2.2).
#include <algorithm>

#include "transport/tcp/accurate_marks.hpp"
#include "transport/tcp/congestion_marks.hpp"
#include "transport/tcp/fast_open_syn.hpp"
#include "transport/tcp/options.hpp"
#include "transport/tcp/output.hpp"
#include "transport/tcp/receive_space.hpp"
#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

TcpTimestamps stamp(const Tcb& tcb, const Context& context) {
  return {.value = timestamp_value(context.now, tcb.ts_offset), .echo = tcb.ts.valid() ? tcb.ts.recent() : 0};
}

/// An answer has no more than the peer's SYN had; a SYN that was cut short has none, or only the MSS.
TcpOptions options_of_syn(const Tcb& tcb, const Context& context) {
  const bool answer = tcb.state == State::syn_received;
  TcpOptions at_most;
  if (answer && tcb.scaling_on) at_most.wscale = 0;
  if (answer && tcb.timestamps_on) at_most.timestamps.emplace();
  at_most.sack_permitted = answer && tcb.sack_on;
  const bool is_free = !answer && tcb.syn_extent == SynExtent::all;
  TcpOptions options =
      syn_options(context.config, largest_window(tcb, context.config), mss_limit(*tcb.settings, tcb.path.mss),
                  is_free ? nullptr : &at_most, stamp(tcb, context));
  if (tcb.syn_extent == SynExtent::none) options.mss.reset();
  return options;
}

/// The options of every segment after the handshake: timestamps, SACK blocks while there are holes, and
/// before them what arrived twice (RFC 2883 §4).
void add_options(const Tcb& tcb, const Context& context, TcpOptions& options) {
  if (tcb.timestamps_on) options.timestamps = stamp(tcb, context);
  if (!tcb.sack_on) return;
  // RFC 2018 §3: 40 bytes of options hold four blocks, three beside timestamps.
  const std::uint8_t most = tcb.timestamps_on ? 3 : 4;
  const bool twice = !tcb.arrived_twice.empty();
  if (!tcb.reassembly.empty()) options.sack_count = tcb.reassembly.sack_blocks(options.sack, most);
  if (!twice) return;
  options.sack_count = std::min<std::uint8_t>(options.sack_count + 1, most);
  std::copy_backward(options.sack.begin(), options.sack.begin() + options.sack_count - 1,
                     options.sack.begin() + options.sack_count);
  options.sack[0] = tcb.arrived_twice;
}

/// What AccECN takes at most, with what aligns it.
constexpr std::uint32_t kAccEcnRoom = 12;

/// Moves the right edge where the buffer has room, and says what that makes the window field, which counts in
/// whole units of the scale. Where there is room for it, it is rounded up, so that the peer sees no edge move
/// left; else down, and up to our own edge we take what comes (RFC 7323 §2.4).
std::uint16_t announce_window(Tcb& tcb, const Context& context) {
  tcb.rcv_edge = window_edge(tcb, context);
  const std::uint16_t above = tcb.rcv_shift.to_field_above(tcb.rcv_wnd());
  const bool has_room = tcb.rcv_shift.to_bytes(above) <= receive_room(tcb, context);
  if (!has_room || context.config.window_rule == TcpWindowRule::room)
    return tcb.rcv_shift.to_field(tcb.rcv_wnd());
  tcb.rcv_edge = later(tcb.rcv_edge, tcb.rcv_nxt + tcb.rcv_shift.to_bytes(above));
  return above;
}

/// Every segment with ACK says what we have: nothing is owed any more.
void on_ack_leaves(Tcb& tcb) {
  tcb.acks.on_ack_sent();
  tcb.arrived_twice = {};
  tcb.timers.stop(Timer::delayed_ack);
  tcb.last_ack_sent = tcb.rcv_nxt;
}

TxSegment base_segment(Tcb& tcb, const Context& context, SeqNum seq, Cause cause) {
  TxSegment segment;
  segment.seq = seq;
  segment.ack = tcb.rcv_nxt;
  segment.flags = tcp_flag::kAck;
  segment.window = announce_window(tcb, context);
  segment.cause = cause;
  add_options(tcb, context, segment.options);
  add_feedback(tcb, context, segment);
  return segment;
}

}  // namespace

TxSegment build_syn(Tcb& tcb, const Context& context) {
  const bool answer = tcb.state == State::syn_received;
  TxSegment segment;
  segment.seq = tcb.iss;
  segment.flags = tcp_flag::kSyn;
  // RFC 7323 §2.2: the window of a SYN is never scaled.
  const std::uint32_t window = std::min<std::uint32_t>(first_window(tcb, context.config), 0xffff);
  segment.window = static_cast<std::uint16_t>(window);
  segment.options = options_of_syn(tcb, context);
  segment.cause =
      tcb.retransmits > 0 ? Cause::retransmit_syn : (answer ? Cause::syn_arrived : Cause::app_connect);
  if (answer) {
    segment.flags |= tcp_flag::kAck;
    segment.ack = tcb.rcv_nxt;
    tcb.rcv_edge = later(tcb.rcv_edge, tcb.rcv_nxt + window);
    on_ack_leaves(tcb);
  }
  mark_syn(tcb, context, segment);
  load_syn(tcb, context, segment);
  return segment;
}

// RFC 9293 §3.5.2: a reset must be acceptable to the peer. One that answers a segment takes the number that
// its ACK asks for. RFC 7323 §3.2: a stamp SHOULD be there, too.
TxSegment build_reset(Tcb& tcb, const Context& context) {
  TxSegment segment;
  if (tcb.timestamps_on) segment.options.timestamps = stamp(tcb, context);
  segment.cause = tcb.rst_cause;
  if (tcb.rst_cause == Cause::rst_bad_ack || tcb.rst_cause == Cause::rst_data_after_close) {
    segment.seq = tcb.stray_ack;
    segment.flags = tcp_flag::kRst;
  } else {
    segment.seq = tcb.snd_nxt;
    segment.ack = tcb.rcv_nxt;
    segment.flags = tcp_flag::kRst | tcp_flag::kAck;
  }
  mark_reset(tcb, context, segment);
  return segment;
}

TxSegment build_ack(Tcb& tcb, const Context& context, Cause cause) {
  TxSegment segment = base_segment(tcb, context, tcb.snd_nxt, cause);
  on_ack_leaves(tcb);
  return segment;
}

TxSegment build_change_ack(Tcb& tcb, const Context& context) {
  TxSegment segment = base_segment(tcb, context, tcb.snd_nxt, Cause::ack_congestion_mark);
  make_change_ack(tcb, segment);
  return segment;
}

std::optional<TxSegment> build_data(Tcb& tcb, const Context& context, SeqNum seq, std::uint32_t size,
                                    bool with_fin, Cause cause) {
  Packet packet = context.pools.packets.allocate();
  if (!packet) {
    context.count(Counter::no_packet);
    return std::nullopt;
  }
  const std::uint32_t offset = bytes_between(tcb.queue_begin(), seq);
  std::uint32_t taken = static_cast<std::uint32_t>(tcb.send_queue.share_into(*packet.raw(), offset, size));
  if (taken < size && taken > tcb.snd_mss) {  // too many small slices for one packet: keep to whole segments
    taken -= taken % tcb.snd_mss;
    packet.raw()->trim_to(taken);
  }
  TxSegment segment = base_segment(tcb, context, seq, cause);
  segment.payload_size = taken;
  segment.gso_size = taken > tcb.snd_mss ? tcb.snd_mss : 0;
  // Nor for news of marks, which wait for one that has.
  if (segment.options.accecn.is_there() && taken + kAccEcnRoom > tcb.snd_mss) starve_feedback(tcb, segment);
  // A full segment has no room for SACK blocks (RFC 9293 §3.7.1); owed duplicates carry them.
  if (segment.options.sack_count > 0 && taken + 8U * segment.options.sack_count + 4U > tcb.snd_mss) {
    segment.options.sack_count = 0;
  }
  const bool is_burst = context.config.push_bursts && segment.gso_size != 0;
  // RFC 9293 §3.9.1.2: what the application gave away ends with PSH; a probe asks for an answer.
  const bool is_pushed = tcb.tail_is_pushed || cause == Cause::probe_zero_window;
  if ((seq + taken == tcb.queue_end() && taken > 0 && is_pushed) || is_burst) segment.flags |= tcp_flag::kPsh;
  if (with_fin && taken == size) segment.flags |= tcp_flag::kFin;
  segment.packet = std::move(packet);
  on_ack_leaves(tcb);
  return segment;
}

}  // namespace strata::tcp
