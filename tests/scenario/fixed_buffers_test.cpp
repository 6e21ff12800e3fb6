// "Fixed buffers: no size is right for all round-trip times." With the defaults a connection fills a short
// path and a long one, and one whose reader is slow takes no memory for it.
#include "tests/scenario/bulk_stream.hpp"

namespace strata::scenario {
namespace {

struct Path {
  std::uint64_t rate;  ///< bits per second
  Duration rtt;
};

std::uint64_t bytes_in(const Path& path, Duration time) {
  return path.rate / 8 * static_cast<std::uint64_t>(time.count_micros()) / 1'000'000;
}

/// The bottleneck queues one bandwidth-delay product, or 100 frames.
WorldConfig world_of(const Path& path) {
  const std::size_t queue = std::max<std::size_t>(bytes_in(path, path.rtt), 100 * 1514);
  WorldConfig config;
  config.stack.buffers = {};
  config.wire.a_to_b = {.rate_bits_per_second = path.rate,
                        .queue_bytes_max = queue,
                        .frames_max = 100'000,
                        .delay = path.rtt / 2};
  config.wire.b_to_a = {.frames_max = 100'000, .delay = path.rtt / 2};
  return config;
}

/// Of the payload that the path carries in `time`, what arrives: in percent, after `warm_up`.
std::uint64_t percent_used(const Path& path, Duration warm_up, Duration time) {
  World world(world_of(path));
  BulkStream bulk(world);
  world.run_for(warm_up);
  const std::uint64_t before = bulk.received;
  world.run_for(time);
  const std::uint64_t carried = bytes_in(path, time) * 1448 / 1514;
  return (bulk.received - before) * 100 / carried;
}

TEST(FixedBuffers, TheDefaultsFillAShortPath) {
  EXPECT_GE(percent_used({.rate = 100'000'000, .rtt = Duration::millis(1)}, Duration::seconds(1),
                         Duration::seconds(3)),
            95U);
}

TEST(FixedBuffers, TheDefaultsFillALongPath) {
  EXPECT_GE(percent_used({.rate = 100'000'000, .rtt = Duration::millis(300)}, Duration::seconds(10),
                         Duration::seconds(10)),
            95U);
}

TEST(FixedBuffers, TheDefaultsFillAGigabitOverATenthOfASecond) {
  EXPECT_GE(percent_used({.rate = 1'000'000'000, .rtt = Duration::millis(100)}, Duration::seconds(4),
                         Duration::seconds(2)),
            95U);
}

}  // namespace
}  // namespace strata::scenario
