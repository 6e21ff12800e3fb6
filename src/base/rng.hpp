// Random bits are arguments (STYLE R4). `Xoshiro` is the seeded generator that the stack and the simulator
// carry; secrets (RFC 6528 key, port offsets) come from the caller's entropy, never from here. One draw per
// statement.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>

namespace strata {

template <class R>
concept Rng = requires(R& r) {
  { r.next_u64() } -> std::same_as<std::uint64_t>;
};

/// xoshiro256** 1.0 (Blackman, Vigna), seeded through splitmix64. Not for secrets.
class Xoshiro {
 public:
  explicit constexpr Xoshiro(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9e37'79b9'7f4a'7c15U;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9U;
      z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebU;
      word = z ^ (z >> 31);
    }
  }

  constexpr std::uint64_t next_u64() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  std::array<std::uint64_t, 4> state_{};
};

/// A number in [0, bound), by multiplication: no loop, bias below 2^-32. Precondition: bound > 0.
template <Rng R>
constexpr std::uint32_t below(R& rng, std::uint32_t bound) {
  const std::uint64_t high = rng.next_u64() >> 32;
  return static_cast<std::uint32_t>((high * bound) >> 32);
}

/// True with probability `parts_per_million` / 10^6.
template <Rng R>
constexpr bool chance(R& rng, std::uint32_t parts_per_million) {
  return below(rng, 1'000'000) < parts_per_million;
}

}  // namespace strata
