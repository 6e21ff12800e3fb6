// FQ-CoDel (RFC 8290): flows are told apart by a hash and served in turn, each with a CoDel of its own; a
// flow that has been silent goes first once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "link/queue/codel.hpp"
#include "link/queue/held_frames.hpp"

namespace strata {

class FairQueue {
 public:
  FairQueue(const CodelConfig& config, std::size_t flows);

  void push(Packet frame, Instant now);
  Packet pop(Instant now, QueueCounts& counts);
  /// From the head of the flow that has most (RFC 8290 §4.1).
  void drop_from_longest(QueueCounts& counts);
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return frames_; }

 private:
  struct Flow {
    explicit Flow(const CodelConfig& config) : codel(config) {}
    HeldFrames frames;
    Codel codel;
    std::int64_t deficit = 0;
    bool listed = false;
  };
  using Turn = std::deque<std::size_t>;

  bool serve(Turn& turn, bool is_new, Instant now, QueueCounts& counts, Packet& out);

  CodelConfig config_;
  std::deque<Flow> flows_;
  Turn new_;
  Turn old_;
  std::size_t bytes_ = 0;
  std::size_t frames_ = 0;
};

}  // namespace strata
