// Segments that turned out to be too big for the path are sent again in smaller ones (RFC 1191 §6.4, RFC 8899
// §4.4): one pass writes the records anew, and runs of waiting records are cut as one, so that no small rests
// stay between them.
#include <algorithm>

#include "transport/tcp/loss/scoreboard.hpp"

namespace strata::tcp {

std::optional<Scoreboard::Position> Scoreboard::find(SeqNum seq) const {
  if (empty() || seq.before(una_) || !seq.before(end())) return std::nullopt;
  return first_beginning_at_or_after(seq + 1) - 1;
}

bool Scoreboard::waits(Position position) const {
  const TransmitRecord& record = at(position);
  return record.lost && !record.resent;
}

/// Behind the run that is cut as one: it begins with a waiting record that is too big, and goes on with what
/// waits behind it. `position` itself: nothing is cut there.
Scoreboard::Position Scoreboard::end_of_run(Position position, std::uint32_t mss, bool fin) const {
  const std::uint32_t room = mss + (fin && position == last() ? 1 : 0);
  if (!waits(position) || size_of(position) <= room) return position;
  Position behind = position + 1;
  while (behind != book_->tail && waits(behind)) ++behind;
  return behind;
}

/// Zero: nothing is to be cut.
std::uint32_t Scoreboard::pieces_after_cut(std::uint32_t mss, bool fin) const {
  std::uint32_t pieces = 0;
  bool any = false;
  for (Position position = book_->head; position != book_->tail;) {
    const Position behind = end_of_run(position, mss, fin);
    if (behind == position) {
      ++pieces;
      ++position;
      continue;
    }
    any = true;
    pieces += (bytes_between(range(position).begin, range(behind - 1).end) + mss - 1) / mss;
    position = behind;
  }
  return any ? pieces : 0;
}

/// Everything but the order of sending and the sums. Leaves in `older` of each record that is copied whole
/// where it went.
void Scoreboard::copy_cut(Scoreboard& to, std::uint32_t mss, bool fin) {
  Position& tail = to.book_->tail;
  for (Position position = book_->head; position != book_->tail;) {
    const Position behind = end_of_run(position, mss, fin);
    if (behind == position) {
      TransmitRecord& copy = to.record(tail) = at(position);
      if (book_->stamped) to.stamp(tail, *stamp_of(at(position)));
      if (copy.sacked) copy.newer = tail + 1;
      if (copy.is_waiting()) to.book_->waiting.insert(tail & to.book_->mask);
      record(position).older = tail;
      ++tail;
      ++position;
      continue;
    }
    const SeqNum end = range(behind - 1).end;
    const SeqNum payload_end = fin && behind == book_->tail ? end - 1 : end;
    TransmitRecord piece = at(position);
    const SendStamp stamp = book_->stamped ? *stamp_of(at(position)) : SendStamp{};
    const auto add = [&] {
      if (book_->stamped) to.stamp(tail, stamp);
      to.book_->waiting.insert(tail & to.book_->mask);
      to.record(tail++) = piece;
    };
    SeqNum begin = range(position).begin;
    while (bytes_between(begin, payload_end) > mss) {
      piece.end = begin += mss;
      add();
    }
    piece.end = end;
    add();
    position = behind;
  }
}

bool Scoreboard::recut(RecordPool& pool, std::uint32_t mss, bool fin) {
  const std::uint32_t pieces = pieces_after_cut(mss, fin);
  if (pieces == 0) return true;
  Scoreboard cut;
  if (!cut.reserve(pool, pieces, book_->stamped)) return false;
  copy_cut(cut, mss, fin);
  // What waits is in no order of sending, so that order has whole records only.
  std::optional<Position> position = oldest();
  for (std::uint32_t left = book_->listed; left > 0; --left) {
    const Position next = at(*position).newer;
    cut.list(at(*position).older);
    position = next;
  }
  FlightBook& sums = *cut.book_;
  sums.sacked = book_->sacked;
  sums.lost = book_->lost;
  sums.resent = book_->resent;
  sums.sacked_count = book_->sacked_count;
  sums.highest_sacked = book_->highest_sacked;
  std::swap(book_, cut.book_);
  cut.clear(pool);
  return true;
}

}  // namespace strata::tcp
