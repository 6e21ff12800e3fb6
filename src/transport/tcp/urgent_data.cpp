#include "transport/tcp/urgent_data.hpp"

#include <algorithm>
#include <array>

namespace strata::tcp {
namespace {

using Arrival = Urgent::Arrival;

/// Number of the octet that the application reads next.
SeqNum read_next(const Tcb& tcb) {
  const auto unread = static_cast<std::uint32_t>(tcb.receive_queue.size());
  return tcb.rcv_nxt - (tcb.fin_received ? 1U : 0U) - unread;
}

Urgent* have_urgent(Tcb& tcb, const Context& context) {
  Rare* const rare = tcb.rare.make();
  if (rare == nullptr) context.count(Counter::tcp_urgent_ignored);
  return rare == nullptr ? nullptr : &rare->urgent;
}

void forget_if_over(Tcb& tcb) {
  if (tcb.rare && tcb.rare->is_over()) tcb.rare.reset();
}

/// RFC 9293 §3.8.5: the pointer leads behind the last urgent octet, and is added to the segment's number.
/// What it said before RFC 6093 §3.1 is a parameter, as in Linux. Zero leads nowhere, and means the first
/// octet.
SeqNum last_urgent_octet(const TcpConfig& config, const Segment& segment) {
  const bool behind = segment.urgent != 0 && !config.stdurg;
  return segment.seq + segment.urgent - (behind ? 1U : 0U);
}

std::uint8_t octet_at(const Segment& segment, std::uint32_t offset) {
  Bytes piece = segment.packet->head();
  for (const buf::Slice& slice : segment.packet->payload()) {
    if (offset < piece.size()) break;
    offset -= static_cast<std::uint32_t>(piece.size());
    piece = slice.bytes();
  }
  return piece[offset];
}

void found(Tcb& tcb, std::uint8_t octet) {
  tcb.rare->urgent.octet = octet;
  tcb.rare->urgent.arrival = Arrival::here;
  tcb.signal(Ready::urgent);
}

/// Before any hole in front of it is filled: that is what urgent means.
void look_into(Tcb& tcb, const Segment& segment) {
  if (!tcb.rare || tcb.rare->urgent.arrival != Arrival::announced) return;
  const SeqNum mark = tcb.rare->urgent.rcv_up;
  if (!mark.in_window(segment.seq, segment.payload_size) || mark.at_or_after(tcb.rcv_edge)) return;
  found(tcb, octet_at(segment, bytes_between(segment.seq, mark)));
}

/// As Linux: who reads urgent octets out of band, and stands before one when the next is announced, does not
/// meet it in the stream any more.
void drop_passed_over(Tcb& tcb, const Context& context) {
  const Urgent& urgent = tcb.rare->urgent;
  const bool stands_there = urgent.arrival != Arrival::none && urgent.rcv_up == read_next(tcb);
  if (stands_there && tcb.urgent_out_of_band && !tcb.receive_queue.empty())
    tcb.receive_queue.drop_front(context.pools, 1);
}

}  // namespace

void mark_urgent(Tcb& tcb, const Context& context) {
  Urgent* const urgent = have_urgent(tcb, context);
  if (urgent == nullptr) return;
  urgent->snd_up = tcb.queue_end();
  urgent->sending = true;
}

// A pointer that reaches further than its field says as much as the field can, as long as what it then marks
// has not left: a later segment will say better (RFC 6093 §3 has implementations that wrap).
void show_urgent(const Tcb& tcb, TxSegment& segment) {
  if (!is_urgent(tcb) || !segment.seq.before(tcb.rare->urgent.snd_up)) return;
  constexpr std::uint32_t kMost = 0xffff;
  const std::uint32_t distance = bytes_between(segment.seq, tcb.rare->urgent.snd_up);
  if (distance > kMost && (segment.seq + kMost).at_or_before(tcb.snd_nxt)) return;
  segment.flags |= tcp_flag::kUrg;
  segment.urgent = static_cast<std::uint16_t>(std::min(distance, kMost));
}

void settle_urgent(Tcb& tcb) {
  if (!is_urgent(tcb) || tcb.snd_una.before(tcb.rare->urgent.snd_up)) return;
  tcb.rare->urgent.sending = false;
  forget_if_over(tcb);
}

void check_urgent(Tcb& tcb, const Context& context, const Segment& segment) {
  if (segment.has(tcp_flag::kUrg) && may_receive_data(tcb.state)) {
    const SeqNum mark = last_urgent_octet(context.config, segment);
    const bool is_known =
        tcb.rare && tcb.rare->urgent.arrival != Arrival::none && mark.at_or_before(tcb.rare->urgent.rcv_up);
    // RFC 9293 §3.10.7.4: RCV.UP only grows, and only what was not consumed is worth telling.
    if (is_known || mark.before(tcb.rcv_nxt)) {
      context.count(Counter::tcp_urgent_old);
    } else if (have_urgent(tcb, context) != nullptr) {
      context.count(Counter::tcp_urgent_in);
      drop_passed_over(tcb, context);
      tcb.rare->urgent.rcv_up = mark;
      tcb.rare->urgent.arrival = Arrival::announced;
      tcb.signal(Ready::urgent);
    }
  }
  look_into(tcb, segment);
}

void find_urgent_octet(Tcb& tcb) {
  if (!tcb.rare || tcb.rare->urgent.arrival != Arrival::announced) return;
  const SeqNum first = read_next(tcb);
  if (!tcb.rare->urgent.rcv_up.in_window(first, static_cast<std::uint32_t>(tcb.receive_queue.size()))) return;
  std::array<std::uint8_t, 1> octet{};
  tcb.receive_queue.copy_out(bytes_between(first, tcb.rare->urgent.rcv_up), octet);
  found(tcb, octet[0]);
}

void pass_urgent(Tcb& tcb) {
  if (!tcb.rare || tcb.rare->urgent.arrival == Arrival::none) return;
  if (!read_next(tcb).after(tcb.rare->urgent.rcv_up)) return;
  tcb.rare->urgent.arrival = Arrival::none;
  forget_if_over(tcb);
}

std::optional<UrgentMark> urgent_mark(const Tcb& tcb) {
  if (!tcb.rare || tcb.rare->urgent.arrival == Arrival::none) return std::nullopt;
  UrgentMark mark{.before = bytes_between(read_next(tcb), tcb.rare->urgent.rcv_up),
                  .is_here = tcb.rare->urgent.arrival == Arrival::here,
                  .is_taken = tcb.rare->urgent.arrival == Arrival::taken,
                  .octet = tcb.rare->urgent.octet};
  return mark;
}

void take_urgent(Tcb& tcb) {
  if (tcb.rare && tcb.rare->urgent.arrival == Arrival::here) tcb.rare->urgent.arrival = Arrival::taken;
}

}  // namespace strata::tcp
