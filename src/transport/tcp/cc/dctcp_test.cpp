// RFC 8257: the estimate of marks and the reaction in proportion.
#include "transport/tcp/cc/dctcp.hpp"

#include <gtest/gtest.h>

#include "transport/tcp/cc/test_path.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

constexpr Duration ms(std::int64_t n) { return Duration::millis(n); }

double alpha(const Dctcp& cc) { return cc.alpha() / double{Dctcp::kOne}; }

TEST(Dctcp, WithoutMarksAlphaFallsByASixteenthInARoundTrip) {  // RFC 8257 §3.3, g = 1/16
  TestPath path{.mss = kMss, .rtt = ms(1)};
  Dctcp cc(kMss, 10 * kMss);
  EXPECT_EQ(alpha(cc), 1.0);
  path.round(cc);
  path.round(cc);
  const double first = alpha(cc);
  for (int i = 0; i < 10; ++i) path.round(cc);
  EXPECT_NEAR(alpha(cc) / first, 0.5245, 0.001);  // (15/16)^10
}

TEST(Dctcp, AlphaConvergesToTheShareOfMarkedBytes) {
  for (const std::uint32_t percent : {0U, 5U, 30U, 100U}) {
    TestPath path{.mss = kMss, .rtt = ms(1)};
    path.marked_percent = percent;
    Dctcp cc(kMss, 10 * kMss);
    cc.set_cwnd(100 * kMss);
    path.lose(cc);
    for (int i = 0; i < 200; ++i) path.round(cc);
    EXPECT_NEAR(alpha(cc), percent / 100.0, 0.001);
  }
}

TEST(Dctcp, SlowsDownByHalfOfAlpha) {
  TestPath path{.mss = kMss, .rtt = ms(1)};
  path.marked_percent = 20;
  Dctcp cc(kMss, 10 * kMss);
  cc.set_cwnd(100 * kMss);
  path.lose(cc);
  for (int i = 0; i < 200; ++i) path.round(cc);
  cc.set_cwnd(100 * kMss);
  cc.on_congestion({.in_flight = 100 * kMss, .kind = CongestionEvent::Kind::ecn});
  EXPECT_NEAR(cc.ssthresh(), 90 * kMss, 100);
}

TEST(Dctcp, TheFirstMarkHalves) {  // alpha begins with 1
  Dctcp cc(kMss, 10 * kMss);
  cc.on_congestion({.in_flight = 10 * kMss, .kind = CongestionEvent::Kind::ecn});
  EXPECT_EQ(cc.ssthresh(), 5 * kMss);
}

TEST(Dctcp, LossIsAnsweredAsByAnyTcp) {  // RFC 8257 §3.5
  TestPath path{.mss = kMss, .rtt = ms(1)};
  Dctcp cc(kMss, 10 * kMss);
  for (int i = 0; i < 3; ++i) path.round(cc);
  EXPECT_EQ(cc.cwnd(), 80 * kMss);
  cc.on_congestion({.in_flight = 80 * kMss});
  EXPECT_EQ(cc.ssthresh(), 40 * kMss);
  cc.set_cwnd(40 * kMss);
  cc.undo();
  EXPECT_EQ(cc.cwnd(), 80 * kMss);
}

TEST(Dctcp, GrowsAsReno) {  // RFC 8257 §3.4
  TestPath path{.mss = kMss, .rtt = ms(1)};
  Dctcp cc(kMss, 20 * kMss);
  path.lose(cc);
  for (int i = 0; i < 10; ++i) path.round(cc);
  EXPECT_EQ(cc.cwnd(), 20 * kMss);
}

}  // namespace
}  // namespace strata::tcp
