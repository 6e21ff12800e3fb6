// Who looks on while `strata sim` runs a scenario: the capture, and the plot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/scenario/plot.hpp"
#include "sim/scenario/run_scenario.hpp"
#include "sim/watcher.hpp"

namespace strata::tools {

class SimWatchers {
 public:
  struct Wanted {
    std::string name;
    std::uint64_t seed = 0;
    std::string pcap_folder;  ///< empty: no capture
    std::string plot;         ///< empty: no plot
  };
  explicit SimWatchers(const Wanted& wanted);
  ~SimWatchers();
  SimWatchers(const SimWatchers&) = delete;
  SimWatchers& operator=(const SimWatchers&) = delete;

  std::vector<sim::Watcher*> all() const;
  /// Writes what has to be written; failures to do so are failures of the run.
  void finish(const sim::Scenario& scenario, sim::RunReport& report);

 private:
  class Capture;
  void write_plot(const sim::Scenario& scenario, sim::RunReport& report) const;

  Wanted wanted_;
  std::unique_ptr<Capture> capture_;
  std::unique_ptr<sim::Plot> plot_;
};

}  // namespace strata::tools
