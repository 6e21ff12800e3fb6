// What `strata sim` tells of its runs.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "sim/scenario/run_scenario.hpp"

namespace strata::tools {

/// One run of one scenario.
struct SimResult {
  std::string path;
  std::uint64_t seed = 0;
  sim::RunReport report;
  std::string shrunk;  ///< lines about a smaller scenario that still fails
};

/// Several lines, when it failed.
std::string sim_text(const SimResult& result);
std::string sim_json(const SimResult& result);

}  // namespace strata::tools
