// Transfers over bad wires arrive byte by byte as they were sent, in both directions at once.
#include <gtest/gtest.h>

#include "sim/test_connection.hpp"

namespace strata::sim {
namespace {

ImpairmentConfig bad_wire() {
  return {.delay = Duration::millis(5),
          .jitter = Duration::micros(300),
          .loss_ppm = 20'000,
          .duplicate_ppm = 10'000,
          .reorder_ppm = 50'000,
          .corrupt_ppm = 5'000};
}

/// Both ends send at once and close; returns the trace hash.
std::uint64_t exchange(const WorldConfig& config, std::size_t size) {
  SCOPED_TRACE("seed " + std::to_string(config.seed));
  ConnectionScene scene(config);
  scene.client.to_send = text_of(size, 1);
  scene.server.to_send = text_of(size / 2, 2);
  EXPECT_TRUE(scene.world.run_until([&] { return scene.both_saw_end(); }, Duration::seconds(3600)));
  EXPECT_EQ(scene.server.received == scene.client.to_send, true) << scene.server.received.size() << " bytes";
  EXPECT_EQ(scene.client.received == scene.server.to_send, true) << scene.client.received.size() << " bytes";
  EXPECT_FALSE(scene.client.failure);
  EXPECT_FALSE(scene.server.failure);
  return scene.world.trace_hash();
}

TEST(Transfer, IsExactOverAPerfectWire) {
  exchange({}, 3'000'000);
  exchange({.wire = {.a_to_b = {}, .b_to_a = {}}}, 300'000);
}

TEST(Transfer, IsExactOverLossDuplicationReorderingAndCorruption) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    exchange({.seed = seed, .wire = {.a_to_b = bad_wire(), .b_to_a = bad_wire()}}, 200'000);
  }
}

TEST(Transfer, IsExactOverOneKindOfFaultAtATime) {
  const Duration delay = Duration::millis(2);
  for (const ImpairmentConfig& fault : std::initializer_list<ImpairmentConfig>{
           {.delay = delay, .loss_ppm = 100'000},
           {.delay = delay, .burst = {.enter_ppm = 10'000, .leave_ppm = 300'000}},
           {.delay = delay, .duplicate_ppm = 300'000},
           {.delay = delay, .reorder_ppm = 300'000},
           {.delay = delay, .corrupt_ppm = 100'000}}) {
    exchange({.seed = 5, .wire = {.a_to_b = fault, .b_to_a = fault}}, 200'000);
  }
}

TEST(Transfer, IsExactOverASlowWireWithAShortQueue) {
  const ImpairmentConfig slow{
      .rate_bits_per_second = 10'000'000, .queue_bytes_max = 30'000, .delay = Duration::millis(20)};
  exchange({.seed = 3, .wire = {.a_to_b = slow, .b_to_a = slow}}, 2'000'000);
}

TEST(Transfer, IsExactOverSmallPackets) {
  exchange({.seed = 4, .wire = {.mtu = 576, .a_to_b = bad_wire(), .b_to_a = bad_wire()}}, 100'000);
}

TEST(Transfer, TheSameSeedGivesTheSameTrace) {
  const WireConfig wire{.a_to_b = bad_wire(), .b_to_a = bad_wire()};
  const std::uint64_t hash = exchange({.seed = 11, .wire = wire}, 200'000);
  EXPECT_EQ(exchange({.seed = 11, .wire = wire}, 200'000), hash);
  EXPECT_NE(exchange({.seed = 12, .wire = wire}, 200'000), hash);
}

TEST(Transfer, LeavesNothingBehind) {
  ConnectionScene scene({.seed = 2, .wire = {.a_to_b = bad_wire(), .b_to_a = bad_wire()}});
  scene.client.to_send = text_of(100'000);
  ASSERT_TRUE(scene.world.run_until([&] { return scene.both_saw_end(); }, Duration::seconds(600)));
  scene.client.stream.close();
  scene.server.stream.close();
  scene.world.run_for(Duration::seconds(300));
  for (const Side side : {Side::a, Side::b}) {
    EXPECT_EQ(scene.world.host(side).stack.connection_count(), 0U);
    EXPECT_EQ(scene.world.host(side).stack.time_wait_count(), 0U);
    EXPECT_EQ(scene.world.host(side).stack.blocks_in_use(), 0U);
  }
}

}  // namespace
}  // namespace strata::sim
