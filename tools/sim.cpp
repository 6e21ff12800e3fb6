// `strata sim FILE...`: plays scenarios in virtual time, for one seed or many, and says what came of each.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/scenario/random_scenario.hpp"
#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/shrink.hpp"
#include "sim/scenario/toml_table.hpp"
#include "tools/quantity.hpp"
#include "tools/report.hpp"
#include "tools/sim_report.hpp"
#include "tools/sim_watchers.hpp"
#include "tools/verbs.hpp"

namespace strata::tools {
namespace {

struct SimOptions {
  std::vector<std::string> paths;
  std::optional<std::uint64_t> seed;
  std::string seeds;
  unsigned jobs = 1;
  std::string until;
  std::string pcap_folder;
  std::string plot;
  std::vector<std::size_t> without;
  bool json = false;
  bool quiet = false;
  bool shrinks = true;
};

struct Seeds {
  std::uint64_t first = 1;
  std::uint64_t last = 1;
};

/// `A..B`.
std::optional<Seeds> parse_seeds(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto is_number = [](const std::string& digits) {
    return !digits.empty() && digits.size() < 19 && digits.find_first_not_of("0123456789") == digits.npos;
  };
  if (dots == text.npos) return std::nullopt;
  const std::string first = text.substr(0, dots);
  const std::string last = text.substr(dots + 2);
  if (!is_number(first) || !is_number(last)) return std::nullopt;
  const Seeds seeds{std::stoull(first), std::stoull(last)};
  if (seeds.first > seeds.last) return std::nullopt;
  return seeds;
}

struct Loaded {
  std::string path;
  sim::Scenario scenario;
};

/// Nothing, after saying why, when a file cannot be read or has a mistake.
std::optional<std::vector<Loaded>> load(const SimOptions& options) {
  std::vector<Loaded> all;
  for (const std::string& path : options.paths) {
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) {
      report_failure("sim", path + ": cannot be read");
      return std::nullopt;
    }
    try {
      all.push_back({path, sim::read_scenario(text, std::filesystem::path(path).stem().string())});
    } catch (const sim::ScenarioMistake& mistake) {
      report_failure("sim", fmt::format("{}:{}: {}", path, mistake.line, mistake.what()));
      return std::nullopt;
    }
    if (!options.until.empty()) all.back().scenario.until = *parse_duration(options.until);
  }
  return all;
}

/// Plays every scenario with every seed on several threads.
class Runs {
 public:
  Runs(const SimOptions& options, std::vector<Loaded> scenarios, Seeds seeds)
      : options_(options), scenarios_(std::move(scenarios)), seeds_(seeds) {}

  /// The number of runs that failed.
  std::size_t run() {
    {
      std::vector<std::jthread> threads;
      for (unsigned i = 0; i < std::max(1U, options_.jobs); ++i) threads.emplace_back([this] { work(); });
    }
    return failed_;
  }
  std::size_t passed() const { return passed_; }

 private:
  void work() {
    const std::uint64_t per_file = seeds_.last - seeds_.first + 1;
    const std::uint64_t all = per_file * scenarios_.size();
    for (std::uint64_t i = next_++; i < all; i = next_++)
      one(scenarios_[i / per_file], seeds_.first + i % per_file);
  }

  void one(const Loaded& loaded, std::uint64_t seed) {
    const sim::Scenario whole = loaded.scenario.random ? randomised(loaded.scenario, seed) : loaded.scenario;
    const std::set<std::size_t> gone(options_.without.begin(), options_.without.end());
    const sim::Scenario scenario = sim::without(whole, gone);
    SimWatchers watchers({.name = loaded.scenario.name,
                          .seed = seed,
                          .pcap_folder = options_.pcap_folder,
                          .plot = options_.plot});
    SimResult result{.path = loaded.path,
                     .seed = seed,
                     .report = sim::run_scenario(scenario, seed, watchers.all()),
                     .shrunk = {}};
    watchers.finish(scenario, result.report);
    if (!result.report.passed() && options_.shrinks && gone.empty())
      result.shrunk = shrunk(whole, loaded.path, seed);
    const std::scoped_lock lock(mutex_);
    ++(result.report.passed() ? passed_ : failed_);
    if (options_.quiet && result.report.passed()) return;
    std::fputs((options_.json ? sim_json(result) : sim_text(result)).c_str(), stdout);
    std::fflush(stdout);
  }

