// Every scenario of the shelf does what it expects.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "sim/scenario/read_scenario.hpp"
#include "sim/scenario/run_scenario.hpp"

namespace strata::sim {
namespace {

std::vector<std::string> shelf() {
  std::set<std::string> names;  // in an order that no file system chooses
  for (const auto& entry : std::filesystem::directory_iterator("scenarios")) {
    if (entry.path().extension() == ".toml") names.insert(entry.path().stem().string());
  }
  names.erase("random");  // random_scenario_test.cpp
  return {names.begin(), names.end()};
}

TEST(Shelf, EveryScenarioGoesAsItExpects) {
  const std::vector<std::string> names = shelf();
  EXPECT_GE(names.size(), 15U);
  for (const std::string& name : names) {
    std::ifstream file("scenarios/" + name + ".toml");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const Scenario scenario = read_scenario(text, name);
    EXPECT_FALSE(scenario.expectations.empty()) << name << " expects nothing";
    const RunReport report = run_scenario(scenario, 1);
    for (const std::string& failure : report.failures) ADD_FAILURE() << name << ": " << failure;
    for (const std::string& open : report.still_open) ADD_FAILURE() << name << ": open: " << open;
    EXPECT_EQ(run_scenario(scenario, 1).trace_hash, report.trace_hash) << name;
  }
}

}  // namespace
}  // namespace strata::sim
