// RFC 9406: when slow start is left, resumed, and over.
#include "transport/tcp/cc/hystart.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

constexpr Duration ms(std::int64_t n) { return Duration::millis(n); }

/// Rounds of eight ACKs for 1,000 bytes each.
struct Rounds {
  static constexpr std::uint32_t kAcks = 8;
  HyStart hystart;
  std::uint32_t acks = 0;
  bool cwnd_limited = true;

  void ack(Duration rtt, std::uint32_t times = 1) {
    for (; times > 0; --times) {
      ++acks;
      const std::uint32_t sent = (acks / kAcks + 1) * kAcks;  // the last ACK of a round sends the next
      hystart.on_ack({.rtt = rtt,
                      .snd_una = SeqNum(0xFFFF'F000U) + acks * 1000,
                      .snd_nxt = SeqNum(0xFFFF'F000U) + sent * 1000,
                      .cwnd_limited = cwnd_limited});
    }
  }
  void round(Duration rtt) { ack(rtt, kAcks); }

  /// True when a delay that rises from `before` to `after` begins Conservative Slow Start.
  static bool rise(Duration before, Duration after) {
    Rounds path;
    path.round(before);
    path.round(before);
    path.round(after);
    return path.hystart.in_css();
  }
};

TEST(HyStart, TheThresholdIsAnEighthWithinFourAndSixteenMilliseconds) {  // RFC 9406 §4.2
  EXPECT_TRUE(Rounds::rise(ms(80), ms(90)));
  EXPECT_FALSE(Rounds::rise(ms(80), ms(89)));
  EXPECT_TRUE(Rounds::rise(ms(8), ms(12)));
  EXPECT_FALSE(Rounds::rise(ms(8), ms(11)));
  EXPECT_TRUE(Rounds::rise(Duration::micros(10), Duration::micros(4'010)));
  EXPECT_TRUE(Rounds::rise(ms(400), ms(416)));
  EXPECT_FALSE(Rounds::rise(ms(400), ms(415)));
  EXPECT_TRUE(Rounds::rise(Duration::seconds(10), Duration::seconds(20'000)));
}

TEST(HyStart, SevenSamplesProveNothing) {  // N_RTT_SAMPLE
  Rounds path;
  path.round(ms(80));
  path.round(ms(80));
  path.ack(ms(200), 7);
  EXPECT_FALSE(path.hystart.in_css());
  path.ack(ms(200));
  EXPECT_TRUE(path.hystart.in_css());
}

TEST(HyStart, TheLeastDelayOfARoundCounts) {
  Rounds path;
  path.round(ms(80));
  path.round(ms(80));
  path.ack(ms(81));
  path.ack(ms(200), 7);
  EXPECT_FALSE(path.hystart.in_css());
}

TEST(HyStart, AcksWithoutASampleAreNoSamples) {
  Rounds path;
  path.round(ms(80));
  path.round(ms(80));
  path.ack(Duration());
  path.ack(ms(200), 7);
  EXPECT_FALSE(path.hystart.in_css());
}

TEST(HyStart, ConservativeSlowStartGrowsAQuarterAsFast) {  // CSS_GROWTH_DIVISOR
  Rounds path;
  EXPECT_EQ(path.hystart.growth(64'000), 64'000U);
  path.round(ms(80));
  path.round(ms(80));
  path.round(ms(100));
  EXPECT_EQ(path.hystart.growth(64'000), 16'000U);
}

TEST(HyStart, IsOverAfterFiveRoundsWithTheFirstPartialOne) {  // CSS_ROUNDS
  Rounds path;
  path.round(ms(80));
  path.round(ms(80));
  path.round(ms(100));  // in its last ACK Conservative Slow Start begins, and its first round ends
  for (int i = 0; i < 3; ++i) path.round(ms(100));
  EXPECT_FALSE(path.hystart.is_over());
  path.round(ms(100));
  EXPECT_TRUE(path.hystart.is_over());
}

TEST(HyStart, SlowStartResumesWhenTheDelayFalls) {
  Rounds path;
  path.round(ms(80));
  path.round(ms(80));
  path.round(ms(100));
  path.round(ms(100));
  path.round(ms(99));
  EXPECT_FALSE(path.hystart.in_css());
  for (int i = 0; i < 10; ++i) path.round(ms(99));
  EXPECT_FALSE(path.hystart.is_over());
  path.round(ms(130));
  EXPECT_TRUE(path.hystart.in_css());
  for (int i = 0; i < 3; ++i) path.round(ms(130));
  EXPECT_FALSE(path.hystart.is_over());  // counted anew
  path.round(ms(130));
  EXPECT_TRUE(path.hystart.is_over());
}

TEST(HyStart, AnUnusedWindowDoesNotEndSlowStart) {
  Rounds path;
  path.cwnd_limited = false;
  path.round(ms(80));
  path.round(ms(80));
  for (int i = 0; i < 20; ++i) path.round(ms(100 * (i + 1)));
  EXPECT_FALSE(path.hystart.in_css());
}

}  // namespace
}  // namespace strata::tcp
