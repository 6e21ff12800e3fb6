// Payload by reference: a stream whose bytes are known in advance, cut out of one piece of memory that is
// never copied. A range that still lies in that memory is right when it lies at the right place there; only
// what a stack has copied has to be compared byte by byte. So gigabytes are checked at the cost of a
// subtraction for each segment.
#pragma once

#include <cstdint>
#include <vector>

#include "buf/block_pool.hpp"
#include "buf/packet_buf.hpp"
#include "buf/slice.hpp"
#include "strata/bytes.hpp"

namespace strata::sim {

class Pattern {
 public:
  /// The longest piece that is contiguous wherever it begins.
  static constexpr std::uint32_t kPieceMax = 1U << 16;

  Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// Bytes [offset, offset + size) of the stream. Precondition: size <= kPieceMax.
  buf::Slice piece(std::uint64_t offset, std::uint32_t size);
  /// Are these the bytes at `offset`?
  bool holds(std::uint64_t offset, Bytes bytes) const;
  /// The same for all of a packet.
  bool holds(std::uint64_t offset, const buf::PacketBuf& packet) const;

 private:
  /// A prime: no size of a segment, a window or a block divides it, so misplaced bytes do not look right.
  static constexpr std::uint32_t kPeriod = 1'048'573;

  std::vector<std::uint8_t> bytes_;
  buf::Block block_;
};

}  // namespace strata::sim
