// The packets that the stack has sent and the tool has not yet taken, each with its time.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "strata/capture.hpp"

namespace strata::packetdrill {

struct SentPacket {
  Instant at;
  std::vector<std::uint8_t> bytes;
};

class Outbox {
 public:
  /// Puts what the stack sends into this box.
  CaptureSink sink() { return {.context = this, .function = &Outbox::on_frame}; }
  bool is_empty() const { return packets_.empty(); }
  /// The oldest.
  SentPacket take() {
    SentPacket first = std::move(packets_.front());
    packets_.pop_front();
    return first;
  }

 private:
  static void on_frame(void* context, const Packet& frame, FrameDirection direction, Instant at) {
    if (direction == FrameDirection::in) return;
    std::vector<std::uint8_t> bytes(frame.size());
    frame.copy_to(bytes);
    static_cast<Outbox*>(context)->packets_.push_back({.at = at, .bytes = std::move(bytes)});
  }

  std::deque<SentPacket> packets_;
};

}  // namespace strata::packetdrill
