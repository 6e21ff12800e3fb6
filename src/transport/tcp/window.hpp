// Windows as types, so that a scaled and an unscaled one cannot be mixed up (RFC 7323 §2), and the receiver's
// side of silly window avoidance (RFC 9293 §3.8.6.2.2).
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/seq_num.hpp"

namespace strata::tcp {

/// RFC 7323 §2.3: a larger shift from the peer counts as 14.
inline constexpr std::uint8_t kWindowShiftMax = 14;

class WindowShift {
 public:
  constexpr WindowShift() = default;
  explicit constexpr WindowShift(std::uint8_t shift) : shift_(std::min(shift, kWindowShiftMax)) {}

  /// The smallest shift that lets a 16-bit field express `buffer` bytes.
  static constexpr WindowShift for_buffer(std::uint32_t buffer) {
    std::uint8_t shift = 0;
    while (shift < kWindowShiftMax && (buffer >> shift) > 0xffff) ++shift;
    return WindowShift(shift);
  }
  constexpr std::uint8_t value() const { return shift_; }
  constexpr std::uint32_t to_bytes(std::uint16_t field) const {
    return static_cast<std::uint32_t>(field) << shift_;
  }
  /// Rounds down: a window that we announce must exist.
  constexpr std::uint16_t to_field(std::uint32_t bytes) const {
    return static_cast<std::uint16_t>(std::min<std::uint32_t>(bytes >> shift_, 0xffff));
  }
  /// Rounds up: a window that was announced stays.
  constexpr std::uint16_t to_field_above(std::uint32_t bytes) const {
    return to_field(bytes + (1U << shift_) - 1);
  }

 private:
  std::uint8_t shift_ = 0;
};

/// Where the right edge of the receive window may stand. It never moves left (RFC 9293 §3.8.6), and moves
/// right only in steps worth a segment: RFC 9293 §3.8.6.2.2, with Fr = 1/2.
constexpr SeqNum next_right_edge(SeqNum rcv_nxt, SeqNum edge, std::uint32_t room, std::uint32_t buffer,
                                 std::uint32_t mss) {
  const SeqNum wanted = rcv_nxt + room;
  if (wanted.at_or_before(edge)) return edge;
  return bytes_between(edge, wanted) >= std::min(buffer / 2, mss) ? wanted : edge;
}

}  // namespace strata::tcp
