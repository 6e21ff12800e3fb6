// The window arithmetic of RFC 5681 and RFC 6582, fed with events alone.
#include <gtest/gtest.h>

#include "transport/tcp/cc/policy.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

AckEvent acked(std::uint32_t bytes, bool cwnd_limited = true) {
  return {.acked = bytes, .cwnd_limited = cwnd_limited};
}

/// In congestion avoidance with a window of ten segments.
NewReno avoiding() {
  NewReno cc(kMss, 10 * kMss);
  cc.on_loss({.in_flight = 20 * kMss});
  cc.on_recovery_end(20 * kMss);
  return cc;
}

TEST(NewReno, BeginsInSlowStart) {
  NewReno cc(kMss, 10 * kMss);
  EXPECT_TRUE(cc.in_slow_start());
  cc.on_ack(acked(2 * kMss));
  EXPECT_EQ(cc.cwnd(), 12 * kMss);
}

TEST(NewReno, AfterATimeOutAnAckCountsForOneSegmentAtMost) {  // RFC 3465 §2.3
  NewReno cc(kMss, 10 * kMss);
  cc.on_rto({.in_flight = 20 * kMss}, true);
  EXPECT_EQ(cc.cwnd(), kMss);
  cc.on_ack({.acked = 9 * kMss, .cwnd_limited = true, .after_timeout = true});
  EXPECT_EQ(cc.cwnd(), 2 * kMss);
  cc.on_ack(acked(3 * kMss));
  EXPECT_EQ(cc.cwnd(), 5 * kMss);
}

TEST(NewReno, TheInitialWindowIsBoundedInBytes) {  // RFC 6928 §2
  const TcpConfig config;
  EXPECT_EQ(Tcb::initial_window(config, 536), 5360U);
  EXPECT_EQ(Tcb::initial_window(config, 1460), 14600U);
  EXPECT_EQ(Tcb::initial_window(config, 4000), 14600U);
  EXPECT_EQ(Tcb::initial_window(config, 8948), 17896U);
}

TEST(NewReno, AvoidanceCountsBytesUpToOneWindow) {
  NewReno cc = avoiding();
  ASSERT_EQ(cc.cwnd(), 10 * kMss);
  EXPECT_FALSE(cc.in_slow_start());
  for (int i = 0; i < 9; ++i) cc.on_ack(acked(kMss));
  EXPECT_EQ(cc.cwnd(), 10 * kMss);
  cc.on_ack(acked(kMss));
  EXPECT_EQ(cc.cwnd(), 11 * kMss);
}

TEST(NewReno, AnAckAcrossTheThresholdCountsForBoth) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_rto({.in_flight = 8 * kMss}, true);
  EXPECT_EQ(cc.ssthresh(), 4 * kMss);
  cc.on_ack(acked(10 * kMss));  // three to the threshold, the other seven are more than a window
  EXPECT_EQ(cc.cwnd(), 5 * kMss);
}

TEST(NewReno, HalvesTheFlightAndNeverBelowTwoSegments) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_loss({.in_flight = kMss});
  EXPECT_EQ(cc.ssthresh(), 2 * kMss);
  EXPECT_EQ(cc.cwnd(), 5 * kMss);
  cc.on_duplicate_ack();
  EXPECT_EQ(cc.cwnd(), 6 * kMss);
}

TEST(NewReno, APartialAckDeflates) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_loss({.in_flight = 20 * kMss});
  cc.on_partial_ack(4 * kMss);
  EXPECT_EQ(cc.cwnd(), (13 - 4 + 1) * kMss);
  cc.on_partial_ack(kMss / 2);
  EXPECT_EQ(cc.cwnd(), 10 * kMss - kMss / 2);
  cc.on_partial_ack(1'000 * kMss);
  EXPECT_EQ(cc.cwnd(), 2 * kMss);
}

TEST(NewReno, RepeatedTimeOutsOfTheSameDataHalveOnce) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_rto({.in_flight = 10 * kMss}, true);
  cc.on_rto({.in_flight = kMss}, false);
  EXPECT_EQ(cc.ssthresh(), 5 * kMss);
  EXPECT_EQ(cc.cwnd(), kMss);
}

TEST(NewReno, IdleOnlyShrinks) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_ack(acked(10 * kMss));
  cc.on_idle(10 * kMss);
  EXPECT_EQ(cc.cwnd(), 10 * kMss);
  cc.on_rto({.in_flight = 10 * kMss}, true);
  cc.on_idle(10 * kMss);
  EXPECT_EQ(cc.cwnd(), kMss);
}

TEST(NewReno, AnUnusedWindowStays) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_ack(acked(10 * kMss, false));
  EXPECT_EQ(cc.cwnd(), 10 * kMss);
}

TEST(NewReno, TheWindowIsBounded) {
  NewReno cc(kMss, 10 * kMss);
  for (int i = 0; i < 100; ++i) cc.on_ack(acked(cc.cwnd()));
  const std::uint32_t most = cc.cwnd();
  for (int i = 0; i < 100; ++i) cc.on_ack(acked(cc.cwnd()));
  EXPECT_EQ(cc.cwnd(), most);
  EXPECT_LE(most, 1U << 30);
}

TEST(AnyCc, PassesEventsToWhatItHolds) {
  AnyCc reno{NewReno(kMss, 2 * kMss)};
  reno.on_ack(acked(kMss));
  EXPECT_EQ(reno.cwnd(), 3 * kMss);
  EXPECT_TRUE(reno.in_slow_start());
  AnyCc fixed{FixedWindow(7777)};
  fixed.on_ack(acked(kMss));
  fixed.on_loss({.in_flight = kMss});
  fixed.on_rto({.in_flight = kMss}, true);
  fixed.on_idle(1);
  EXPECT_EQ(fixed.cwnd(), 7777U);
  EXPECT_FALSE(fixed.in_slow_start());
}

}  // namespace
}  // namespace strata::tcp
