#include "sim/scenario/shrink.hpp"

#include <array>

#include "sim/scenario/open_ends.hpp"

namespace strata::sim {
namespace {

constexpr int kRunsMax = 400;

std::string moment(Duration at) { return seconds_text(Instant() + at); }

std::string text_of(const FaultPlan& fault) {
  constexpr std::array kWhat{"is down", "is faulty",   "has a smaller MTU", "has another rate",
                             "crashes", "jumps ahead", "is out of memory"};
  std::string text =
      fault.target + " " + kWhat[static_cast<std::size_t>(fault.kind)] + " at " + moment(fault.at);
  if (fault.lasts > Duration()) text += " for " + moment(fault.lasts);
  return text;
}

template <class Change>
void on_both_ways(Scenario& scenario, std::size_t link, Change change) {
  change(scenario.links[link].config.there);
  change(scenario.links[link].config.back);
}

/// `is_set` says whether a direction has it; `clear` takes it away.
template <class IsSet, class Clear>
void add_link_part(std::vector<Part>& parts, const Scenario& scenario, std::size_t link, const char* what,
                   IsSet is_set, Clear clear) {
  const LinkConfig& config = scenario.links[link].config;
  if (!is_set(config.there) && !is_set(config.back)) return;
  parts.push_back({scenario.links[link].name() + ": " + what,
                   [link, clear](Scenario& from) { on_both_ways(from, link, clear); }});
}

void add_link_parts(std::vector<Part>& parts, const Scenario& scenario, std::size_t link) {
  const auto add = [&](const char* what, auto is_set, auto clear) {
    add_link_part(parts, scenario, link, what, is_set, clear);
  };
  using Pipe = PipeConfig;
  add("loss", [](const Pipe& p) { return p.faults.loss_ppm > 0; }, [](Pipe& p) { p.faults.loss_ppm = 0; });
  add(
      "bursts of loss", [](const Pipe& p) { return p.faults.burst.enter_ppm > 0; },
      [](Pipe& p) { p.faults.burst = {}; });
  add("planned losses", [](const Pipe& p) { return !p.losses.empty(); }, [](Pipe& p) { p.losses.clear(); });
  add(
      "duplication", [](const Pipe& p) { return p.faults.duplicate_ppm > 0; },
      [](Pipe& p) { p.faults.duplicate_ppm = 0; });
  add(
      "reordering", [](const Pipe& p) { return p.faults.reorder_ppm > 0; },
      [](Pipe& p) { p.faults.reorder_ppm = 0; });
  add(
      "corruption", [](const Pipe& p) { return p.faults.corrupt_ppm > 0; },
      [](Pipe& p) { p.faults.corrupt_ppm = 0; });
  add("truncation", [](const Pipe& p) { return p.truncate_ppm > 0; }, [](Pipe& p) { p.truncate_ppm = 0; });
  add(
      "jitter", [](const Pipe& p) { return p.faults.jitter > Duration(); },
      [](Pipe& p) { p.faults.jitter = {}; });
}

}  // namespace

std::vector<Part> parts_of(const Scenario& scenario) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i)
    parts.push_back({text_of(scenario.faults[i]), [i](Scenario& from) { from.faults[i].left_out = true; }});
  for (std::size_t i = 0; i < scenario.programs.size(); ++i) {
    const ProgramPlan& program = scenario.programs[i];
    if (program.kind != ProgramPlan::Kind::connect && program.kind != ProgramPlan::Kind::flood) continue;
    parts.push_back({"program " + program.name + " on " + program.on + " at " + moment(program.at),
                     [i](Scenario& from) { from.programs[i].left_out = true; }});
  }
  for (std::size_t i = 0; i < scenario.links.size(); ++i) add_link_parts(parts, scenario, i);
  return parts;
}

Scenario without(const Scenario& scenario, const std::set<std::size_t>& parts) {
  Scenario rest = scenario;
  const std::vector<Part> all = parts_of(scenario);
  for (const std::size_t part : parts) {
    if (part < all.size()) all[part].leave_out(rest);
  }
  return rest;
}

std::set<std::size_t> shrink(const Scenario& scenario, const std::function<bool(const Scenario&)>& fails) {
  const std::size_t count = parts_of(scenario).size();
  std::set<std::size_t> gone;
  int runs = 0;
  for (bool smaller = true; smaller && runs < kRunsMax;) {
    smaller = false;
    for (std::size_t part = 0; part < count && runs < kRunsMax; ++part) {
      if (!gone.insert(part).second) continue;
      ++runs;
      if (fails(without(scenario, gone))) {
        smaller = true;
      } else {
        gone.erase(part);
      }
    }
  }
  return gone;
}

}  // namespace strata::sim
