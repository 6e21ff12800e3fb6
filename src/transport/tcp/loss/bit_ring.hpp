// A set of places in a ring: adding, removing and finding the next one cost the same however large the ring
// is. One bit a place, and above each 64 bits one that says whether any of them is set.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/check.hpp"

namespace strata::tcp {

class BitRing {
 public:
  static constexpr std::size_t kLargest = std::size_t{1} << 18;  // three levels

  BitRing() = default;
  /// Precondition: `places` is a power of two of at most kLargest.
  explicit BitRing(std::size_t places) : places_(places), words_(new std::uint64_t[words_for(places)]()) {
    STRATA_CHECK(std::has_single_bit(places) && places <= kLargest);
  }

  void insert(std::size_t place) {
    for (std::size_t level = 0; level < kLevels; ++level, place /= 64) word(level, place) |= bit(place);
  }
  void erase(std::size_t place) {
    for (std::size_t level = 0; level < kLevels; ++level, place /= 64) {
      word(level, place) &= ~bit(place);
      if (word(level, place) != 0) return;
    }
  }
  void clear() {
    for (std::size_t i = 0; i < words_for(places_); ++i) words_[i] = 0;
  }
  /// The first at `place` or after it, going round.
  std::optional<std::size_t> next(std::size_t place) const {
    const std::optional<std::size_t> found = next_up(place);
    return found || place == 0 ? found : next_up(0);
  }

 private:
  static constexpr std::size_t kLevels = 3;
  static constexpr std::size_t level_size(std::size_t places, std::size_t level) {
    for (; level > 0; --level) places = (places + 63) / 64;
    return (places + 63) / 64;
  }
  static constexpr std::size_t words_for(std::size_t places) {
    return level_size(places, 0) + level_size(places, 1) + level_size(places, 2);
  }
  std::size_t begin_of(std::size_t level) const {
    return (level > 0 ? level_size(places_, 0) : 0) + (level > 1 ? level_size(places_, 1) : 0);
  }
  static std::uint64_t bit(std::size_t place) { return std::uint64_t{1} << (place % 64); }
  std::uint64_t& word(std::size_t level, std::size_t place) const {
    return words_[begin_of(level) + place / 64];
  }
  /// Up to where a word has something, then down to its first bit.
  std::optional<std::size_t> next_up(std::size_t place) const {
    for (std::size_t level = 0; level < kLevels && place < level_size(places_, level) * 64; ++level) {
      const std::uint64_t rest = word(level, place) >> (place % 64);
      if (rest != 0) return first_below(level, place + static_cast<std::size_t>(std::countr_zero(rest)));
      place = place / 64 + 1;
    }
    return std::nullopt;
  }
  std::size_t first_below(std::size_t level, std::size_t place) const {
    for (; level > 0; --level) {
      place = place * 64 + static_cast<std::size_t>(std::countr_zero(word(level - 1, place * 64)));
    }
    return place;
  }

  std::size_t places_ = 0;
  std::unique_ptr<std::uint64_t[]> words_;
};

}  // namespace strata::tcp
