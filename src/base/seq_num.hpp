// Sequence numbers modulo 2^32 (RFC 9293 §3.4). There is no `<`: modular order is not a strict weak order, so
// a sorted container of sequence numbers must not compile. Ask with named questions instead.
#pragma once

#include <cstdint>

namespace strata {

class SeqNum {
 public:
  constexpr SeqNum() = default;
  explicit constexpr SeqNum(std::uint32_t raw) : raw_(raw) {}

  constexpr std::uint32_t raw() const { return raw_; }

  friend constexpr SeqNum operator+(SeqNum a, std::uint32_t n) { return SeqNum(a.raw_ + n); }
  friend constexpr SeqNum operator-(SeqNum a, std::uint32_t n) { return SeqNum(a.raw_ - n); }
  constexpr SeqNum& operator+=(std::uint32_t n) {
    raw_ += n;
    return *this;
  }
  /// Signed distance from `b` to `a`, right while they are less than 2^31 apart.
  friend constexpr std::int32_t operator-(SeqNum a, SeqNum b) {
    return static_cast<std::int32_t>(a.raw_ - b.raw_);
  }
  friend constexpr bool operator==(SeqNum, SeqNum) = default;

  constexpr bool before(SeqNum other) const { return *this - other < 0; }
  constexpr bool after(SeqNum other) const { return *this - other > 0; }
  constexpr bool at_or_before(SeqNum other) const { return *this - other <= 0; }
  constexpr bool at_or_after(SeqNum other) const { return *this - other >= 0; }
  /// first <= this < first + size.
  constexpr bool in_window(SeqNum first, std::uint32_t size) const { return raw_ - first.raw_ < size; }

 private:
  std::uint32_t raw_ = 0;
};

/// Bytes from `first` up to `last`. Precondition: first.at_or_before(last).
constexpr std::uint32_t bytes_between(SeqNum first, SeqNum last) {
  return static_cast<std::uint32_t>(last - first);
}
constexpr SeqNum later(SeqNum a, SeqNum b) { return a.after(b) ? a : b; }
constexpr SeqNum earlier(SeqNum a, SeqNum b) { return a.before(b) ? a : b; }

/// Sequence space [begin, end).
struct SeqRange {
  SeqNum begin;
  SeqNum end;
  constexpr std::uint32_t size() const { return bytes_between(begin, end); }
  constexpr bool empty() const { return begin == end; }
  friend constexpr bool operator==(const SeqRange&, const SeqRange&) = default;
};

static_assert(SeqNum(0xFFFF'FFFFU).before(SeqNum(0)));
static_assert(SeqNum(5).in_window(SeqNum(0xFFFF'FFF0U), 32));

}  // namespace strata
