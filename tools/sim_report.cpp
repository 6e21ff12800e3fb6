#include "tools/sim_report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/open_ends.hpp"
#include "tools/quantity.hpp"

namespace strata::tools {

std::string sim_text(const SimResult& result) {
  const sim::RunReport& report = result.report;
  std::string text = fmt::format("{} {} seed {}: {} frames in {}, trace {:016x}\n",
                                 report.passed() ? "pass" : "FAIL", result.path, result.seed, report.frames,
                                 sim::seconds_text(report.ended), report.trace_hash);
  for (const auto& [name, voice] : report.voices)
    text += fmt::format("  {}: {} frames sent, {} lost, {} late, the slowest took {} ms\n", name, voice.sent,
                        voice.lost, voice.late, format_millis(voice.worst));
  for (const std::string& failure : report.failures) text += "  " + failure + "\n";
  for (const std::string& open : report.still_open) text += "  open: " + open + "\n";
  if (!report.passed()) text += fmt::format("  replay: strata sim {} --seed {}\n", result.path, result.seed);
  return text + result.shrunk;
}

std::string sim_json(const SimResult& result) {
  const sim::RunReport& report = result.report;
  nlohmann::ordered_json json{{"file", result.path},
                              {"seed", result.seed},
                              {"passed", report.passed()},
                              {"frames", report.frames},
                              {"nanoseconds", (report.ended - Instant()).count_nanos()},
                              {"trace", fmt::format("{:016x}", report.trace_hash)},
                              {"failures", report.failures},
                              {"open", report.still_open}};
  for (const auto& [name, voice] : report.voices)
    json["voice"][name] = {{"sent", voice.sent},
                           {"lost", voice.lost},
                           {"late", voice.late},
                           {"worst_us", voice.worst.count_micros()}};
  return json.dump() + "\n";
}

}  // namespace strata::tools
