// "Delayed ACK and a large MTU": with segments of 64 KiB a window holds one of them, the receiver waits for
// the second, and each costs the delay. Here the second one is soon allowed, and a closed window that opens
// is told at once.
#include "tests/scenario/bulk_stream.hpp"

namespace strata::scenario {
namespace {

WorldConfig loopback_like() {
  const ImpairmentConfig short_way{.rate_bits_per_second = 10'000'000'000, .delay = Duration::micros(20)};
  return {.wire = {.mtu = 65'535, .a_to_b = short_way, .b_to_a = short_way}};
}

std::uint64_t bits_per_second(World& world, BulkStream& bulk) {
  world.run_for(Duration::millis(100));
  const std::uint64_t before = bulk.received;
  world.run_for(Duration::millis(200));
  return (bulk.received - before) * 8 * 5;
}

TEST(DelayedAck, DoesNotThrottleSegmentsOf64Kibibytes) {
  World world(loopback_like());
  BulkStream bulk(world);
  EXPECT_GT(bits_per_second(world, bulk), 9'000'000'000U);
}

TEST(DelayedAck, DoesNotThrottleAWindowOfOneSuchSegment) {
  WorldConfig config = loopback_like();
  config.stack.tcp.moderate_receive_buffer = false;
  World world(config);
  BulkStream bulk(world);
  EXPECT_GT(bits_per_second(world, bulk), 2'000'000'000U);
}

}  // namespace
}  // namespace strata::scenario
