// The timestamp clock and protection against wrapped sequence numbers (RFC 7323 §3, §5).
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"
#include "strata/time.hpp"

namespace strata::tcp {

/// RFC 7323 §5.4: between 1 ms and 1 s per tick; the offset is per connection, so that uptime does not leak
/// (§7.1).
constexpr std::uint32_t timestamp_value(Instant now, std::uint32_t offset) {
  return static_cast<std::uint32_t>(now.count_nanos() / 1'000'000) + offset;
}

class TimestampState {
 public:
  /// RFC 7323 §5.3 R1: true when `value` is older than the last one accepted. After 24 idle days anything is
  /// fresh (§5.5).
  bool is_stale(std::uint32_t value, Instant now) const {
    if (!valid_ || static_cast<std::int32_t>(value - recent_) >= 0) return false;
    return now - updated_ < Duration::seconds(24LL * 24 * 3600);
  }
  /// Older than the last one accepted by so little that it may have been overtaken.
  bool is_older_by_at_most(std::uint32_t value, Duration most) const {
    return static_cast<std::int32_t>(recent_ - value) <= most.count_millis();
  }
  /// RFC 7323 §4.3 (2): remembers the stamp of a segment that covers the last ACK point.
  void update(std::uint32_t value, SeqNum seg_seq, SeqNum last_ack_sent, Instant now) {
    if (is_stale(value, now) || (valid_ && seg_seq.after(last_ack_sent))) return;
    start(value, now);
  }
  void start(std::uint32_t value, Instant now) {
    recent_ = value;
    updated_ = now;
    valid_ = true;
  }
  /// What our next segment echoes.
  std::uint32_t recent() const { return recent_; }
  bool valid() const { return valid_; }

 private:
  Instant updated_;
  std::uint32_t recent_ = 0;
  bool valid_ = false;
};

}  // namespace strata::tcp
