// Random machines, links, programs and faults (reliability bar B10). Many more seeds: docs/sim.md.
#include "sim/scenario/random_scenario.hpp"

#include <gtest/gtest.h>

#include "sim/scenario/run_scenario.hpp"
#include "sim/scenario/shrink.hpp"

namespace strata::sim {
namespace {

constexpr std::uint64_t kSeedsPerTest = 250;

class RandomScenario : public testing::TestWithParam<std::uint64_t> {};

TEST_P(RandomScenario, EndsWellWithEverySeed) {
  for (std::uint64_t seed = GetParam(); seed < GetParam() + kSeedsPerTest; ++seed) {
    const RunReport report = run_scenario(random_scenario(seed), seed);
    for (const std::string& failure : report.failures)
      ADD_FAILURE() << failure << "\n  strata sim scenarios/random.toml --seed " << seed;
    for (const std::string& open : report.still_open) ADD_FAILURE() << "open: " << open;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomScenario, testing::Values(1, 251, 501, 751, 1001, 1251, 1501, 1751));

TEST(RandomScenarios, TheSameSeedGivesTheSameTrace) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::uint64_t hash = run_scenario(random_scenario(seed), seed).trace_hash;
    EXPECT_EQ(run_scenario(random_scenario(seed), seed).trace_hash, hash);
    EXPECT_NE(run_scenario(random_scenario(seed), seed + 1).trace_hash, hash);
  }
}

TEST(Shrink, LeavesWhatMatters) {
  Scenario scenario = random_scenario(3);
  while (scenario.faults.size() < 5)
    scenario.faults.push_back({.target = scenario.links[0].name(), .faults = {}});
  const auto fails = [](const Scenario& some) {
    return !some.faults[1].left_out && !some.faults[3].left_out;
  };
  const Scenario small = without(scenario, shrink(scenario, fails));
  for (std::size_t i = 0; i < small.faults.size(); ++i)
    EXPECT_EQ(small.faults[i].left_out, i != 1 && i != 3) << i;
}

}  // namespace
}  // namespace strata::sim
