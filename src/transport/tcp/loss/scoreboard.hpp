// What is in flight, and what became of it (RFC 6675 §3, RFC 8985 §5.2): one record for each segment, in
// order of sequence numbers, and threaded in order of sending. A report costs the logarithm of what is in
// flight and what it newly says; a false alarm costs a walk. Decides nothing: rack.hpp says what is lost.
#pragma once

#include <cstdint>
#include <optional>

#include "base/seq_num.hpp"
#include "strata/time.hpp"
#include "transport/tcp/loss/record_pool.hpp"

namespace strata::tcp {

class Scoreboard {
 public:
  /// Names a record for as long as it is unacknowledged.
  using Position = std::uint32_t;

  Scoreboard() = default;
  Scoreboard(const Scoreboard&) = delete;
  Scoreboard& operator=(const Scoreboard&) = delete;
  /// Precondition: clear() was called, or nothing is held.
  ~Scoreboard() { STRATA_CHECK(records_ == nullptr); }

  /// Forgets all; what is sent next begins at `una`.
  void begin(RecordPool& pool, SeqNum una);
  void clear(RecordPool& pool) { begin(pool, una_); }

  /// Room for `count` more records; false: there is no memory, or the connection has its share.
  bool reserve(RecordPool& pool, std::uint32_t count);
  /// [end of the last, `end`) left now. Precondition: reserve() said yes. `again`: it is not new to the wire.
  void on_sent(SeqNum end, Instant now, bool again = false);
  /// The record left once more.
  void on_resent(Position at, Instant now);

  /// Everything before `una` is acknowledged. Calls `delivered(record)` for what was not known to be there.
  template <class Function>
  void acknowledge(RecordPool& pool, SeqNum una, Function&& delivered);
  /// The peer has `block` (RFC 2018). A record that it covers in part is not taken for there. The same call.
  template <class Function>
  void sack(SeqRange block, Function&& delivered);
  /// The peer may have thrown away what it reported (RFC 2018 §8): all of it counts as lost.
  void forget_sacks();

  void mark_lost(Position at);
  /// All that is not there counts as lost, also what was sent again.
  void mark_all_lost();
  /// Not lost after all; what is under way again still counts once.
  void unmark_lost();

  bool empty() const { return head_ == tail_; }
  std::uint32_t size() const { return tail_ - head_; }
  Position head() const { return head_; }
  Position last() const { return tail_ - 1; }
  const TransmitRecord& at(Position position) const { return records_[position & mask_]; }
  SeqRange range(Position at) const;
  /// Something is lost and was not sent again.
  bool has_waiting() const { return lost_ != resent_; }
  /// The first lost record that was not sent again.
  std::optional<Position> next_lost();
  /// Sent longest ago of what may still be under way; and the one sent after `position`.
  std::optional<Position> oldest() const { return listed_ == 0 ? std::nullopt : std::optional(oldest_); }
  std::optional<Position> newer(Position position) const;

  SeqNum una() const { return una_; }
  SeqNum end() const { return empty() ? una_ : at(last()).end; }
  /// RFC 6675 §4, pipe: bytes that are thought to be in the network.
  std::uint32_t in_flight() const { return bytes_between(una_, end()) - sacked_ - lost_ + resent_; }
  std::uint32_t sacked_bytes() const { return sacked_; }
  std::uint32_t lost_bytes() const { return lost_; }
  std::uint32_t resent_bytes() const { return resent_; }
  std::uint32_t sacked_count() const { return sacked_count_; }
  /// Behind the last byte that the peer has, as far as it said (RFC 8985: RACK.fack).
  SeqNum highest_sacked() const { return sacked_count_ == 0 ? una_ : highest_sacked_; }

 private:
  TransmitRecord& record(Position position) { return records_[position & mask_]; }
  std::uint32_t size_of(Position at) const { return range(at).size(); }
  Position first_beginning_at_or_after(SeqNum seq) const;
  Position next_not_sacked(Position from);
  void set_sacked(Position at);
  void list(Position at);
  void list_by_time(Position at, std::optional<Position>& before);
  void unlist(Position at);
  void uncount(const TransmitRecord& record, std::uint32_t bytes);
  void pop_front();

  TransmitRecord* records_ = nullptr;
  std::uint32_t mask_ = 0;  ///< size of the array less one
  Position head_ = 0;
  Position tail_ = 0;
  Position oldest_ = 0;
  Position newest_ = 0;
  Position lost_hint_ = 0;  ///< nothing before it waits to be sent again
  std::uint32_t listed_ = 0;
  std::uint32_t sacked_ = 0;  ///< bytes
  std::uint32_t lost_ = 0;
  std::uint32_t resent_ = 0;
  std::uint32_t sacked_count_ = 0;
  SeqNum una_;
  SeqNum highest_sacked_;
};

template <class Function>
void Scoreboard::acknowledge(RecordPool& pool, SeqNum una, Function&& delivered) {
  while (!empty() && at(head_).end.at_or_before(una)) {
    if (!at(head_).sacked) delivered(at(head_));
    pop_front();
  }
  if (empty()) return begin(pool, una);
  uncount(at(head_), bytes_between(una_, una));
  una_ = una;
}

template <class Function>
void Scoreboard::sack(SeqRange block, Function&& delivered) {
  if (empty() || !block.begin.at_or_after(una_) || block.end.after(end())) return;
  Position position = next_not_sacked(first_beginning_at_or_after(block.begin));
  while (position != tail_ && at(position).end.at_or_before(block.end)) {
    delivered(at(position));
    set_sacked(position);
    position = next_not_sacked(position + 1);
  }
}

}  // namespace strata::tcp
