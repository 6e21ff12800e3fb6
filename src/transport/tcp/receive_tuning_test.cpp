// How a receive window follows its reader, without a connection.
#include "transport/tcp/receive_tuning.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

constexpr Duration kRtt = Duration::millis(100);
constexpr Instant at(std::int64_t millis) { return Instant::from_nanos(millis * 1'000'000); }

ReceiveTuning tuned(Duration rtt = kRtt) {
  return ReceiveTuning(
      {.read = SeqNum(0xffff'f000), .window = 65'536, .per_round = 10'000, .rtt = rtt, .now = at(0)});
}

/// A reader that has read `total` bytes by `millis`, and left `unread`.
ReceiveTuning::Read read(std::uint32_t total, std::int64_t millis, std::uint32_t unread = 0) {
  return {.upto = SeqNum(0xffff'f000) + total,
          .unread = unread,
          .mss = 1000,
          .window_max = 4'000'000,
          .now = at(millis)};
}

TEST(ReceiveTuning, GrowsWithWhatIsReadInARoundTrip) {
  ReceiveTuning tuning = tuned();
  EXPECT_FALSE(tuning.on_read(read(20'000, 99)));  // the round is not over
  EXPECT_TRUE(tuning.on_read(read(20'000, 100)));
  EXPECT_EQ(tuning.per_round(), 20'000U);
  EXPECT_GE(tuning.window(),
            4 * 20'000U);  // the next round may be twice this one, and the one after it again
  const std::uint32_t window = tuning.window();
  EXPECT_FALSE(tuning.on_read(read(40'000, 200)));  // the same pace
  EXPECT_EQ(tuning.window(), window);
  EXPECT_TRUE(tuning.on_read(read(90'000, 300)));
  EXPECT_GT(tuning.window(), window);
}

TEST(ReceiveTuning, HasABound) {
  ReceiveTuning tuning = tuned();
  EXPECT_TRUE(tuning.on_read(read(3'000'000, 100)));
  EXPECT_EQ(tuning.window(), 4'000'000U);
  EXPECT_FALSE(tuning.on_read(read(3'000'000 + 3'500'000, 200)));
}

TEST(ReceiveTuning, ABoundBelowTheWindowChangesNothing) {
  ReceiveTuning tuning = tuned();
  ReceiveTuning::Read none = read(50'000, 100);
  none.window_max = 0;
  EXPECT_FALSE(tuning.on_read(none));
  EXPECT_EQ(tuning.window(), 65'536U);
}

TEST(ReceiveTuning, AReaderThatComesSeldomHasToTakeAll) {
  ReceiveTuning tuning = tuned();
  EXPECT_FALSE(tuning.on_read(read(20'000, 300, 1)));
  EXPECT_FALSE(tuning.on_read(read(40'000, 600, 60'000)));
  EXPECT_EQ(tuning.per_round(), 10'000U);
  EXPECT_TRUE(tuning.on_read(read(100'000, 600)));
}

TEST(ReceiveTuning, InSlowStartTheNextRoundMayLieThereAlready) {
  ReceiveTuning tuning = tuned();
  EXPECT_TRUE(tuning.on_read(read(20'000, 110, 40'000)));
}

TEST(ReceiveTuning, WithoutARoundTripTimeItWaits) {
  ReceiveTuning tuning = tuned(Duration{});
  EXPECT_FALSE(tuning.on_read(read(50'000, 1'000)));
  tuning.on_data(SeqNum(1000), SeqNum(66'536), at(0));
  tuning.on_data(SeqNum(66'535), SeqNum(80'000), at(70));
  EXPECT_EQ(tuning.rtt(), Duration{});
  tuning.on_data(SeqNum(66'536), SeqNum(130'000), at(80));  // a window came
  EXPECT_EQ(tuning.rtt(), Duration::millis(80));
  tuning.on_data(SeqNum(130'000), SeqNum(190'000), at(1'000));
  EXPECT_EQ(tuning.rtt(), Duration::millis(80));  // the sender may have paused: only less counts
  tuning.on_data(SeqNum(190'000), SeqNum(250'000), at(1'060));
  EXPECT_EQ(tuning.rtt(), Duration::millis(60));
}

TEST(ReceiveTuning, StampsMoveTheRoundTripTimeByAnEighth) {
  ReceiveTuning tuning = tuned();
  tuning.on_echo(1, 101);  // as exact as a stamp of milliseconds is
  EXPECT_EQ(tuning.rtt(), kRtt);
  tuning.on_echo(2, 180);
  EXPECT_EQ(tuning.rtt(), Duration::millis(110));
  tuning.on_echo(2, 500);  // the same ACK of ours: its echo has aged
  EXPECT_EQ(tuning.rtt(), Duration::millis(110));
  tuning.on_echo(3, 0xffff'fff0);  // not a stamp of ours
  EXPECT_EQ(tuning.rtt(), Duration::millis(110));
}

TEST(ReceiveTuning, AStampCanBeTheFirstMeasure) {
  ReceiveTuning tuning = tuned(Duration{});
  tuning.on_echo(1, 0);
  EXPECT_EQ(tuning.rtt(), Duration::millis(1));
}

}  // namespace
}  // namespace strata::tcp
