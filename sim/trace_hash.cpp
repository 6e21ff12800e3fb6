#include "sim/trace_hash.hpp"

namespace strata::sim {

void TraceHash::add(std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<std::uint8_t>(value >> shift));
}

void TraceHash::add(Bytes bytes) {
  add(std::uint64_t{bytes.size()});
  for (const std::uint8_t byte : bytes) add_byte(byte);
}

/// What happened, when and why; the numbers of segments are in the frames.
void TraceHash::add(const TraceEvent& event) {
  add(event.at);
  add(std::uint64_t{event.flow});
  add_byte(static_cast<std::uint8_t>(event.kind));
  add_byte(static_cast<std::uint8_t>(event.cause));
}

}  // namespace strata::sim
