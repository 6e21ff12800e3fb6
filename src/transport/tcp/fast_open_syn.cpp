#include "transport/tcp/fast_open_syn.hpp"

#include <algorithm>

#include "transport/tcp/settings.hpp"

namespace strata::tcp {
namespace {

FastOpen* fast_open(const Tcb& tcb) {
  return tcb.rare && tcb.rare->fast_open.is_on ? &tcb.rare->fast_open : nullptr;
}

}  // namespace

bool holds_syn(const Tcb& tcb) {
  const FastOpen* const fast = fast_open(tcb);
  return fast != nullptr && fast->waits_for_data;
}

// RFC 7413 §4.1.3.2: what fits the peer's MSS, less all the room that options may take.
std::uint32_t syn_room(const Tcb& tcb) {
  const FastOpen* const fast = fast_open(tcb);
  if (fast == nullptr || !fast->carries_data || fast->has_left || tcb.state != State::syn_sent) return 0;
  const std::uint32_t ours = mss_limit(*tcb.settings, tcb.path.mss);
  const std::uint32_t most = fast->peer_mss != 0 ? std::min<std::uint32_t>(fast->peer_mss, ours) : ours;
  const auto room = static_cast<std::uint32_t>(most - std::min<std::size_t>(most, kTcpOptionsSizeMax));
  const auto queued = static_cast<std::uint32_t>(tcb.send_queue.size());
  return room - std::min(room, queued);
}

void begin_fast_open(Tcb& tcb) {
  if (!holds_syn(tcb)) return;
  tcb.rare->fast_open.waits_for_data = false;
  tcb.syn_pending = true;
}

void load_syn(Tcb& tcb, const Context& context, TxSegment& syn) {
  FastOpen* const fast = fast_open(tcb);
  if (fast == nullptr || fast->has_left || tcb.state != State::syn_sent) return;
  syn.options.fast_open = fast->option;
  const bool has_data = fast->carries_data && !tcb.send_queue.empty();
  fast->has_left = true;
  if (!has_data) return;
  Packet packet = context.pools.packets.allocate();
  if (!packet) return context.count(Counter::no_packet);  // without data, then
  syn.payload_size =
      static_cast<std::uint32_t>(tcb.send_queue.share_into(*packet.raw(), 0, tcb.send_queue.size()));
  syn.packet = std::move(packet);
  tcb.traffic.bytes_sent += syn.payload_size;
  context.count(Counter::tcp_fast_open_syns);
}

void take_ack_of_syn(Tcb& tcb, const Context& context, SeqNum ack) {
  const std::uint32_t acked = bytes_between(tcb.iss + 1, ack);
  tcb.send_queue.drop_front(context.pools, acked);
  tcb.traffic.bytes_acked += acked;
  const bool had_data = tcb.snd_max.after(tcb.iss + 1);
  tcb.syn_data_acked = had_data && ack == tcb.snd_max;
  if (had_data)
    context.count(tcb.syn_data_acked ? Counter::tcp_fast_open_active : Counter::tcp_fast_open_failed);
  tcb.snd_una = tcb.snd_nxt = ack;
  tcb.loss.board.begin(context.records, tcb.snd_una);
}

// RFC 7413 §4.1.3.1. A peer that gives no cookie for the option is asked by the experimental one next time,
// as in Linux.
void note_syn_answer(Tcb& tcb, const Segment& segment) {
  FastOpen* const fast = fast_open(tcb);
  if (fast == nullptr) return;
  fast->is_answered = true;
  fast->announced_mss = segment.options.mss.value_or(536);
  const bool has_cookie = segment.options.fast_open.size > 0;
  if (has_cookie) fast->cookie = segment.options.fast_open;
  const bool asked = fast->option.form != FastOpenOption::Form::none && !fast->carries_data;
  fast->was_ignored = asked && !has_cookie && tcb.retransmits == 0;
}

}  // namespace strata::tcp
