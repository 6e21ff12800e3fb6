// Delivery rates (draft-ietf-ccwg-bbr §4.1) and the arithmetic of pacing.
#include "transport/tcp/rate_sample.hpp"

#include <gtest/gtest.h>

#include "transport/tcp/pacer.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kSize = 1000;

struct Rates : testing::Test {
  RateSampler sampler;
  Instant start = Instant::from_nanos(5'000'000'000);
  std::uint32_t in_flight = 0;

  static Instant at(std::int64_t ms) { return Instant::from_nanos(5'000'000'000) + Duration::millis(ms); }
  struct Sent {
    SendStamp stamp;
    Instant at;
    SeqNum end;
  };
  Sent send(std::int64_t ms) {
    const SendStamp stamp = sampler.on_sent(at(ms), in_flight, kSize);
    in_flight += kSize;
    next += kSize;
    return {stamp, at(ms), next};
  }
  RateSample ack(std::initializer_list<Sent> segments, std::int64_t ms) {
    for (const Sent& segment : segments) {
      sampler.on_delivered(segment.stamp, segment.at, segment.end, at(ms));
      in_flight -= kSize;
    }
    return sampler.sample(at(ms), static_cast<std::uint32_t>(segments.size()) * kSize, Duration::millis(10));
  }
  SeqNum next{0xffff'f800U};
};

TEST_F(Rates, IsWhatArrivedBetweenDepartureAndArrival) {
  const Sent first = send(0);
  const Sent second = send(0);
  const RateSample one = ack({first}, 100);
  EXPECT_EQ(one.delivered, kSize);
  EXPECT_EQ(one.delivery_rate, 10'000U);  // 1000 bytes in 100 ms
  const RateSample two = ack({second}, 100);
  EXPECT_EQ(two.delivered, 2 * kSize);
  EXPECT_EQ(two.delivery_rate, 20'000U);
  EXPECT_EQ(two.tx_in_flight, 2 * kSize);
}

TEST_F(Rates, BunchedAcksAreNoFasterThanWhatWasSent) {
  const Sent first = send(0);
  const Sent second = send(50);
  const Sent third = send(100);
  ack({first}, 100);
  const Sent fourth = send(120);
  const RateSample all = ack({second, third, fourth}, 130);
  EXPECT_EQ(all.delivered, 3 * kSize);
  EXPECT_EQ(all.interval, Duration::millis(120));  // since the first left, not since its ACK came
}

TEST_F(Rates, TheSegmentThatLeftLastCounts) {
  const Sent first = send(0);
  const Sent second = send(20);
  const RateSample sample = ack({second, first}, 100);
  EXPECT_EQ(sample.interval, Duration::millis(100));
  EXPECT_EQ(sample.tx_in_flight, 2 * kSize);
}

TEST_F(Rates, ATimeBelowAnyRoundTripIsNoSample) {
  const RateSample sample = ack({send(0)}, 5);
  EXPECT_TRUE(sample.has_data);
  EXPECT_EQ(sample.delivery_rate, 0U);
}

TEST_F(Rates, AnAckOfNothingIsNoSample) { EXPECT_FALSE(ack({}, 100).has_data); }

TEST_F(Rates, WhatWasSentBeforeMeasuringSaysNothing) {
  sampler.on_delivered({}, at(0), next, at(50));
  EXPECT_FALSE(sampler.sample(at(50), kSize, {}).has_data);
}

TEST_F(Rates, IdleTimeDoesNotCount) {
  ack({send(0)}, 100);
  const RateSample sample = ack({send(5'000)}, 5'100);
  EXPECT_EQ(sample.interval, Duration::millis(100));
  EXPECT_EQ(sample.delivery_rate, 10'000U);
}

TEST_F(Rates, AppLimitedUntilWhatIsInFlightHasArrived) {
  const Sent first = send(0);
  sampler.mark_app_limited(in_flight);
  const Sent second = send(10);
  EXPECT_FALSE(ack({first}, 100).app_limited);  // it left before
  EXPECT_TRUE(sampler.app_limited());
  EXPECT_TRUE(ack({second}, 110).app_limited);
  EXPECT_FALSE(sampler.app_limited());
  EXPECT_FALSE(ack({send(120)}, 220).app_limited);
}

TEST_F(Rates, TheRateThatIsShownIsTheLastThatThePathLimited) {
  ack({send(0), send(0)}, 100);
  EXPECT_EQ(sampler.shown_rate(), 20'000U);
  sampler.mark_app_limited(0);
  ack({send(200)}, 300);
  EXPECT_EQ(sampler.shown_rate(), 20'000U);
  EXPECT_FALSE(sampler.shown_is_app_limited());
}

TEST_F(Rates, CountsWhatWasLostSinceASegmentLeft) {
  const Sent first = send(0);
  const Sent second = send(0);
  const Sent third = send(0);
  const LostSegment one = sampler.on_lost(first.stamp, {first.end - kSize, first.end}, at(100));
  EXPECT_EQ(one.lost, kSize);
  EXPECT_EQ(one.tx_in_flight, kSize);
  EXPECT_FALSE(one.continues);
  const LostSegment two = sampler.on_lost(second.stamp, {second.end - kSize, second.end}, at(100));
  EXPECT_EQ(two.lost, 2 * kSize);
  EXPECT_TRUE(two.continues);
  const RateSample sample = ack({third}, 100);
  EXPECT_EQ(sample.lost, 2 * kSize);
  EXPECT_EQ(sample.newly_lost, 2 * kSize);
}

TEST(Pacer, TheWindowInARoundTripAndSome) {
  const TcpConfig config;
  EXPECT_EQ(window_rate(100'000, 50'000, Duration::millis(100), config), 1'200'000U);
  EXPECT_EQ(window_rate(100'000, kCwndMax, Duration::millis(100), config), 2'000'000U);  // slow start
  EXPECT_EQ(window_rate(100'000, 50'000, Duration{}, config), 0U);
}

TEST(Pacer, ALateDepartureIsMadeUpForByHalf) {
  EXPECT_EQ(pacing_delay(1000, 1'000'000, Duration{}), Duration::millis(1));
  EXPECT_EQ(pacing_delay(1000, 1'000'000, Duration::micros(200)), Duration::micros(800));
  EXPECT_EQ(pacing_delay(1000, 1'000'000, Duration::millis(5)), Duration::micros(500));
}

TEST(Pacer, AMillisecondLeavesAtOnceButTwoSegmentsAtLeast) {
  EXPECT_EQ(send_quantum(100'000, 1000), 2000U);
  EXPECT_EQ(send_quantum(12'500'000, 1000), 12'500U);
  EXPECT_EQ(send_quantum(1'250'000'000, 1000), 65'536U);
}

}  // namespace
}  // namespace strata::tcp
