// Looks at a run for what a scenario expects, and judges at its end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/programs/ledger.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/watcher.hpp"

namespace strata::sim {

class Observed : public Watcher {
 public:
  explicit Observed(const std::vector<Expectation>& expectations)
      : expectations_(expectations), left_(expectations.size()) {}

  void on_frame(const FrameSeen& frame) override;
  void on_trace(const Machine& machine, const TraceEvent& event, Instant at) override;

  struct World {
    Network& network;
    const Ledger& ledger;
    const Scenario& scenario;
  };
  /// Adds a line for each expectation that did not come true.
  void judge(const World& world, std::vector<std::string>& failures) const;

 private:
  std::string verdict(std::size_t number, const World& world) const;
  std::string frames_verdict(std::size_t number) const;

  const std::vector<Expectation>& expectations_;
  std::vector<std::vector<Instant>> left_;  ///< of each expectation, when its frames left
  std::map<std::pair<std::string, std::uint32_t>, std::vector<std::string>> states_;  ///< by machine and flow
};

}  // namespace strata::sim
