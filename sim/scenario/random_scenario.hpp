// A scenario out of a seed: machines with clocks and parameters of their own, links of any kind, programs of
// any kind, and faults that all end, after which everything has to settle (reliability bar B10).
#pragma once

#include <cstdint>

#include "sim/scenario/scenario.hpp"

namespace strata::sim {

Scenario random_scenario(std::uint64_t seed);

}  // namespace strata::sim
