// A third party that sends SYNs from addresses that do not exist (RFC 4987 §2).
#pragma once

#include <cstdint>

#include "sim/machine.hpp"

namespace strata::sim {

struct FloodPlan {
  std::uint32_t count = 1000;
  Duration every = Duration::micros(100);
};

/// Against `port` of `victim`, which must be on the same network.
Machine::Program flooding(Machine& victim, std::uint16_t port, const FloodPlan& plan);

}  // namespace strata::sim
