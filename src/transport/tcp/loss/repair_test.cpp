// The small mechanisms of repair: rate reduction (RFC 9937), false alarms (RFC 3522, RFC 3708), tail probes
// (RFC 8985 §7), and whether a window is used (RFC 7661).
#include <gtest/gtest.h>

#include "transport/tcp/cc/window_use.hpp"
#include "transport/tcp/loss/false_alarm.hpp"
#include "transport/tcp/loss/prr.hpp"
#include "transport/tcp/loss/tail_probe.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

TEST(RateReduction, SendsHalfOfWhatArrivesDownToHalf) {
  RateReduction reduction;
  reduction.begin(20 * kMss);
  std::uint32_t in_flight = 18 * kMss;  // one is lost, one arrived
  std::uint32_t sent = 0;
  for (int acks = 0; acks < 18; ++acks) {
    const std::uint32_t window = reduction.window({.delivered = kMss,
                                                   .in_flight = in_flight,
                                                   .ssthresh = 10 * kMss,
                                                   .mss = kMss,
                                                   .safe = true,
                                                   .hole_follows = false});
    for (; window >= in_flight + kMss; in_flight += kMss, sent += kMss) reduction.on_sent(kMss);
    in_flight -= kMss;
  }
  EXPECT_EQ(in_flight + kMss, 10 * kMss);
}

TEST(RateReduction, TheFirstRepetitionAlwaysLeaves) {
  RateReduction reduction;
  reduction.begin(4 * kMss);
  EXPECT_EQ(reduction.window({.delivered = 0,
                              .in_flight = 3 * kMss,
                              .ssthresh = 2 * kMss,
                              .mss = kMss,
                              .safe = false,
                              .hole_follows = false}),
            4 * kMss);
}

TEST(RateReduction, BelowTheTargetItGrowsOnlyByWhatArrivesUnlessAllIsWell) {
  for (const bool safe : {false, true}) {
    RateReduction reduction;
    reduction.begin(20 * kMss);
    reduction.on_sent(kMss);
    EXPECT_EQ(reduction.window({.delivered = 2 * kMss,
                                .in_flight = 3 * kMss,
                                .ssthresh = 10 * kMss,
                                .mss = kMss,
                                .safe = safe,
                                .hole_follows = false}),
              (safe ? 6 : 5) * kMss);
  }
}

TEST(FalseAlarm, AnEchoOlderThanTheFirstRepetitionProvesIt) {  // RFC 3522 §3.2
  FalseAlarm alarm;
  EXPECT_FALSE(alarm.proven_by_echo(0));
  alarm.begin(SeqNum(0));
  EXPECT_FALSE(alarm.proven_by_echo(99));  // nothing was sent again
  alarm.on_resent(100, 1);
  alarm.on_resent(200, 1);
  EXPECT_TRUE(alarm.proven_by_echo(99));
  EXPECT_FALSE(alarm.proven_by_echo(100));
  EXPECT_FALSE(alarm.proven_by_echo(150));
  alarm.end();
  EXPECT_FALSE(alarm.proven_by_echo(99));
}

TEST(FalseAlarm, EveryRepetitionMustBeReportedTwice) {  // RFC 3708 §3
  FalseAlarm alarm;
  alarm.begin(SeqNum(1000));
  EXPECT_FALSE(alarm.proven_by_duplicates());
  alarm.on_resent(1, 2);
  alarm.on_duplicate_reported({SeqNum(0), SeqNum(1000)}, 5);  // older than this alarm
  alarm.on_duplicate_reported({SeqNum(1000), SeqNum(2000)}, 1);
  EXPECT_FALSE(alarm.proven_by_duplicates());
  alarm.on_duplicate_reported({SeqNum(2000), SeqNum(3000)}, 1);
  EXPECT_TRUE(alarm.proven_by_duplicates());
}

TEST(TailProbe, WaitsForTwoRoundTripsAndForADelayedAck) {  // RFC 8985 §7.2
  const Duration delay = Duration::millis(200);
  EXPECT_EQ(TailProbe::timeout(Duration{}, delay, true), Duration::seconds(1));
  EXPECT_EQ(TailProbe::timeout(Duration::millis(50), delay, true), Duration::millis(300));
  EXPECT_EQ(TailProbe::timeout(Duration::millis(50), delay, false), Duration::millis(102));
}

TEST(TailProbe, OfNewDataSaysNothingAboutLoss) {
  TailProbe probe;
  probe.on_sent(SeqNum(100), false);
  EXPECT_FALSE(probe.on_ack({.ack = SeqNum(99), .duplicate_reported = false, .pure_duplicate = false}));
  EXPECT_TRUE(probe.outstanding());
  EXPECT_FALSE(probe.on_ack({.ack = SeqNum(100), .duplicate_reported = false, .pure_duplicate = false}));
  EXPECT_FALSE(probe.outstanding());
}

TEST(TailProbe, ARepetitionThatNobodyHadTwiceRepairedALoss) {  // RFC 8985 §7.4.2
  TailProbe probe;
  probe.on_sent(SeqNum(100), true);
  EXPECT_FALSE(probe.on_ack({.ack = SeqNum(100), .duplicate_reported = false, .pure_duplicate = false}));
  EXPECT_TRUE(probe.outstanding());  // its twin may still come
  EXPECT_TRUE(probe.on_ack({.ack = SeqNum(200), .duplicate_reported = false, .pure_duplicate = false}));
  EXPECT_FALSE(probe.outstanding());
}

TEST(TailProbe, ATwinThatArrivedAsWellEndsIt) {
  for (const bool by_dsack : {false, true}) {
    TailProbe probe;
    probe.on_sent(SeqNum(100), true);
    EXPECT_FALSE(
        probe.on_ack({.ack = SeqNum(100), .duplicate_reported = by_dsack, .pure_duplicate = !by_dsack}));
    EXPECT_FALSE(probe.outstanding());
  }
}

TEST(WindowUse, HalfIsEnoughInSlowStart) {
  WindowUse use;
  use.on_transmit(SeqNum(0), SeqNum(6000), 6000, false);
  EXPECT_TRUE(use.allows_growth(10'000, true));
  EXPECT_FALSE(use.allows_growth(12'000, true));
  EXPECT_FALSE(use.allows_growth(10'000, false));
}

TEST(WindowUse, IsJudgedAnewForEachWindow) {
  WindowUse use;
  use.on_transmit(SeqNum(0), SeqNum(6000), 6000, true);
  use.on_transmit(SeqNum(1000), SeqNum(6500), 5500, false);
  EXPECT_TRUE(use.allows_growth(10'000, false));
  use.on_transmit(SeqNum(6000), SeqNum(7000), 1000, false);
  EXPECT_FALSE(use.allows_growth(10'000, false));
}

}  // namespace
}  // namespace strata::tcp
