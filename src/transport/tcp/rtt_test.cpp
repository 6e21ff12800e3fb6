// RFC 6298 §2: round-trip time and retransmission timeout as arithmetic.
#include "transport/tcp/rtt.hpp"

#include <gtest/gtest.h>

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

constexpr Duration ms(std::int64_t n) { return Duration::millis(n); }

TEST(Rtt, BeginsWithTheInitialTimeout) {
  const TcpConfig config;
  const RttEstimator rtt(config);
  EXPECT_EQ(rtt.rto(), Duration::seconds(1));
  EXPECT_FALSE(rtt.has_sample());
}

TEST(Rtt, TheFirstSampleSetsBoth) {
  const TcpConfig config;
  RttEstimator rtt(config);
  rtt.sample(ms(400), config);
  EXPECT_EQ(rtt.srtt(), ms(400));
  EXPECT_EQ(rtt.rttvar(), ms(200));
  EXPECT_EQ(rtt.rto(), ms(1200));
}

TEST(Rtt, LaterSamplesAreSmoothed) {  // alpha 1/8, beta 1/4, the variance with the old SRTT
  const TcpConfig config;
  RttEstimator rtt(config);
  rtt.sample(ms(400), config);
  rtt.sample(ms(800), config);
  EXPECT_EQ(rtt.rttvar(), ms(250));
  EXPECT_EQ(rtt.srtt(), ms(450));
  EXPECT_EQ(rtt.rto(), ms(1450));
}

TEST(Rtt, ASteadyPathKeepsTheMinimumBesideIt) {
  const TcpConfig config;
  RttEstimator rtt(config);
  for (int i = 0; i < 200; ++i) rtt.sample(ms(50), config);
  EXPECT_EQ(rtt.srtt(), ms(50));
  EXPECT_EQ(rtt.rto(), ms(250));
}

TEST(Rtt, BackingOffDoublesUpToTheCeiling) {
  const TcpConfig config;
  RttEstimator rtt(config);
  rtt.sample(ms(400), config);
  rtt.back_off(config);
  EXPECT_EQ(rtt.rto(), ms(2400));
  for (int i = 0; i < 20; ++i) rtt.back_off(config);
  EXPECT_EQ(rtt.rto(), config.rto_max);
  rtt.forget_back_off(config);
  EXPECT_EQ(rtt.rto(), ms(1200));
}

TEST(Rtt, WithoutASampleForgettingGoesToTheInitialTimeout) {
  const TcpConfig config;
  RttEstimator rtt(config);
  rtt.back_off(config);
  rtt.forget_back_off(config);
  EXPECT_EQ(rtt.rto(), config.rto_initial);
  rtt.begin_after_lost_syn();
  EXPECT_EQ(rtt.rto(), Duration::seconds(3));
}

TEST(Rtt, SurvivesASampleOfZero) {
  const TcpConfig config;
  RttEstimator rtt(config);
  rtt.sample(Duration{}, config);
  EXPECT_TRUE(rtt.has_sample());
  EXPECT_GE(rtt.rto(), config.rto_min);
}

}  // namespace
}  // namespace strata::tcp
