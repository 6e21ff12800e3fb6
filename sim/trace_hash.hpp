// One number for a whole run: two runs did the same if and only if (but for chance) their hashes are equal.
// After FNV-1a, 64 bits.
#pragma once

#include <cstdint>

#include "strata/bytes.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata::sim {

class TraceHash {
 public:
  void add(std::uint64_t value);
  void add(Instant at) { add(static_cast<std::uint64_t>(at.count_nanos())); }
  void add(Bytes bytes);
  void add(const TraceEvent& event);
  std::uint64_t value() const { return hash_; }

 private:
  void add_byte(std::uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100'0000'01b3U; }
  /// The high bits come down again, so that no bit of a word can get lost upwards.
  void add_word(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x100'0000'01b3U;
    hash_ ^= hash_ >> 29;
  }
  std::uint64_t hash_ = 0xcbf2'9ce4'8422'2325U;
};

}  // namespace strata::sim
