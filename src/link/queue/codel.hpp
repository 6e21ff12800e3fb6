// CoDel (RFC 8289): a queue is bad when even its shortest wait within an interval is long; then frames are
// dropped, or marked where their sender understands marks, at a pace that grows with the square root of their
// number. In whole numbers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "link/queue/held_frames.hpp"

namespace strata {

struct CodelConfig {
  Duration target = Duration::millis(5);
  Duration interval = Duration::millis(100);
  std::size_t frame_max = 1514;  ///< a queue of so few bytes is never bad
  bool ecn = true;
  bool has_ethernet_header = true;
};

class Codel {
 public:
  explicit Codel(const CodelConfig& config) : config_(config) {}

  /// The next frame that leaves `frames` (RFC 8289 §5.5); an empty packet when none is left. What was dropped
  /// on the way is counted.
  Packet pop(HeldFrames& frames, Instant now, QueueCounts& counts);

 private:
  struct Head {
    Packet frame;
    bool is_bad = false;  ///< the queue was, for a whole interval
  };
  Head take(HeldFrames& frames, Instant now);
  void leave_dropping(const Head& head) { dropping_ = dropping_ && head.is_bad; }
  void begin_dropping(Instant now);
  bool mark(Packet& frame, QueueCounts& counts) const;
  Instant next_after(Instant at) const;

  CodelConfig config_;
  Instant bad_from_ = Instant::never();  ///< RFC 8289: first_above_time
  Instant drop_next_;
  std::uint32_t count_ = 0;
  std::uint32_t last_count_ = 0;
  bool dropping_ = false;
};

/// The largest number whose square is at most `n`.
std::uint64_t integer_root(std::uint64_t n);

}  // namespace strata
