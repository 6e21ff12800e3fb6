// A stack for simulations.
#pragma once

#include "strata/config.hpp"

namespace strata::sim {

/// Tables as small as a simulation needs, so that a run of a second may make hundreds of stacks.
Config small_stack();

}  // namespace strata::sim
