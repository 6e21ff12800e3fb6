// What is in flight, and what became of it (RFC 6675 §3, RFC 8985 §5.2): one record for each segment, in
// order of sequence numbers, and threaded in order of sending. A report costs the logarithm of what is in
// flight and what it newly says, finding what is lost costs the same always; a false alarm costs a walk.
// Decides nothing: rack.hpp says what is lost.
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
  ~Scoreboard() { STRATA_CHECK(book_ == &none()); }

  /// Forgets all; what is sent next begins at `una`.
  void begin(RecordPool& pool, SeqNum una);
  void clear(RecordPool& pool) { begin(pool, una_); }

  /// Room for `count` more records; false: there is no memory, or the connection has its share. `stamps`:
  /// with a stamp for each.
  bool reserve(RecordPool& pool, std::uint32_t count, bool stamps = false);
  /// [end of the last, `end`) left now. Precondition: reserve() said yes. `again`: it is not new to the wire.
  void on_sent(SeqNum end, Instant now, bool again = false);
  /// The record left once more.
  void on_resent(Position at, Instant now);
  /// What was known of the path when the record left. Precondition: reserve() was asked for stamps.
  void stamp(Position at, const SendStamp& stamp) { book_->stamps[at & book_->mask] = stamp; }
  /// nullptr: there are no stamps. `record`: of this board.
  const SendStamp* stamp_of(const TransmitRecord& record) const {
    return book_->stamped ? &book_->stamps[static_cast<std::size_t>(&record - book_->records.get())]
                          : nullptr;
  }

  /// Everything before `una` is acknowledged. Calls `delivered(record)` for what was not known to be there.
  template <class Function>
  void acknowledge(RecordPool& pool, SeqNum una, Function&& delivered);
  /// The peer has `block` (RFC 2018). A record that it covers in part is not taken for there. The same call.
  template <class Function>
  void sack(SeqRange block, Function&& delivered);
  /// The peer may have thrown away what it reported (RFC 2018 §8): all of it counts as lost.
  void forget_sacks();

  void mark_lost(Position at);
  /// With stamps: calls `tell(position)` for each record that was marked since the last call, in that order.
  /// What is not told before something is acknowledged or sent again is forgotten.
  template <class Function>
  void take_newly_lost(Function&& tell);
  /// All that is not there counts as lost, also what was sent again.
  void mark_all_lost();
  /// Not lost after all; what is under way again still counts once.
  void unmark_lost();

  /// What waits to be sent again is cut anew, into segments of at most `mss` bytes, where a record is larger
  /// than that; `fin`: the last byte is our FIN, which takes no room. False: there is no memory for the
  /// records, and nothing has changed. Costs a walk.
  bool recut(RecordPool& pool, std::uint32_t mss, bool fin);
  /// The record that `seq` lies in.
  std::optional<Position> find(SeqNum seq) const;

  bool empty() const { return book_->head == book_->tail; }
  std::uint32_t size() const { return book_->tail - book_->head; }
  Position head() const { return book_->head; }
  Position last() const { return book_->tail - 1; }
  const TransmitRecord& at(Position position) const { return book_->records[position & book_->mask]; }
  SeqRange range(Position at) const;
  /// Something is lost and was not sent again.
  bool has_waiting() const { return book_->lost != book_->resent; }
  /// The first lost record that was not sent again.
  std::optional<Position> next_lost() const;
  /// Sent longest ago of what may still be under way; and the one sent after `position`.
  std::optional<Position> oldest() const {
    return book_->listed == 0 ? std::nullopt : std::optional(book_->oldest);
  }
  std::optional<Position> newer(Position position) const;

  SeqNum una() const { return una_; }
  SeqNum end() const { return empty() ? una_ : at(last()).end; }
  /// RFC 6675 §4, pipe: bytes that are thought to be in the network.
  std::uint32_t in_flight() const {
    return bytes_between(una_, end()) - book_->sacked - book_->lost + book_->resent;
  }
  std::uint32_t sacked_bytes() const { return book_->sacked; }
  std::uint32_t lost_bytes() const { return book_->lost; }
  std::uint32_t resent_bytes() const { return book_->resent; }
  std::uint32_t sacked_count() const { return book_->sacked_count; }
  /// Behind the last byte that the peer has, as far as it said (RFC 8985: RACK.fack).
  SeqNum highest_sacked() const { return book_->sacked_count == 0 ? una_ : book_->highest_sacked; }

 private:
  TransmitRecord& record(Position position) { return book_->records[position & book_->mask]; }
  std::uint32_t size_of(Position at) const { return range(at).size(); }
  Position first_beginning_at_or_after(SeqNum seq) const;
  Position next_not_sacked(Position from);
  void set_sacked(Position at);
  void list(Position at);
  void list_by_time(Position at, std::optional<Position>& before);
  void unlist(Position at);
  void uncount(const TransmitRecord& record, std::uint32_t bytes);
  bool provide_stamps();
  bool copy_stamps(FlightBook& to) const;
  void note_newly_lost(Position at);
  /// The links between them are about to serve for something else.
  void forget_newly_lost() {
    if (book_->newly_lost != 0) book_->newly_lost = 0;
  }
  void pop_front();
  bool waits(Position at) const;
  Position end_of_run(Position at, std::uint32_t mss, bool fin) const;
  std::uint32_t pieces_after_cut(std::uint32_t mss, bool fin) const;
  void copy_cut(Scoreboard& to, std::uint32_t mss, bool fin);

  /// Nothing is in flight: the same for all, and never written.
  static FlightBook& none();

  FlightBook* book_ = &none();
  SeqNum una_;
};

template <class Function>
void Scoreboard::acknowledge(RecordPool& pool, SeqNum una, Function&& delivered) {
  forget_newly_lost();
  while (!empty() && at(book_->head).end.at_or_before(una)) {
    if (!at(book_->head).sacked) delivered(at(book_->head));
    pop_front();
  }
  if (empty()) return begin(pool, una);
  uncount(at(book_->head), bytes_between(una_, una));
  una_ = una;
}

template <class Function>
void Scoreboard::take_newly_lost(Function&& tell) {
  for (; book_->newly_lost > 0; --book_->newly_lost) {
    const Position position = book_->newly_lost_first;
    book_->newly_lost_first = at(position).newer;
    tell(position);
  }
}

template <class Function>
void Scoreboard::sack(SeqRange block, Function&& delivered) {
  if (empty() || !block.begin.at_or_after(una_) || block.end.after(end())) return;
  Position position = next_not_sacked(first_beginning_at_or_after(block.begin));
  while (position != book_->tail && at(position).end.at_or_before(block.end)) {
    delivered(at(position));
    set_sacked(position);
    position = next_not_sacked(position + 1);
  }
}

}  // namespace strata::tcp
