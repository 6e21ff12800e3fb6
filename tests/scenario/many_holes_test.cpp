// "No SACK: one block is sent, and what was received behind it is thrown away." Here the receiver keeps and
// reports as many ranges as there are, the sender repairs all of them in about a round trip, and lossy paths
// carry several times more.
#include <gtest/gtest.h>

#include "tests/golden/goodput.hpp"

namespace strata::scenario {
namespace {

/// Bytes that arrive in the first ten seconds, in which slow start overflows the queue.
std::uint64_t first_seconds(bool sack) {
  const sim::PathConfig path = golden::path_of(100, 100, 100);
  TcpConfig config = golden::config_for(path, CongestionAlgorithm::cubic);
  config.sack = sack;
  sim::BulkRun run({.path = path, .flows = {{.config = config, .starts = {}}}, .seed = 1});
  run.until(Instant() + Duration::seconds(10));
  EXPECT_TRUE(run.is_sound());
  return run.delivered(0);
}

TEST(ManyHoles, WithReportsAllAreRepairedAtOnce) { EXPECT_GE(first_seconds(true), 5 * first_seconds(false)); }

TEST(ManyHoles, AQueueThatOverflowsLeavesThousandsOfThem) {
  const sim::PathConfig path = golden::path_of(100, 200, 100);
  const TcpConfig config = golden::config_for(path, CongestionAlgorithm::cubic);
  sim::BulkRun run({.path = path, .flows = {{.config = config, .starts = {}}}, .seed = 1});
  run.until(Instant() + Duration::seconds(6));
  EXPECT_GT(run.path().queue_drops(), 1'000U);
  EXPECT_EQ(run.receiver(0).counters()[Counter::tcp_reassembly_full], 0U);
  EXPECT_EQ(run.count(Counter::tcp_rto_fired), 0U);
  EXPECT_LE(run.count(Counter::tcp_retrans_segs), run.path().queue_drops() * 3 / 2);
}

}  // namespace
}  // namespace strata::scenario
