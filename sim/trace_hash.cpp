#include "sim/trace_hash.hpp"

#include "base/byte_order.hpp"

namespace strata::sim {

void TraceHash::add(std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<std::uint8_t>(value >> shift));
}

/// By words: this is most of what a long run hashes.
void TraceHash::add(Bytes bytes) {
  add(std::uint64_t{bytes.size()});
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) add_word(load_be<std::uint64_t>(bytes.data()));
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
