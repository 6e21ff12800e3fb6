// "RACK was switched off because it held the window below ten packets, and did badly behind a policer." Here
// detection by time leaves the window where the losses put it: what the response function says, also where
// hardly anything can be queued.
#include <gtest/gtest.h>

#include "tests/golden/goodput.hpp"
#include "tests/golden/response.hpp"

namespace strata::scenario {
namespace {

TEST(RackPays, TheWindowIsWhatTheLossesAllow) {
  constexpr std::uint64_t kRttMs = 40;
  constexpr std::uint64_t kLossPpm = 2'000;
  sim::PathConfig path = golden::path_of(100, kRttMs, 100);
  golden::add_loss(path, kLossPpm, false);
  const golden::Measured got = golden::measure(path, golden::config_for(path, CongestionAlgorithm::cubic));
  const std::uint64_t expected = golden::cubic_window(kLossPpm, kRttMs) * 1448 * 8 / 1'000 / kRttMs;
  EXPECT_TRUE(got.sound);
  EXPECT_GE(got.kbit * 100, expected * 90);
  EXPECT_LE(got.timeouts, 2U);
}

TEST(RackPays, AtAPolicerWithoutAQueue) {
  const sim::PathConfig path = golden::path_of(50, 20, 5);
  const golden::Measured got = golden::measure(path, golden::config_for(path, CongestionAlgorithm::cubic));
  EXPECT_TRUE(got.sound);
  EXPECT_GE(got.kbit, 50'000U / 2);
  EXPECT_LE(got.repeated, got.lost + got.lost / 10 + 10);
}

}  // namespace
}  // namespace strata::scenario
