// BBR on a path of known rate and delay: the draft's own list of cases (draft-ietf-ccwg-bbr, appendix), as
// far as they need no connection.
#include "transport/tcp/cc/bbr.hpp"

#include <gtest/gtest.h>

#include "transport/tcp/cc/test_bottleneck.hpp"

namespace strata::tcp {
namespace {

using State = Bbr::State;
constexpr Duration kMinute = Duration::seconds(60);
constexpr std::uint32_t kBdp = 50'000;  // of the path as it is

void expect_near(std::uint64_t found, std::uint64_t wanted, std::uint64_t percent) {
  EXPECT_GE(found, wanted - wanted * percent / 100);
  EXPECT_LE(found, wanted + wanted * percent / 100);
}

TEST(Bbr, LeavesStartupOnAPlateau) {
  BbrPath path;
  EXPECT_EQ(path.bbr.pacing_gain(), 277U);
  ASSERT_TRUE(path.reaches(State::drain, Duration::seconds(2)));
  EXPECT_TRUE(path.bbr.full_bandwidth_reached());
  expect_near(path.bbr.max_bandwidth(), path.bytes_per_second, 2);
  EXPECT_EQ(path.lost, 0U);
}

TEST(Bbr, DrainsTheQueueThatStartupMade) {
  BbrPath path;
  ASSERT_TRUE(path.reaches(State::drain, kMinute));
  EXPECT_EQ(path.bbr.pacing_gain(), 50U);
  EXPECT_GT(path.in_flight, kBdp);
  ASSERT_TRUE(path.leaves(State::drain, Duration::millis(200)));
  EXPECT_LE(path.in_flight, kBdp + 3 * 2 * BbrPath::kMss);
}

TEST(Bbr, LeavesDrainAfterThreeRoundsAtTheLatest) {
  BbrPath path;
  ASSERT_TRUE(path.reaches(State::drain, kMinute));
  path.bytes_per_second /= 10;  // what is in flight stays above the model's idea of the path
  ASSERT_TRUE(path.leaves(State::drain, Duration::seconds(10)));
  EXPECT_GT(path.in_flight, kBdp);
}

TEST(Bbr, CyclesThroughProbing) {
  BbrPath path;
  ASSERT_TRUE(path.reaches(State::cruise, kMinute));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(path.reaches(State::cruise, kMinute));
    EXPECT_EQ(path.bbr.pacing_gain(), 100U);
    const Instant cruise = path.now;
    ASSERT_TRUE(path.reaches(State::refill, kMinute));
    EXPECT_LT(path.now - cruise, Duration::seconds(3));
    ASSERT_TRUE(path.reaches(State::up, kMinute));
    EXPECT_EQ(path.bbr.pacing_gain(), 125U);
    EXPECT_EQ(path.bbr.cwnd_gain(), 225U);
    ASSERT_TRUE(path.reaches(State::down, kMinute));
    EXPECT_EQ(path.bbr.pacing_gain(), 90U);
  }
}

TEST(Bbr, FillsThePathAndLeavesTheBufferAlone) {
  BbrPath path;
  path.run(Duration::seconds(5));
  const std::uint64_t before = path.delivered;
  path.queue_max = Duration{};
  path.run(Duration::seconds(20));
  EXPECT_GE(path.delivered - before, path.bytes_per_second * 20 * 95 / 100);
  EXPECT_LE(path.queue_max, path.delay);  // of a buffer of twenty times that
  EXPECT_EQ(path.bbr.min_rtt(), path.delay + Duration::micros(800));
}

// Between two probes each lossy round takes off what was lost in it; so 1 % costs about a fifth, not a factor
// (§5.3.3.8.3).
TEST(Bbr, DoesNotMindRandomLoss) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    BbrPath path(seed);
    path.bytes_per_second = 12'500'000;
    path.loss_ppm = 10'000;
    path.run(Duration::seconds(5));
    const std::uint64_t before = path.delivered;
    path.run(Duration::seconds(30));
    EXPECT_GE(path.delivered - before, path.bytes_per_second * 30 * 70 / 100);
  }
}

TEST(Bbr, LeavesStartupWhenTooMuchIsLost) {
  BbrPath path;
  path.buffer = 5'000;
  ASSERT_TRUE(path.reaches(State::drain, Duration::seconds(2)));
  EXPECT_GT(path.lost, 0U);
  EXPECT_LT(path.bbr.inflight_longterm(), 4 * kBdp);
  path.run(Duration::seconds(5));
  const std::uint64_t lost = path.lost;
  const std::uint64_t before = path.delivered;
  path.run(Duration::seconds(20));
  EXPECT_GE(path.delivered - before, path.bytes_per_second * 20 * 85 / 100);
  EXPECT_LE(path.lost - lost, (path.delivered - before) / 50);
}

TEST(Bbr, WithoutSackOneLossEndsStartup) {
  BbrPath path;
  path.sack = false;
  path.loss_ppm = 20'000;
  ASSERT_TRUE(path.reaches(State::drain, Duration::seconds(2)));
  EXPECT_LT(path.bbr.max_bandwidth(), path.bytes_per_second);
}

TEST(Bbr, StaysInStartupWhileTheApplicationLimitsIt) {
  BbrPath path;
  path.app_bytes_per_second = 100'000;
  EXPECT_FALSE(path.reaches(State::drain, Duration::seconds(4)));
}

TEST(Bbr, ForgetsNoRateForWantOfData) {
  BbrPath path;
  path.run(Duration::seconds(4));
  path.app_bytes_per_second = 200'000;
  path.run(Duration::seconds(4));
  expect_near(path.bbr.max_bandwidth(), path.bytes_per_second, 3);
}

