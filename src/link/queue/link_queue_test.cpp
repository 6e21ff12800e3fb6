#include "link/queue/link_queue.hpp"

#include <gtest/gtest.h>

#include "link/queue/mark.hpp"
#include "link/test_frames.hpp"
#include "wire/ipv4.hpp"

namespace strata {
namespace {

using test::make_segment;

constexpr std::uint64_t kByteEachMicro = 8'000'000;
Instant at_micros(std::int64_t n) { return Instant() + Duration::micros(n); }

struct Offered {
  std::size_t left = 0;
  QueueCounts counts;
};

/// Frames of 1000 bytes, one every `gap`, for `length`; a link that takes a millisecond for each.
Offered offer(const LinkQueueConfig& config, Duration gap, Duration length) {
  buf::Pools pools(test::small_pools());
  LinkQueue queue(config, 1);
  Offered run;
  const auto drain = [&](Instant until) {
    for (; queue.next_departure() <= until; ++run.left) static_cast<void>(queue.pop(until));
  };
  for (Instant now; now < Instant() + length; now = now + gap) {
    drain(now);
    queue.push(make_segment(pools, {.payload = 934}), now);
  }
  drain(Instant() + length * 10);
  run.counts = queue.counts();
  return run;
}

TEST(LinkQueue, FramesLeaveOneAfterTheOtherAndTheTailIsDropped) {
  buf::Pools pools(test::small_pools());
  LinkQueue queue({.rate_bits_per_second = kByteEachMicro, .bytes_max = 3'000}, 1);
  for (int i = 0; i < 10; ++i) queue.push(make_segment(pools, {.payload = 934}), Instant());
  EXPECT_EQ(queue.counts().dropped, 6U) << "one is leaving, three wait";
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(queue.next_departure(), at_micros(1000 * i));
    EXPECT_FALSE(queue.pop(at_micros(1000 * i - 1)).frame);
    EXPECT_EQ(queue.pop(at_micros(1000 * i)).at, at_micros(1000 * i));
  }
  EXPECT_TRUE(queue.next_departure().is_never());
}

TEST(LinkQueue, CodelLeavesAShortQueueAlone) {
  const Offered run = offer({.rate_bits_per_second = kByteEachMicro, .discipline = Discipline::codel},
                            Duration::micros(1100), Duration::seconds(1));
  EXPECT_EQ(run.counts.dropped, 0U);
}

TEST(LinkQueue, CodelDropsFasterTheLongerAQueueStays) {
  const LinkQueueConfig config{.rate_bits_per_second = kByteEachMicro, .discipline = Discipline::codel};
  const Offered short_run = offer(config, Duration::micros(900), Duration::millis(500));
  const Offered long_run = offer(config, Duration::micros(900), Duration::millis(1000));
  EXPECT_GT(short_run.counts.dropped, 2U);
  EXPECT_GT(long_run.counts.dropped, 3 * short_run.counts.dropped);
}

TEST(LinkQueue, RedDropsSomeBeforeTheQueueIsFull) {
  const LinkQueueConfig config{.rate_bits_per_second = kByteEachMicro,
                               .discipline = Discipline::red,
                               .bytes_max = 200'000,
                               .red = {.bytes_min = 5'000, .bytes_max = 150'000, .weight_shift = 5}};
  const Offered run = offer(config, Duration::micros(900), Duration::millis(500));
  EXPECT_GT(run.counts.dropped, 3U);
  EXPECT_LT(run.counts.dropped, 60U);
}

TEST(LinkQueue, AFairQueueServesAQuietFlowAtOnce) {
  buf::Pools pools(test::small_pools());
  LinkQueue queue({.rate_bits_per_second = kByteEachMicro, .discipline = Discipline::fq_codel}, 1);
  for (int i = 0; i < 20; ++i) queue.push(make_segment(pools, {.payload = 934}), Instant());
  Packet quiet = make_segment(pools, {.payload = 34});
  // Another source port: another flow.
  quiet.raw()->mutable_head()[14 + 20 + 1] ^= 1;
  const std::size_t quiet_size = quiet.size();
  queue.push(std::move(quiet), Instant());
  std::size_t before = 0;
  while (queue.pop(Instant::never() - Duration::nanos(1)).frame.size() != quiet_size) ++before;
  EXPECT_LE(before, 2U);
}

TEST(LinkQueue, AFairQueueThatIsFullDropsFromTheLongestFlow) {
  buf::Pools pools(test::small_pools());
  LinkQueue queue(
      {.rate_bits_per_second = kByteEachMicro, .discipline = Discipline::fq_codel, .bytes_max = 5'000}, 1);
  for (int i = 0; i < 20; ++i) queue.push(make_segment(pools, {.payload = 934}), Instant());
  EXPECT_EQ(queue.counts().dropped, 14U);
  EXPECT_LE(queue.bytes(), 5'000U);
}

TEST(Mark, TouchesOnlyWhatUnderstandsIt) {
  buf::Pools pools(test::small_pools());
  Packet frame = make_segment(pools, {.payload = 100});
  EXPECT_FALSE(mark_congestion_experienced(frame, true));
  std::uint8_t* const ip = frame.raw()->mutable_head() + 14;
  const auto before = load_be<std::uint16_t>(ip);
  ip[1] |= 2;
  store_be(ip + 10, checksum_update(load_be<std::uint16_t>(ip + 10), before, load_be<std::uint16_t>(ip)));
  EXPECT_TRUE(mark_congestion_experienced(frame, true));
  const auto view = Ipv4View::parse(frame.head().subspan(14), frame.size() - 14);
  ASSERT_TRUE(view) << "the header checksum is right";
  EXPECT_EQ(view->ecn(), 3);
}

TEST(Codel, RootsAreExact) {
  for (std::uint64_t n = 0; n < 2000; ++n) {
    const std::uint64_t root = integer_root(n);
    EXPECT_LE(root * root, n);
    EXPECT_GT((root + 1) * (root + 1), n);
  }
  EXPECT_EQ(integer_root(10'000'000'000'000'000U), 100'000'000U);
}

}  // namespace
}  // namespace strata
