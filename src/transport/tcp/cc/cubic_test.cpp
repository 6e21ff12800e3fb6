// RFC 9438 against its own formulas and tables. The numbers on the right were worked out from the text, in
// floating point; windows are in segments of 1,000 bytes where a name does not say otherwise.
#include "transport/tcp/cc/cubic.hpp"

#include <gtest/gtest.h>

#include "transport/tcp/cc/cubic_curve.hpp"
#include "transport/tcp/cc/new_reno.hpp"
#include "transport/tcp/cc/test_path.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

constexpr Duration ms(std::int64_t n) { return Duration::millis(n); }
constexpr Duration s(std::int64_t n) { return Duration::seconds(n); }

#define EXPECT_SEGMENTS(cc, expected, percent)                                      \
  EXPECT_NEAR((cc).cwnd() / double{kMss}, expected, (expected) * (percent) / 100.0)

/// Just after the loss of a window of so many segments.
Cubic after_loss(TestPath& path, std::uint32_t segments) {
  Cubic cc(path.mss, 10 * path.mss);
  cc.set_cwnd(segments * path.mss);
  path.lose(cc);
  return cc;
}

TEST(CubicCurve, IsFourTenthsOfASegmentTimesSecondsCubed) {
  EXPECT_EQ(cubic_rise(0, 1460), 0U);
  EXPECT_EQ(cubic_rise(1'000'000, 1460), 584U);
  EXPECT_EQ(cubic_rise(10'000'000, 1460), 584'000U);
  EXPECT_EQ(cubic_rise(100'000'000, 1460), 584'000'000U);
  EXPECT_NEAR(static_cast<double>(cubic_rise(3'141'593, 1460)), 18'107.7, 20);
}

TEST(CubicCurve, KIsTheCubeRoot) {  // RFC 9438 §4.2, of W_max - cwnd_epoch = 0.3 W_max
  EXPECT_NEAR(time_of_cubic_rise(3 * kMss, kMss), 1'957'434, 2'000);
  EXPECT_NEAR(time_of_cubic_rise(30 * kMss, kMss), 4'217'163, 500);
  EXPECT_NEAR(time_of_cubic_rise(300 * kMss, kMss), 9'085'603, 500);
  EXPECT_NEAR(time_of_cubic_rise(300'000 * kMss, kMss), 90'856'030, 500);
}

TEST(CubicCurve, HoldsTheLargestWindowInTheSmallestSegments) {
  EXPECT_NEAR(time_of_cubic_rise(kCwndMax, 1), 1'389'794'000, 1'000'000);  // cbrt(2^30 / 0.4) seconds
  EXPECT_GT(cubic_rise(0x7FFF'FFFF, 1), kCwndMax);
  EXPECT_GT(cubic_rise(0x7FFF'FFFF, 65'535), kCwndMax);
}

TEST(Cubic, FollowsTheCurveOnALongPath) {  // C(t - K)^3 + W_max with W_max = 1000, K = 9.0856 s
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  EXPECT_SEGMENTS(cc, 700, 0.01);
  path.run(cc, s(1));
  EXPECT_SEGMENTS(cc, 788.6, 1);
  path.run(cc, s(1));
  EXPECT_SEGMENTS(cc, 857.7, 0.5);
  path.run(cc, s(3));
  EXPECT_SEGMENTS(cc, 972.7, 0.2);
  path.run(cc, s(4));
  EXPECT_SEGMENTS(cc, 1000.0, 0.1);
  path.run(cc, s(3));
  EXPECT_SEGMENTS(cc, 1009.9, 0.2);
}

TEST(Cubic, GoesBeyondTheOldWindowInTheConvexRegion) {  // t = 30: 1000 + 0.4 * 20.914^3
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  path.run(cc, s(30));
  EXPECT_SEGMENTS(cc, 4659.4, 1);
}

TEST(Cubic, OnAShortPathTheLargerOfCurveAndRenoRules) {  // RFC 9438 §4.3
  TestPath path{.mss = kMss, .rtt = ms(10)};
  Cubic cc = after_loss(path, 1000);
  path.run(cc, s(2));
  EXPECT_SEGMENTS(cc, 857.7, 0.5);  // the curve; Reno would be at 700 + 9/17 * 200 = 805.9
  path.run(cc, s(7));
  EXPECT_SEGMENTS(cc, 1333.3, 1);  // Reno: 1000 after 5.67 s, from there a segment for each round trip
}

TEST(Cubic, NeverGrowsByMoreThanHalfInARoundTrip) {  // RFC 9438 §4.2: target <= 1.5 cwnd
  TestPath path{.mss = kMss, .rtt = s(10)};
  Cubic cc = after_loss(path, 100);
  for (int i = 0; i < 20; ++i) {
    const std::uint32_t before = cc.cwnd();
    path.round(cc);
    EXPECT_LE(cc.cwnd(), before + before / 2 + before / 4);  // half of a window that grows meanwhile
    EXPECT_GE(cc.cwnd(), before);
  }
}

/// The average window when each n-th segment is lost, in segments.
template <class C>
double average_window(std::uint32_t n, Duration rtt, std::uint32_t expected) {
  TestPath path{.mss = kMss, .rtt = rtt};
  C cc(kMss, expected * kMss);
  double sum = 0;
  double rounds = 0;
  std::uint64_t sent = 0;
  path.lose(cc);
  for (std::uint64_t losses = 0; losses < 60; ++rounds) {
    sum += cc.cwnd() / double{kMss};
    sent += cc.cwnd() / kMss;
    path.round(cc);
    if (sent / n > losses) path.lose(cc);
    losses = sent / n;
  }
  return sum / rounds;
}

TEST(Cubic, IsAsFastAsRenoWhereRenoIsFastEnough) {  // RFC 9438 §5.1, tables 1 and 2
  struct Row {
    std::uint32_t one_in;
    std::int64_t rtt_ms;
    double reno;
    double cubic;
  };
  for (const Row row : {Row{100, 100, 12, 12}, Row{1'000, 100, 38, 38}, Row{10'000, 100, 120, 187},
                        Row{100'000, 100, 379, 1054}, Row{100, 10, 12, 12}, Row{1'000, 10, 38, 38},
                        Row{10'000, 10, 120, 120}, Row{100'000, 10, 379, 379}}) {
    const double reno = average_window<NewReno>(row.one_in, ms(row.rtt_ms), 40);
    const double cubic = average_window<Cubic>(row.one_in, ms(row.rtt_ms), 40);
    EXPECT_NEAR(reno, row.reno, row.reno * 0.08) << row.one_in << ' ' << row.rtt_ms;
    EXPECT_NEAR(cubic, row.cubic, row.cubic * 0.08) << row.one_in << ' ' << row.rtt_ms;
  }
}

TEST(Cubic, ReducesToSevenTenthsAndNeverBelowTwoSegments) {  // RFC 9438 §4.6
  Cubic cc(kMss, 10 * kMss);
  cc.on_congestion({.in_flight = 10 * kMss, .kind = CongestionEvent::Kind::ecn});
  EXPECT_EQ(cc.ssthresh(), 7 * kMss);
  EXPECT_EQ(cc.cwnd(), 10 * kMss);  // the caller's
  cc.on_congestion({.in_flight = kMss});
  EXPECT_EQ(cc.ssthresh(), 2 * kMss);
}

TEST(Cubic, MakesRoomWhenItGetsLessThanLastTime) {  // RFC 9438 §4.7: W_max = 800 * 0.85
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  cc.set_cwnd(800 * kMss);
  path.lose(cc);
  path.run(cc, ms(6'700));  // K = cbrt((680 - 560) / 0.4)
  EXPECT_SEGMENTS(cc, 680, 0.2);
}

TEST(Cubic, AfterATimeoutThePlateauIsWhereAvoidanceBegins) {  // RFC 9438 §4.8: K = 0
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  cc.set_cwnd(1000 * kMss);
  path.time_out(cc);
  EXPECT_EQ(cc.ssthresh(), 700 * kMss);
  EXPECT_TRUE(cc.in_slow_start());
  while (cc.in_slow_start()) path.round(cc);
  path.run(cc, s(8));
  EXPECT_SEGMENTS(cc, 700 + 0.4 * 8 * 8 * 8, 1.5);
}

TEST(Cubic, AfterATimeoutAnAckCountsForOneSegmentAtMost) {  // RFC 3465 §2.3
  Cubic cc(kMss, 10 * kMss);
  cc.on_congestion({.in_flight = 20 * kMss, .kind = CongestionEvent::Kind::timeout});
  cc.set_cwnd(kMss);
  cc.on_ack({.acked = 9 * kMss, .cwnd_limited = true, .after_timeout = true});
  EXPECT_EQ(cc.cwnd(), 2 * kMss);
}

TEST(Cubic, TimeWithoutAFullWindowDoesNotCount) {  // RFC 9438 §4.2, §5.8
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  path.run(cc, s(2));
  const std::uint32_t before = cc.cwnd();
  path.cwnd_limited = false;
  path.run(cc, s(60));
  EXPECT_EQ(cc.cwnd(), before);
  path.cwnd_limited = true;
  path.now = path.now + s(3'600);  // nothing sent at all
  path.run(cc, s(3));
  EXPECT_SEGMENTS(cc, 972.7, 1);  // as after five seconds
}

TEST(Cubic, AFalseAlarmLeavesNoTrace) {  // RFC 9438 §4.9
  for (const Duration rtt : {ms(100), ms(10)}) {
    TestPath path{.mss = kMss, .rtt = rtt};
    Cubic cc = after_loss(path, 1000);
    path.run(cc, s(3));
    Cubic calm = cc;
    const std::uint32_t before = cc.cwnd();
    for (const bool timeout : {false, true}) {
      timeout ? path.time_out(cc) : path.lose(cc);
      EXPECT_LT(cc.cwnd(), before);
      cc.undo();
      EXPECT_EQ(cc.cwnd(), before);
      EXPECT_EQ(cc.ssthresh(), 700 * kMss);
      cc.undo();  // there is nothing more to undo
      EXPECT_EQ(cc.cwnd(), before);
    }
    TestPath beside = path;
    path.run(cc, s(4));
    beside.run(calm, s(4));
    EXPECT_EQ(cc.cwnd(), calm.cwnd());
  }
}

TEST(Cubic, TheTimeOfAFalseAlarmCounts) {  // RFC 9438 §4.9: t_epoch is restored
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  path.run(cc, s(2));
  path.lose(cc);
  path.run(cc, s(3));
  cc.undo();
  path.run(cc, s(4));
  EXPECT_SEGMENTS(cc, 1000, 0.3);  // as after nine seconds
}

TEST(Cubic, WhatGrewBeyondTheOldWindowStays) {  // RFC 9438 §4.9.2
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 100);
  path.run(cc, s(20));
  const std::uint32_t grown = cc.cwnd();
  ASSERT_GT(grown, 100 * kMss);
  cc.undo();
  EXPECT_EQ(cc.cwnd(), grown);
  EXPECT_EQ(cc.ssthresh(), 70 * kMss);
}

TEST(Cubic, AFalseAlarmInTheFirstSlowStartDoesNotEndIt) {
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc(kMss, 10 * kMss);
  path.round(cc);
  EXPECT_EQ(cc.cwnd(), 20 * kMss);
  path.time_out(cc);
  path.round(cc);
  cc.undo();
  EXPECT_EQ(cc.cwnd(), 20 * kMss);
  path.round(cc);
  EXPECT_EQ(cc.cwnd(), 40 * kMss);
  path.rtt = ms(113);  // nor does HyStart++ rest
  for (int i = 0; i < 10 && cc.in_slow_start(); ++i) path.round(cc);
  EXPECT_FALSE(cc.in_slow_start());
}

TEST(Cubic, AWindowBroughtDownComesBackNoFasterThanInSlowStart) {
  TestPath path{.mss = kMss, .rtt = ms(10)};
  Cubic cc = after_loss(path, 100);
  path.run(cc, s(3));
  ASSERT_GT(cc.cwnd(), 200 * kMss);
  cc.set_cwnd(80 * kMss);
  path.round(cc);
  EXPECT_LE(cc.cwnd(), 160 * kMss);
}

TEST(Cubic, LeavesTheFirstSlowStartWhenTheDelayRises) {  // RFC 9438 §4.10
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc(kMss, 10 * kMss);
  for (int i = 0; i < 3; ++i) path.round(cc);
  EXPECT_EQ(cc.cwnd(), 80 * kMss);
  path.rtt = ms(113);
  for (int i = 0; i < 10 && cc.in_slow_start(); ++i) path.round(cc);
  EXPECT_FALSE(cc.in_slow_start());
  EXPECT_LT(cc.cwnd(), 320 * kMss);  // a doubling, and a quarter for each of less than five round trips
  const double left_at = cc.ssthresh() / double{kMss};
  path.run(cc, s(10));
  EXPECT_SEGMENTS(cc, left_at + 400, 4);  // K = 0
}

TEST(Cubic, AfterIdlenessSlowStartEndsNearTheOldWindow) {  // RFC 5681 §4.1, RFC 7661 §4.4.3
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  path.run(cc, s(9));
  cc.on_idle(10 * kMss);
  EXPECT_EQ(cc.cwnd(), 10 * kMss);
  EXPECT_NEAR(cc.ssthresh(), 750 * kMss, 2 * kMss);
  cc.on_idle(20 * kMss);
  EXPECT_EQ(cc.cwnd(), 10 * kMss);
  while (cc.in_slow_start()) path.round(cc);
  path.run(cc, s(1));
  EXPECT_SEGMENTS(cc, 827.9, 2);  // from 750 towards W_max, as after a loss
}

TEST(Cubic, AnotherSegmentSizeBeginsAnotherCurve) {
  TestPath path{.mss = kMss, .rtt = ms(100)};
  Cubic cc = after_loss(path, 1000);
  path.run(cc, s(2));
  const std::uint32_t before = cc.cwnd();
  cc.set_mss(kMss / 2);
  path.mss = kMss / 2;
  path.round(cc);
  EXPECT_GE(cc.cwnd(), before);
  EXPECT_LT(cc.cwnd(), before + before / 20);
}

TEST(Cubic, SmallGrowthAddsUp) {  // a byte and less for each ACK
  Cubic cc(kMss, 10 * kMss);
  cc.set_cwnd(kCwndMax / 2);
  cc.on_congestion({.in_flight = kCwndMax / 2, .kind = CongestionEvent::Kind::timeout});
  cc.set_cwnd(cc.ssthresh());
  const std::uint32_t before = cc.cwnd();
  Instant now;
  for (std::uint32_t acked = 0; acked < before; acked += kMss) {  // one round trip of 1 ms: Reno's growth
    now = now + Duration::nanos(2);
    cc.on_ack({.now = now, .acked = kMss, .srtt = ms(1), .cwnd_limited = true});
  }
  EXPECT_NEAR(cc.cwnd() - before, 9.0 / 17 * kMss, 50);
}

TEST(Cubic, HoldsForAllWindowsDelaysAndHours) {
  for (const std::uint32_t mss : {1U, 48U, 536U, 1460U, 8948U, 65'535U}) {
    for (const std::uint32_t window : {2U * mss, 1'000U * mss, kCwndMax / 2, kCwndMax}) {
      for (const Duration srtt : {Duration::micros(10), ms(10), s(10)}) {
        Cubic cc(mss, mss);
        cc.set_cwnd(window);
        cc.on_congestion({.in_flight = 0xFFFF'FFFFU});
        cc.set_cwnd(cc.cwnd() / 2);
        Instant now = Instant::from_nanos(std::int64_t{1} << 62);
        for (int i = 0; i < 2'000; ++i) {
          const std::uint32_t before = cc.cwnd();
          now = now + srtt + srtt;
          cc.on_ack({.now = now, .acked = 0xFFFF'FFFFU >> (i % 32), .srtt = srtt, .cwnd_limited = true});
          ASSERT_GE(cc.cwnd(), before);
          ASSERT_LE(cc.cwnd(), kCwndMax);
        }
        now = now + s(100 * 3'600);
        cc.on_ack({.now = now, .acked = mss, .cwnd_limited = true});
        EXPECT_LE(cc.cwnd(), kCwndMax);
      }
    }
  }
}

}  // namespace
}  // namespace strata::tcp
