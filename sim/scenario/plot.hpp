// Draws a run: what each sender sent and what was acknowledged over time, its windows, and how long the
// frames of a voice stream took. SVG, in whole numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/scenario/run_scenario.hpp"
#include "sim/watcher.hpp"

namespace strata::sim {

class Plot : public Watcher {
 public:
  void on_trace(const Machine& machine, const TraceEvent& event, Instant at) override;
  /// The whole file. `scenario` names the programs of voice streams and their deadlines.
  std::string svg(const Scenario& scenario, const RunReport& report) const;

 private:
  struct Point {
    Instant at;
    std::uint64_t value;
  };
  /// One direction of one connection.
  struct Sender {
    std::uint32_t first_seq = 0;
    std::uint64_t bytes = 0;
    std::vector<Point> sent;
    std::vector<Point> sent_again;
    std::vector<Point> acknowledged;
    std::vector<Point> cwnd;
    std::vector<Point> in_flight;
  };
  struct Panel;
  struct Page;

  std::vector<std::pair<std::string, const Sender*>> largest() const;
  static void draw_sender(Page& page, const std::string& name, const Sender& sender);
  static void draw_voice(Page& page, const std::string& name, const VoiceRecord& record, Duration playout);

  std::map<std::pair<std::string, std::uint32_t>, Sender> senders_;
};

}  // namespace strata::sim
