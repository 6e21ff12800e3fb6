// Random bits for tests and simulations.
#include "base/rng.hpp"
#include "strata/config.hpp"

namespace strata {

Entropy Entropy::from_seed(std::uint64_t seed) {
  Xoshiro rng(seed);
  Entropy entropy;
  for (std::uint64_t& word : entropy.words) word = rng.next_u64();
  return entropy;
}

}  // namespace strata
