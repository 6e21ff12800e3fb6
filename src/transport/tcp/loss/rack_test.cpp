// RFC 8985 §6.2 step by step, on a scoreboard and nothing else.
#include "transport/tcp/loss/rack.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

constexpr Duration kRtt = Duration::millis(100);

struct RackTest : testing::Test {
  RecordPool pool{1U << 10};
  Scoreboard board;
  Rack rack;
  Instant now = Instant::from_nanos(1'000'000'000);

  void SetUp() override { board.begin(pool, SeqNum(0)); }
  void TearDown() override { board.clear(pool); }

  /// `count` segments of 100 bytes, 1 ms apart.
  void send(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_TRUE(board.reserve(pool, 1));
      board.on_sent(board.end() + 100, now);
      now = now + Duration::millis(1);
    }
  }
  void arrives(std::uint32_t from, std::uint32_t to, bool echo_is_older = false) {
    const SeqNum highest = board.highest_sacked();
    board.sack({SeqNum(from * 100), SeqNum(to * 100)}, [&](const TransmitRecord& record) {
      rack.detect_reordering(record, highest);
      rack.on_delivered(record, now, kRtt, echo_is_older);
    });
  }
  Duration detect(bool enough_sacks = false, bool recovering = false) {
    return rack.detect_loss(
        board,
        {.now = now, .srtt = kRtt, .min_rtt = kRtt, .recovering = recovering, .enough_sacks = enough_sacks});
  }
};

TEST_F(RackTest, NothingIsLostBeforeSomethingArrived) {
  send(5);
  now = now + Duration::seconds(10);
  EXPECT_EQ(detect(true), Duration{});
  EXPECT_EQ(board.lost_bytes(), 0U);
}

TEST_F(RackTest, AQuarterOfTheRoundTripMayPassForReordering) {
  send(3);
  now = now + kRtt;
  arrives(2, 3);  // 101 ms after it was sent; the first is 2 ms older
  EXPECT_EQ(detect(), Duration::millis(23));
  EXPECT_EQ(board.lost_bytes(), 0U);
  now = now + Duration::millis(23);
  EXPECT_EQ(detect(), Duration::millis(1));  // the second
  EXPECT_EQ(board.lost_bytes(), 100U);
  now = now + Duration::millis(1);
  EXPECT_EQ(detect(), Duration{});
  EXPECT_EQ(board.lost_bytes(), 200U);
}

TEST_F(RackTest, ThreeReportsNeedNoWaiting) {  // while nothing was ever reordered
  send(5);
  now = now + kRtt;
  arrives(1, 4);
  EXPECT_EQ(detect(true), Duration{});
  EXPECT_EQ(board.next_lost(), board.head());
  EXPECT_EQ(board.lost_bytes(), 100U);  // the fifth was sent after what arrived
}

TEST_F(RackTest, WhereReorderingWasSeenThreeReportsAreNotEnough) {
  send(6);
  now = now + kRtt;
  arrives(4, 5);
  arrives(2, 3);
  EXPECT_TRUE(rack.reordering_seen());
  arrives(3, 4);
  EXPECT_GT(detect(true), Duration{});
  EXPECT_EQ(board.lost_bytes(), 0U);
}

TEST_F(RackTest, ARepetitionThatArrivesShowsThatALaterOneIsNotLostYet) {
  send(4);
  now = now + kRtt;
  arrives(1, 4);
  (void)detect(true);
  board.on_resent(board.head(), now);
  now = now + kRtt;
  EXPECT_EQ(detect(true, true), Duration{});
  EXPECT_EQ(board.lost_bytes(), board.resent_bytes());
}

TEST_F(RackTest, ALostRepetitionIsFound) {
  send(4);
  now = now + kRtt;
  arrives(1, 3);
  board.mark_lost(board.head());
  board.on_resent(board.head(), now);
  now = now + Duration::millis(1);
  send(1);
  now = now + kRtt;
  arrives(4, 5);  // sent after the repetition
  EXPECT_EQ(detect(true, true), Duration{});
  EXPECT_EQ(board.next_lost(), board.head());
}

TEST_F(RackTest, AnAckThatMayBeForTheOriginalSaysNothing) {
  send(2);
  board.mark_lost(board.head() + 1);
  now = now + kRtt;
  board.on_resent(board.head() + 1, now);
  now = now + Duration::millis(5);
  arrives(1, 2);  // sooner than a round trip
  EXPECT_FALSE(rack.has_delivery());
  send(1);
  board.mark_lost(board.head() + 2);
  board.on_resent(board.head() + 2, now);
  now = now + kRtt;
  arrives(2, 3, true);  // its timestamp is the original's
  EXPECT_FALSE(rack.has_delivery());
}

TEST_F(RackTest, EachRoundOfNeedlessRepetitionsWidensTheWindowUpToTheRoundTrip) {
  const Rack::Situation at{
      .now = now, .srtt = kRtt, .min_rtt = kRtt, .recovering = false, .enough_sacks = false};
  EXPECT_EQ(rack.reordering_window(at), kRtt / 4);
  rack.on_duplicate_reported(SeqNum(0), SeqNum(1000));
  rack.on_duplicate_reported(SeqNum(500), SeqNum(2000));  // the same round
  EXPECT_EQ(rack.reordering_window(at), kRtt / 2);
  for (std::uint32_t round = 1; round < 600; ++round) {
    rack.on_duplicate_reported(SeqNum(round * 1000), SeqNum(round * 1000 + 1000));
  }
  EXPECT_EQ(rack.reordering_window(at), kRtt);
  for (int i = 0; i < 15; ++i) rack.on_recovery_ends();
  EXPECT_EQ(rack.reordering_window(at), kRtt);
  rack.on_recovery_ends();
  EXPECT_EQ(rack.reordering_window(at), kRtt / 4);
}

TEST_F(RackTest, AFalseAlarmIsReorderingThatNobodySaw) {
  const Rack::Situation at{
      .now = now, .srtt = kRtt, .min_rtt = kRtt, .recovering = false, .enough_sacks = true};
  EXPECT_EQ(rack.reordering_window(at), Duration{});
  rack.on_false_alarm(SeqNum(0), SeqNum(1000));
  EXPECT_TRUE(rack.reordering_seen());
  EXPECT_EQ(rack.reordering_window(at), kRtt / 2);
}

}  // namespace
}  // namespace strata::tcp
