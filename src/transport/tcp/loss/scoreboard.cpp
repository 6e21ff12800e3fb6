#include "transport/tcp/loss/scoreboard.hpp"

#include <algorithm>

namespace strata::tcp {

FlightBook& Scoreboard::none() {
  static FlightBook book;
  return book;
}

void Scoreboard::begin(RecordPool& pool, SeqNum una) {
  if (book_ != &none()) pool.give_back(book_);
  book_ = &none();
  una_ = una;
}

bool Scoreboard::reserve(RecordPool& pool, std::uint32_t count, bool stamps) {
  const std::size_t capacity = book_ == &none() ? 0 : book_->mask + std::size_t{1};
  const std::size_t wanted = size() + std::size_t{count};
  if (wanted <= capacity) return !stamps || book_->stamped || provide_stamps();
  if (wanted > RecordPool::kLargest) return false;
  FlightBook* const larger = pool.take(std::max(RecordPool::kSmallest, std::bit_ceil(wanted)));
  if (larger == nullptr) return false;
  for (Position at = book_->head; at != book_->tail; ++at) {
    larger->records[at & larger->mask] = record(at);
    if (record(at).is_waiting()) larger->waiting.insert(at & larger->mask);
  }
  if (book_->stamped && !copy_stamps(*larger)) {
    pool.give_back(larger);
    return false;
  }
  if (book_ != &none()) {
    std::swap(larger->records, book_->records);
    std::swap(larger->waiting, book_->waiting);
    std::swap(larger->stamps, book_->stamps);
    std::swap(larger->mask, book_->mask);
    std::swap(*larger, *book_);  // the sums move, each ring stays with its size
    pool.give_back(book_);
  }
  book_ = larger;
  return !stamps || book_->stamped || provide_stamps();
}

/// Into a larger ring.
bool Scoreboard::copy_stamps(FlightBook& to) const {
  if (!to.stamps) to.stamps.reset(new (std::nothrow) SendStamp[to.mask + std::size_t{1}]);
  if (!to.stamps) return false;
  for (Position at = book_->head; at != book_->tail; ++at) {
    to.stamps[at & to.mask] = book_->stamps[at & book_->mask];
  }
  return true;
}

/// What is in flight already has none.
bool Scoreboard::provide_stamps() {
  const std::size_t capacity = book_->mask + std::size_t{1};
  if (!book_->stamps) book_->stamps.reset(new (std::nothrow) SendStamp[capacity]);
  if (!book_->stamps) return false;
  for (Position at = book_->head; at != book_->tail; ++at) stamp(at, {});
  book_->stamped = true;
  return true;
}

SeqRange Scoreboard::range(Position position) const {
  return {.begin = position == book_->head ? una_ : at(position - 1).end, .end = at(position).end};
}

void Scoreboard::list(Position position) {
  TransmitRecord& now_newest = record(position);
  now_newest.older = book_->newest;
  if (book_->listed++ == 0) {
    book_->oldest = position;
  } else {
    record(book_->newest).newer = position;
  }
  book_->newest = position;
}

void Scoreboard::unlist(Position position) {
  const TransmitRecord& gone = at(position);
  --book_->listed;
  if (position == book_->oldest) {
    book_->oldest = gone.newer;
  } else {
    record(gone.older).newer = gone.newer;
  }
  if (position == book_->newest) {
    book_->newest = gone.older;
  } else {
    record(gone.newer).older = gone.older;
  }
}

std::optional<Scoreboard::Position> Scoreboard::newer(Position position) const {
  return position == book_->newest ? std::nullopt : std::optional(at(position).newer);
}

void Scoreboard::on_sent(SeqNum end, Instant now, bool again) {
  record(book_->tail) = {.sent = now, .end = end, .ever_resent = again};
  list(book_->tail++);
}

void Scoreboard::on_resent(Position position, Instant now) {
  TransmitRecord& again = record(position);
  if (again.sacked) return;  // it is in no order of sending
  forget_newly_lost();
  const bool was_waiting = again.is_waiting();
  if (!was_waiting) unlist(position);
  list(position);
  if (was_waiting) {
    again.resent = true;
    book_->waiting.erase(position & book_->mask);
    book_->resent += size_of(position);
  }
  again.ever_resent = true;
  again.sent = now;
}

// Bytes of a record leave the account: acknowledged, or the record changes its kind.
void Scoreboard::uncount(const TransmitRecord& record, std::uint32_t bytes) {
  if (record.sacked) book_->sacked -= bytes;
  if (record.lost) book_->lost -= bytes;
  if (record.resent) book_->resent -= bytes;
}

void Scoreboard::pop_front() {
  const TransmitRecord& gone = at(book_->head);
  uncount(gone, size_of(book_->head));
  if (gone.sacked) {
    --book_->sacked_count;
  } else if (gone.is_waiting()) {
    book_->waiting.erase(book_->head & book_->mask);
  } else {
    unlist(book_->head);
  }
  una_ = gone.end;
  ++book_->head;
}

Scoreboard::Position Scoreboard::first_beginning_at_or_after(SeqNum seq) const {
  std::uint32_t low = 0;
  std::uint32_t high = size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (range(book_->head + middle).begin.before(seq)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return book_->head + low;
}

// A sacked record is in no order of sending, so its `newer` leads over the run of sacked ones that it is in;
// each walk shortens the way for the next.
Scoreboard::Position Scoreboard::next_not_sacked(Position from) {
  Position found = from;
  while (found != book_->tail && at(found).sacked) found = at(found).newer;
  while (from != found) {
    const Position next = at(from).newer;
    record(from).newer = found;
    from = next;
  }
  return found;
}

void Scoreboard::set_sacked(Position position) {
  TransmitRecord& there = record(position);
  uncount(there, size_of(position));
  if (there.is_waiting()) {
    book_->waiting.erase(position & book_->mask);
  } else {
    unlist(position);
  }
  there.lost = there.resent = false;
  there.sacked = true;
  there.newer = position + 1;
  book_->sacked += size_of(position);
  book_->highest_sacked = book_->sacked_count++ == 0 ? there.end : later(book_->highest_sacked, there.end);
}

void Scoreboard::forget_sacks() {
  for (Position position = book_->head; position != book_->tail; ++position) {
    TransmitRecord& record = this->record(position);
    if (!record.sacked) continue;
    record.sacked = false;
    record.lost = true;
    book_->lost += size_of(position);
    book_->waiting.insert(position & book_->mask);
  }
  book_->sacked = book_->sacked_count = 0;
}

void Scoreboard::mark_lost(Position position) {
  TransmitRecord& gone = record(position);
  if (gone.sacked || gone.is_waiting()) return;
  unlist(position);
  if (gone.resent) book_->resent -= size_of(position);
  if (!gone.lost) book_->lost += size_of(position);
  gone.lost = true;
  gone.resent = false;
  book_->waiting.insert(position & book_->mask);
  if (book_->stamped) note_newly_lost(position);
}

/// A record that waits to be sent again is in no order of sending: its link is free for this.
void Scoreboard::note_newly_lost(Position position) {
  if (book_->newly_lost++ == 0) {
    book_->newly_lost_first = position;
  } else {
    record(book_->newly_lost_last).newer = position;
  }
  book_->newly_lost_last = position;
}

void Scoreboard::mark_all_lost() {
  while (book_->listed != 0) mark_lost(book_->oldest);
}

// `before`: listed, and sent no later than the record that was listed last by this; in a run of calls with
// rising times the walk goes on from there.
void Scoreboard::list_by_time(Position position, std::optional<Position>& before) {
  TransmitRecord& placed = record(position);
  const auto precedes = [&](Position other) {
    return at(other).sent < placed.sent ||
           (at(other).sent == placed.sent && at(other).end.before(placed.end));
  };
  if (before && !precedes(*before)) before.reset();
  std::optional<Position> next = before ? newer(*before) : oldest();
  while (next && precedes(*next)) {
    before = next;
    next = newer(*next);
  }
  ++book_->listed;
  if (before) {
    record(*before).newer = position;
    placed.older = *before;
  } else {
    book_->oldest = position;
  }
  if (next) {
    record(*next).older = position;
    placed.newer = *next;
  } else {
    book_->newest = position;
  }
  before = position;
}

void Scoreboard::unmark_lost() {
  forget_newly_lost();
  std::optional<Position> before;
  for (Position position = book_->head; position != book_->tail; ++position) {
    TransmitRecord& record = this->record(position);
    if (!record.lost) continue;
    uncount(record, size_of(position));
    if (record.is_waiting()) {
      book_->waiting.erase(position & book_->mask);
      list_by_time(position, before);
    }
    record.lost = record.resent = false;
  }
}

std::optional<Scoreboard::Position> Scoreboard::next_lost() const {
  if (!has_waiting()) return std::nullopt;
  const std::optional<std::size_t> place = book_->waiting.next(book_->head & book_->mask);
  if (!place) return std::nullopt;
  const auto ahead = static_cast<std::uint32_t>(*place) - book_->head;
  return book_->head + (ahead & book_->mask);
}

}  // namespace strata::tcp
