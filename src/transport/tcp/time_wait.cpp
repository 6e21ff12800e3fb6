#include "transport/tcp/time_wait.hpp"

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

TimeWaitVerdict process_time_wait(const TimeWaitRecord& record, const Segment& segment) {
  // RFC 1337 §3, fix F1: a stray RST must not end the wait.
  // DEVIATION: from RFC 9293 §3.10.7.4, second check; see docs/deviations.md#time-wait-and-reset.
  if (segment.has(tcp_flag::kRst)) return TimeWaitVerdict::drop;
  if (segment.has(tcp_flag::kSyn) && !segment.has(tcp_flag::kAck)) {
    // RFC 6191 §2: a later stamp, or with an equal stamp or none a later number, proves that the SYN is no
    // old duplicate.
    const bool stamped = record.ts_offset != 0 && segment.options.timestamps.has_value();
    const std::int32_t stamp_ahead =
        stamped ? static_cast<std::int32_t>(segment.options.timestamps->value - record.ts_recent) : 0;
    const bool is_new = stamp_ahead > 0 || (stamp_ahead == 0 && segment.seq.after(record.rcv_nxt));
    return is_new ? TimeWaitVerdict::reuse : TimeWaitVerdict::acknowledge;
  }
  // At the right place, a bare ACK is the peer's last word, and what has no ACK is dropped (RFC 9293
  // §3.10.7.4, fifth check). Anything else is out of place (first check).
  const bool in_place = segment.seq == record.rcv_nxt;
  const bool says_nothing = segment.length() == 0 || !segment.has(tcp_flag::kAck);
  if (in_place && says_nothing) return TimeWaitVerdict::drop;
  // Only the peer's own FIN again says that our ACK of it was lost.
  const bool fin_again = segment.has(tcp_flag::kFin) && segment.seq + segment.length() == record.rcv_nxt;
  return fin_again ? TimeWaitVerdict::answer : TimeWaitVerdict::acknowledge;
}

TxSegment time_wait_ack(const TimeWaitRecord& record, Instant now) {
  TxSegment segment;
  segment.seq = record.snd_nxt;
  segment.ack = record.rcv_nxt;
  segment.flags = tcp_flag::kAck | record.ecn_flags;
  segment.cause = Cause::ack_duplicate;
  if (record.ts_offset != 0) {
    segment.options.timestamps =
        TcpTimestamps{.value = timestamp_value(now, record.ts_offset), .echo = record.ts_recent};
  }
  return segment;
}

std::uint32_t TimeWaitTable::add(const Tcb& tcb, std::uint32_t hash, Instant expires) {
  const std::uint32_t index = records_.emplace();
  if (index == kNone) return kNone;
  TimeWaitRecord& record = records_[index];
  record.local = tcb.flow.local.address;
  record.remote = tcb.flow.remote.address;
  record.zone = tcb.flow.local.zone;
  record.local_port = tcb.flow.local.port;
  record.remote_port = tcb.flow.remote.port;
  record.snd_nxt = tcb.snd_nxt;
  record.rcv_nxt = tcb.rcv_nxt;
  record.flow_number = tcb.flow_number;
  record.reuse_address = tcb.settings->reuse_address;
  record.hash = hash;
  if (tcb.ecn && tcb.ecn->accurate) record.ecn_flags = ace_flags(tcb.ecn->accurate->receiver.ace());
  record.expires = expires;
  if (tcb.timestamps_on) {
    record.ts_recent = tcb.ts.recent();
    record.ts_offset = tcb.ts_offset | 1;  // 0 means "none"; one tick more or less does not matter
  }
  link_last(index);
  return index;
}

void TimeWaitTable::link_last(std::uint32_t index) {
  TimeWaitRecord& record = records_[index];
  record.prev = tail_;
  record.next = kNone;
  (tail_ == kNone ? head_ : records_[tail_].next) = index;
  tail_ = index;
}

void TimeWaitTable::unlink(std::uint32_t index) {
  const TimeWaitRecord& record = records_[index];
  (record.prev == kNone ? head_ : records_[record.prev].next) = record.next;
  (record.next == kNone ? tail_ : records_[record.next].prev) = record.prev;
}

void TimeWaitTable::remove(std::uint32_t index) {
  unlink(index);
  records_.erase(index);
}

void TimeWaitTable::restart(std::uint32_t index, Instant expires) {
  unlink(index);
  records_[index].expires = expires;
  link_last(index);
}

}  // namespace strata::tcp
