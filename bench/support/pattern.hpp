// The payload of every bulk benchmark. Its period is a prime, so that a segment that is lost, doubled or out
// of place cannot look right, and short enough for the nearest cache, so that checking costs little.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "strata/bytes.hpp"

namespace strata::bench {

class Pattern {
 public:
  static constexpr std::size_t kPeriod = 4093;
  static constexpr std::size_t kPieceMax = 16 * 1024;

  Pattern() {
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < kPeriod; ++i) {
      state = state * 1664525 + 1013904223;
      bytes_[i] = static_cast<std::uint8_t>(state >> 24);
    }
    for (std::size_t i = kPeriod; i < bytes_.size(); ++i) bytes_[i] = bytes_[i - kPeriod];
  }

  /// The bytes of the stream from `offset` on, at most kPieceMax of them.
  Bytes at(std::uint64_t offset, std::uint64_t size) const {
    return Bytes(bytes_).subspan(offset % kPeriod, std::min<std::uint64_t>(size, kPieceMax));
  }
  /// Whether `bytes` are those of the stream from `offset` on.
  bool matches(std::uint64_t offset, Bytes bytes) const {
    while (!bytes.empty()) {
      const Bytes wanted = at(offset, bytes.size());
      if (std::memcmp(wanted.data(), bytes.data(), wanted.size()) != 0) return false;
      bytes = bytes.subspan(wanted.size());
      offset += wanted.size();
    }
    return true;
  }

 private:
  std::array<std::uint8_t, kPeriod + kPieceMax> bytes_;
};

}  // namespace strata::bench
