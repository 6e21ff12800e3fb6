// Frames that wait for a link, oldest first, with the time since when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {

struct HeldFrame {
  Packet frame;
  Instant since;
};

/// What a queue did to frames that it did not simply let through.
struct QueueCounts {
  std::uint64_t dropped = 0;
  std::uint64_t marked = 0;
};

class HeldFrames {
 public:
  void push(Packet frame, Instant now) {
    bytes_ += frame.size();
    frames_.push_back({std::move(frame), now});
  }
  /// An empty packet when nothing waits.
  HeldFrame pop() {
    if (frames_.empty()) return {};
    HeldFrame first = std::move(frames_.front());
    frames_.pop_front();
    bytes_ -= first.frame.size();
    return first;
  }
  bool empty() const { return frames_.empty(); }
  std::size_t size() const { return frames_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::deque<HeldFrame> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace strata
