// The window arithmetic of RFC 5681, fed with events alone.
#include <gtest/gtest.h>

#include "transport/tcp/cc/policy.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

AckEvent acked(std::uint32_t bytes, bool cwnd_limited = true) {
  return {.acked = bytes, .cwnd_limited = cwnd_limited};
}

/// After a time-out with so much in flight.
NewReno timed_out(std::uint32_t in_flight) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_congestion({.in_flight = in_flight, .kind = CongestionEvent::Kind::timeout});
  cc.set_cwnd(kMss);
  return cc;
}

/// In congestion avoidance with a window of ten segments.
NewReno avoiding() {
  NewReno cc(kMss, 10 * kMss);
  cc.on_congestion({.in_flight = 20 * kMss});
  cc.set_cwnd(cc.ssthresh());
  return cc;
}

TEST(NewReno, BeginsInSlowStart) {
  NewReno cc(kMss, 10 * kMss);
  EXPECT_TRUE(cc.in_slow_start());
  cc.on_ack(acked(2 * kMss));
  EXPECT_EQ(cc.cwnd(), 12 * kMss);
}

TEST(NewReno, AfterATimeOutAnAckCountsForOneSegmentAtMost) {  // RFC 3465 §2.3
  NewReno cc = timed_out(20 * kMss);
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
  NewReno cc = timed_out(8 * kMss);
  EXPECT_EQ(cc.ssthresh(), 4 * kMss);
  cc.on_ack(acked(10 * kMss));  // three to the threshold, the other seven are more than a window
  EXPECT_EQ(cc.cwnd(), 5 * kMss);
}

TEST(NewReno, HalvesTheFlightAndNeverBelowTwoSegments) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_congestion({.in_flight = 9 * kMss});
  EXPECT_EQ(cc.ssthresh(), 4500U);
  EXPECT_EQ(cc.cwnd(), 10 * kMss);  // who repairs brings it down
  cc.on_congestion({.in_flight = kMss});
  EXPECT_EQ(cc.ssthresh(), 2 * kMss);
}

TEST(NewReno, AFalseAlarmIsUndone) {  // RFC 4015 §3
  NewReno cc(kMss, 10 * kMss);
  cc.on_ack(acked(10 * kMss));
  cc.on_congestion({.in_flight = 20 * kMss, .kind = CongestionEvent::Kind::timeout});
  cc.set_cwnd(kMss);
  cc.undo();
  EXPECT_EQ(cc.cwnd(), 20 * kMss);
  EXPECT_TRUE(cc.in_slow_start());
}

TEST(NewReno, TheWindowHoldsOneSegmentAtLeast) {
  NewReno cc(kMss, 10 * kMss);
  cc.set_cwnd(1);
  EXPECT_EQ(cc.cwnd(), kMss);
}

TEST(NewReno, IdleOnlyShrinks) {
  NewReno cc(kMss, 10 * kMss);
  cc.on_ack(acked(10 * kMss));
  cc.on_idle(10 * kMss);
  EXPECT_EQ(cc.cwnd(), 10 * kMss);
  cc.set_cwnd(kMss);
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
  fixed.on_congestion({.in_flight = kMss});
  fixed.set_cwnd(1);
  fixed.undo();
  fixed.on_idle(1);
  EXPECT_EQ(fixed.cwnd(), 7777U);
  EXPECT_FALSE(fixed.in_slow_start());
}

}  // namespace
}  // namespace strata::tcp