TEST(Bbr, MeasuresTheShortestRoundTripAnew) {
  BbrPath path;
  path.run(Duration::seconds(1));
  path.delay = Duration::millis(60);  // the way grew longer
  ASSERT_TRUE(path.reaches(State::probe_rtt, Duration::seconds(8)));
  EXPECT_EQ(path.bbr.cwnd_gain(), 50U);
  const Instant begin = path.now;
  ASSERT_TRUE(path.leaves(State::probe_rtt, Duration::seconds(2)));
  EXPECT_GE(path.now - begin, Duration::millis(200));
  EXPECT_EQ(path.bbr.state(), State::cruise);
  path.run(Duration::seconds(8));
  EXPECT_GE(path.bbr.min_rtt(), Duration::millis(60));
  EXPECT_LE(path.bbr.min_rtt(), Duration::millis(63));
}

TEST(Bbr, SkipsProbeRttAfterIdleness) {
  BbrPath path;
  path.run(Duration::seconds(4));
  path.app_bytes_per_second = 1;  // one segment, then silence
  path.run(Duration::seconds(20));
  path.app_bytes_per_second = 0;
  EXPECT_FALSE(path.reaches(State::probe_rtt, Duration::seconds(3)));
}

TEST(Bbr, AllowsForBunchedAcks) {
  BbrPath path;
  path.ack_every = Duration::millis(20);
  path.run(Duration::seconds(5));
  EXPECT_GE(path.bbr.extra_acked(), 10'000U);
  EXPECT_GT(path.bbr.cwnd(), 2 * kBdp);
  const std::uint64_t before = path.delivered;
  path.run(Duration::seconds(20));
  EXPECT_GE(path.delivered - before, path.bytes_per_second * 20 * 90 / 100);
}

TEST(Bbr, KeepsFourSegmentsOnAPathThatHoldsLessThanOne) {
  BbrPath path;
  path.bytes_per_second = 100'000;
  path.delay = Duration::millis(1);
  path.run(Duration::seconds(4));
  EXPECT_GE(path.bbr.cwnd(), 4 * BbrPath::kMss);
  expect_near(path.bbr.bandwidth(), path.bytes_per_second, 5);
}

TEST(Bbr, FindsTenTimesTheRate) {
  BbrPath path;
  path.run(Duration::seconds(4));
  path.bytes_per_second *= 10;
  path.run(Duration::seconds(20));
  expect_near(path.bbr.max_bandwidth(), path.bytes_per_second, 5);
}

TEST(Bbr, ComesDownToATenthOfTheRate) {
  BbrPath path;
  path.bytes_per_second = 12'500'000;
  path.buffer = 200'000;
  path.run(Duration::seconds(4));
  path.bytes_per_second /= 10;
  path.run(Duration::seconds(15));
  expect_near(path.bbr.max_bandwidth(), path.bytes_per_second, 5);
}

TEST(Bbr, AFalseAlarmGivesBackWhatItCost) {
  BbrPath path;
  path.run(Duration::seconds(4));
  ASSERT_TRUE(path.reaches(State::up, Duration::seconds(10)));
  const std::uint32_t cwnd = path.bbr.cwnd();
  path.loss_ppm = 200'000;
  ASSERT_TRUE(path.reaches(State::down, Duration::seconds(1)));
  EXPECT_NE(path.bbr.inflight_longterm(), 0xffff'ffffU);
  path.loss_ppm = 0;
  path.take_alarm_back();
  EXPECT_EQ(path.bbr.inflight_longterm(), 0xffff'ffffU);
  EXPECT_GE(path.bbr.cwnd(), cwnd);
  EXPECT_EQ(path.bbr.state(), State::refill);
}

TEST(Bbr, AFalseAlarmInStartupGoesOnThere) {
  BbrPath path;
  path.loss_ppm = 200'000;
  ASSERT_TRUE(path.reaches(State::drain, Duration::seconds(5)));
  path.take_alarm_back();
  EXPECT_EQ(path.bbr.state(), State::startup);
  EXPECT_FALSE(path.bbr.full_bandwidth_reached());
}

TEST(Bbr, AMarkEndsStartupAndAProbe) {  // §3.7
  BbrPath path;
  path.run(Duration::millis(100));
  ASSERT_EQ(path.bbr.state(), State::startup);
  path.bbr.on_congestion({.now = path.now, .in_flight = path.in_flight, .kind = CongestionEvent::Kind::ecn});
  EXPECT_EQ(path.bbr.state(), State::drain);
  ASSERT_TRUE(path.reaches(State::up, kMinute));
  path.bbr.on_congestion({.now = path.now, .in_flight = path.in_flight, .kind = CongestionEvent::Kind::ecn});
  EXPECT_EQ(path.bbr.state(), State::down);
}

TEST(Bbr, ATimeOutLeavesOneSegmentAndTheModel) {
  BbrPath path;
  path.run(Duration::seconds(4));
  const std::uint32_t cwnd = path.bbr.cwnd();
  path.bbr.on_congestion(
      {.now = path.now, .in_flight = path.in_flight, .kind = CongestionEvent::Kind::timeout});
  path.bbr.set_cwnd(BbrPath::kMss);
  EXPECT_EQ(path.bbr.cwnd(), BbrPath::kMss);
  path.bbr.on_recovery_end();
  EXPECT_EQ(path.bbr.cwnd(), cwnd);
}

}  // namespace
}  // namespace strata::tcp
