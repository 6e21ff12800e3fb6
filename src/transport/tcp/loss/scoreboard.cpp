#include "transport/tcp/loss/scoreboard.hpp"

#include <algorithm>

namespace strata::tcp {

void Scoreboard::begin(RecordPool& pool, SeqNum una) {
  if (records_ != nullptr) pool.give_back(records_, mask_ + std::size_t{1});
  records_ = nullptr;
  mask_ = 0;
  head_ = tail_ = lost_hint_ = 0;
  listed_ = sacked_ = lost_ = resent_ = sacked_count_ = 0;
  una_ = una;
}

bool Scoreboard::reserve(RecordPool& pool, std::uint32_t count) {
  const std::size_t capacity = records_ == nullptr ? 0 : mask_ + std::size_t{1};
  const std::size_t wanted = size() + std::size_t{count};
  if (wanted <= capacity) return true;
  if (wanted > RecordPool::kLargest) return false;
  const std::size_t larger = std::max(RecordPool::kSmallest, std::bit_ceil(wanted));
  TransmitRecord* const array = pool.take(larger);
  if (array == nullptr) return false;
  const auto mask = static_cast<std::uint32_t>(larger - 1);
  for (Position at = head_; at != tail_; ++at) array[at & mask] = record(at);
  if (records_ != nullptr) pool.give_back(records_, capacity);
  records_ = array;
  mask_ = mask;
  return true;
}

SeqRange Scoreboard::range(Position position) const {
  return {.begin = position == head_ ? una_ : at(position - 1).end, .end = at(position).end};
}

void Scoreboard::list(Position position) {
  TransmitRecord& now_newest = record(position);
  now_newest.older = newest_;
  if (listed_++ == 0) {
    oldest_ = position;
  } else {
    record(newest_).newer = position;
  }
  newest_ = position;
}

void Scoreboard::unlist(Position position) {
  const TransmitRecord& gone = at(position);
  --listed_;
  if (position == oldest_) {
    oldest_ = gone.newer;
  } else {
    record(gone.older).newer = gone.newer;
  }
  if (position == newest_) {
    newest_ = gone.older;
  } else {
    record(gone.newer).older = gone.older;
  }
}

std::optional<Scoreboard::Position> Scoreboard::newer(Position position) const {
  return position == newest_ ? std::nullopt : std::optional(at(position).newer);
}

void Scoreboard::on_sent(SeqNum end, Instant now, bool again) {
  record(tail_) = {.sent = now, .end = end, .ever_resent = again};
  list(tail_++);
}

void Scoreboard::on_resent(Position position, Instant now) {
  TransmitRecord& again = record(position);
  if (again.sacked) return;  // it is in no order of sending
  const bool was_waiting = again.lost && !again.resent;
  if (!was_waiting) unlist(position);
  list(position);
  if (was_waiting) {
    again.resent = true;
    resent_ += size_of(position);
  }
  again.ever_resent = true;
  again.sent = now;
}

// Bytes of a record leave the account: acknowledged, or the record changes its kind.
void Scoreboard::uncount(const TransmitRecord& record, std::uint32_t bytes) {
  if (record.sacked) sacked_ -= bytes;
  if (record.lost) lost_ -= bytes;
  if (record.resent) resent_ -= bytes;
}

void Scoreboard::pop_front() {
  const TransmitRecord& gone = at(head_);
  uncount(gone, size_of(head_));
  if (gone.sacked) {
    --sacked_count_;
  } else if (!gone.lost || gone.resent) {
    unlist(head_);
  }
  una_ = gone.end;
  if (lost_hint_ == head_) ++lost_hint_;
  ++head_;
}

Scoreboard::Position Scoreboard::first_beginning_at_or_after(SeqNum seq) const {
  std::uint32_t low = 0;
  std::uint32_t high = size();
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (range(head_ + middle).begin.before(seq)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return head_ + low;
}

// A sacked record is in no order of sending, so its `newer` leads over the run of sacked ones that it is in;
// each walk shortens the way for the next.
Scoreboard::Position Scoreboard::next_not_sacked(Position from) {
  Position found = from;
  while (found != tail_ && at(found).sacked) found = at(found).newer;
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
  if (!there.lost || there.resent) unlist(position);
  there.lost = there.resent = false;
  there.sacked = true;
  there.newer = position + 1;
  sacked_ += size_of(position);
  highest_sacked_ = sacked_count_++ == 0 ? there.end : later(highest_sacked_, there.end);
}

void Scoreboard::forget_sacks() {
  for (Position position = head_; position != tail_; ++position) {
    TransmitRecord& record = this->record(position);
    if (!record.sacked) continue;
    record.sacked = false;
    record.lost = true;
    lost_ += size_of(position);
  }
  sacked_ = sacked_count_ = 0;
  lost_hint_ = head_;
}

void Scoreboard::mark_lost(Position position) {
  TransmitRecord& gone = record(position);
  if (gone.sacked || (gone.lost && !gone.resent)) return;
  unlist(position);
  if (gone.resent) resent_ -= size_of(position);
  if (!gone.lost) lost_ += size_of(position);
  gone.lost = true;
  gone.resent = false;
  if (position - head_ < lost_hint_ - head_) lost_hint_ = position;
}

void Scoreboard::mark_all_lost() {
  while (listed_ != 0) mark_lost(oldest_);
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
  ++listed_;
  if (before) {
    record(*before).newer = position;
    placed.older = *before;
  } else {
    oldest_ = position;
  }
  if (next) {
    record(*next).older = position;
    placed.newer = *next;
  } else {
    newest_ = position;
  }
  before = position;
}

void Scoreboard::unmark_lost() {
  std::optional<Position> before;
  for (Position position = head_; position != tail_; ++position) {
    TransmitRecord& record = this->record(position);
    if (!record.lost) continue;
    uncount(record, size_of(position));
    if (!record.resent) list_by_time(position, before);
    record.lost = record.resent = false;
  }
}

std::optional<Scoreboard::Position> Scoreboard::next_lost() {
  if (!has_waiting()) return std::nullopt;
  while (!at(lost_hint_).lost || at(lost_hint_).resent) {
    lost_hint_ = at(lost_hint_).sacked ? next_not_sacked(lost_hint_) : lost_hint_ + 1;
  }
  return lost_hint_;
}

}  // namespace strata::tcp
