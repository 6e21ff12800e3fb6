// Stamps beside the records: they follow their segments through growth and cutting, and the lost ones are
// told once, in order.
#include <gtest/gtest.h>

#include <vector>

#include "transport/tcp/loss/scoreboard.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kSize = 1000;

struct Stamps : testing::Test {
  RecordPool pool{1U << 10};
  Scoreboard board;
  SeqNum start{0xffff'f000U};
  std::uint32_t sent = 0;

  void SetUp() override { board.begin(pool, start); }
  void TearDown() override { board.clear(pool); }
  void send(std::uint32_t count, bool stamps = true) {
    for (; count > 0; --count) {
      ASSERT_TRUE(board.reserve(pool, 1, stamps));
      board.on_sent(board.end() + kSize, Instant::from_nanos(++sent));
      if (stamps) board.stamp(board.last(), {.delivered_time = Instant::from_nanos(1), .delivered = sent});
    }
  }
  std::uint32_t stamp(std::uint32_t index) const {
    return board.stamp_of(board.at(board.head() + index))->delivered;
  }
  std::vector<std::uint32_t> told() {
    std::vector<std::uint32_t> order;
    board.take_newly_lost([&](Scoreboard::Position at) { order.push_back(at - board.head()); });
    return order;
  }
};

TEST_F(Stamps, AreThereOnlyWhereTheyAreAskedFor) {
  send(3, false);
  EXPECT_EQ(board.stamp_of(board.at(board.head())), nullptr);
}

TEST_F(Stamps, FollowTheirSegmentsIntoALargerRing) {
  send(100);
  for (std::uint32_t i = 0; i < 100; ++i) ASSERT_EQ(stamp(i), i + 1);
}

TEST_F(Stamps, BeginInTheMiddleOfAFlight) {
  send(3, false);
  send(1);
  EXPECT_TRUE(board.stamp_of(board.at(board.head()))->delivered_time.is_never());
  EXPECT_EQ(stamp(3), 4U);
}

TEST_F(Stamps, OfAnEarlierFlightAreForgotten) {
  send(8);
  board.acknowledge(pool, board.end(), [](const TransmitRecord&) {});
  send(3, false);  // the same ring
  EXPECT_EQ(board.stamp_of(board.at(board.head())), nullptr);
  send(1);
  EXPECT_TRUE(board.stamp_of(board.at(board.head()))->delivered_time.is_never());
}

TEST_F(Stamps, FollowTheirSegmentsWhenTheseAreCut) {
  send(4);
  board.mark_lost(board.head() + 1);
  ASSERT_TRUE(board.recut(pool, 600, false));
  ASSERT_EQ(board.size(), 5U);
  EXPECT_EQ(stamp(0), 1U);
  EXPECT_EQ(stamp(1), 2U);
  EXPECT_EQ(stamp(2), 2U);
  EXPECT_EQ(stamp(3), 3U);
}

TEST_F(Stamps, LostSegmentsAreToldOnceInTheOrderOfMarking) {
  send(5);
  board.mark_lost(board.head() + 3);
  board.mark_lost(board.head() + 1);
  EXPECT_EQ(told(), (std::vector<std::uint32_t>{3, 1}));
  EXPECT_EQ(told(), std::vector<std::uint32_t>{});
  board.mark_lost(board.head() + 2);
  board.on_resent(board.head() + 1, Instant::from_nanos(99));  // too late to be told
  EXPECT_EQ(told(), std::vector<std::uint32_t>{});
}

}  // namespace
}  // namespace strata::tcp
