// Makes a scenario happen, once, and says what came of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/watcher.hpp"

namespace strata::sim {

struct RunReport {
  std::vector<std::string> failures;    ///< one line each; empty: all is as expected
  std::vector<std::string> still_open;  ///< what had not ended when time was up
  std::uint64_t trace_hash = 0;
  std::uint64_t frames = 0;
  Instant ended;
  std::map<std::string, VoiceVerdict> voices;
  std::map<std::string, VoiceRecord> voice_records;
  bool passed() const { return failures.empty(); }
};

/// `watchers` look on.
RunReport run_scenario(const Scenario& scenario, std::uint64_t seed,
                       const std::vector<Watcher*>& watchers = {});

}  // namespace strata::sim
