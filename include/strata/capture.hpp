// Watching frames go by: what a capture tap tells for every frame that crosses it.
#pragma once

#include <cstdint>

#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {

/// As the stack sees it.
enum class FrameDirection : std::uint8_t { in, out };

/// Called for every frame in the order of crossing. The frame is valid during the call only; a partial
/// checksum and a super-segment are shown as they are.
struct CaptureSink {
  void* context = nullptr;
  void (*function)(void* context, const Packet& frame, FrameDirection direction, Instant at) = nullptr;
};

}  // namespace strata
