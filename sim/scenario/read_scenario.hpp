// Scenarios from TOML files (docs/sim.md).
#pragma once

#include <string>
#include <string_view>

#include "sim/scenario/scenario.hpp"

namespace strata::sim {

/// Throws ScenarioMistake (toml_table.hpp), which names the line and what was expected there.
Scenario read_scenario(std::string_view text, std::string name);

}  // namespace strata::sim
