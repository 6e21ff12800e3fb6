#include "link/queue/codel.hpp"

#include <bit>

#include "link/queue/mark.hpp"

namespace strata {

std::uint64_t integer_root(std::uint64_t n) {
  if (n == 0) return 0;
  std::uint64_t root = std::uint64_t{1} << ((std::bit_width(n) + 1) / 2);
  while (true) {
    const std::uint64_t better = (root + n / root) / 2;
    if (better >= root) return root;
    root = better;
  }
}

Packet Codel::pop(HeldFrames& frames, Instant now, QueueCounts& counts) {
  Head head = take(frames, now);
  if (dropping_) {
    leave_dropping(head);
    while (dropping_ && now >= drop_next_) {
      ++count_;
      if (mark(head.frame, counts)) {
        drop_next_ = next_after(drop_next_);
        return std::move(head.frame);
      }
      ++counts.dropped;
      head = take(frames, now);
      leave_dropping(head);
      if (dropping_) drop_next_ = next_after(drop_next_);
    }
  } else if (head.is_bad) {
    begin_dropping(now);
    if (mark(head.frame, counts)) return std::move(head.frame);
    ++counts.dropped;
    head = take(frames, now);
  }
  return std::move(head.frame);
}

/// RFC 8289 §5.6.
Codel::Head Codel::take(HeldFrames& frames, Instant now) {
  HeldFrame held = frames.pop();
  if (!held.frame || now - held.since < config_.target || frames.bytes() <= config_.frame_max) {
    bad_from_ = Instant::never();
    return {std::move(held.frame), false};
  }
  if (bad_from_.is_never()) bad_from_ = now + config_.interval;
  return {std::move(held.frame), now >= bad_from_};
}

/// Soon after the last time, the pace of then is a good guess.
void Codel::begin_dropping(Instant now) {
  const std::uint32_t before = count_ - last_count_;
  count_ = before > 1 && now - drop_next_ < config_.interval * 16 ? before : 1;
  last_count_ = count_;
  dropping_ = true;
  drop_next_ = next_after(now);
}

bool Codel::mark(Packet& frame, QueueCounts& counts) const {
  if (!config_.ecn || !frame || !mark_congestion_experienced(frame, config_.has_ethernet_header))
    return false;
  ++counts.marked;
  return true;
}

/// RFC 8289 §5.3: interval / sqrt(count).
Instant Codel::next_after(Instant at) const {
  const auto interval = static_cast<std::uint64_t>(config_.interval.count_nanos());
  const std::uint64_t wait = integer_root(interval * interval / count_);
  return at + Duration::nanos(static_cast<std::int64_t>(wait));
}

}  // namespace strata