  static sim::Scenario randomised(const sim::Scenario& of, std::uint64_t seed) {
    sim::Scenario scenario = sim::random_scenario(seed);
    scenario.name = of.name;
    scenario.until = of.until;
    return scenario;
  }

  static std::string shrunk(const sim::Scenario& scenario, const std::string& path, std::uint64_t seed) {
    const auto fails = [&](const sim::Scenario& smaller) {
      return !sim::run_scenario(smaller, seed).passed();
    };
    const std::set<std::size_t> gone = sim::shrink(scenario, fails);
    if (gone.empty()) return {};
    std::string numbers;
    for (const std::size_t part : gone) numbers += (numbers.empty() ? "" : ",") + std::to_string(part);
    std::string text = "  still fails with only:\n";
    const std::vector<sim::Part> parts = sim::parts_of(scenario);
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!gone.contains(i)) text += "    " + parts[i].text + "\n";
    }
    return text + fmt::format("  replay: strata sim {} --seed {} --without {}\n", path, seed, numbers);
  }

  const SimOptions& options_;
  std::vector<Loaded> scenarios_;
  Seeds seeds_;
  std::atomic<std::uint64_t> next_ = 0;
  std::mutex mutex_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
};

int run_sim(const SimOptions& options) {
  auto seeds = options.seeds.empty()
                   ? std::optional(Seeds{options.seed.value_or(1), options.seed.value_or(1)})
                   : parse_seeds(options.seeds);
  auto scenarios = load(options);
  if (!scenarios) return kUsage;
  Runs runs(options, std::move(*scenarios), *seeds);
  const std::size_t failed = runs.run();
  if (!options.json) fmt::print("{} passed, {} failed\n", runs.passed(), failed);
  return failed == 0 ? 0 : kFailed;
}

}  // namespace

void add_sim(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<SimOptions>();
  CLI::App* verb = app.add_subcommand(
      "sim", "Play network scenarios in virtual time: whole stacks, links with faults, programs");
  verb->add_option("FILE", options->paths, "Scenario files (TOML, see docs/sim.md)")->required();
  auto* seed = verb->add_option("--seed", options->seed, "Where all random bits come from (1 by default)");
  verb->add_option("--seeds", options->seeds, "A..B: one run for each of these seeds")
      ->excludes(seed)
      ->check(
          [](const std::string& text) { return parse_seeds(text) ? "" : "expected A..B, such as 1..1000"; });
  verb->add_option("-j,--jobs", options->jobs, "Runs at the same time")->check(CLI::Range(1, 256));
  verb->add_option("--until", options->until,
                   "Most virtual time that a run may take, as 60s; then it has failed")
      ->check(
          [](const std::string& text) { return parse_duration(text) ? "" : "expected a time such as 60s"; });
  verb->add_option("--pcap-dir", options->pcap_folder,
                   "Write each run's frames to NAME-SEED.pcapng in this folder");
  verb->add_option("--plot", options->plot,
                   "Draw sequence numbers and windows over time into this file (SVG)");
  verb->add_option("--without", options->without,
                   "Leave out these parts of the scenario, as a failing run names them")
      ->delimiter(',');
  verb->add_flag("--json", options->json, "One JSON object per run");
  verb->add_flag("-q,--quiet", options->quiet, "Say nothing of runs that passed");
  verb->add_flag("!--no-shrink", options->shrinks, "Do not look for a smaller scenario that fails, too");
  verb->footer(
      "Examples:\n  strata sim scenarios/lost_syn.toml\n  strata sim scenarios/random.toml --seeds 1..10000 "
      "-j 2 -q\n"
      "Exit codes: 0 all as expected, 1 not so, 2 a file has a mistake.");
  verb->callback([options, &exit_code] { exit_code = run_sim(*options); });
}

}  // namespace strata::tools
