// The scoreboard against a plain model of the same rules, and each rule by itself.
#include "transport/tcp/loss/scoreboard.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kSize = 100;

struct Board : testing::Test {
  RecordPool pool{1U << 12};
  Scoreboard board;
  SeqNum start{0xffff'ff00U};  // numbers wrap in the middle
  Instant now = Instant::from_nanos(1'000'000);
  std::vector<SeqNum> delivered;

  void SetUp() override { board.begin(pool, start); }
  void TearDown() override {
    board.clear(pool);
    EXPECT_EQ(pool.used(), 0U);
  }
  SeqNum at(std::uint32_t segment) const { return start + segment * kSize; }
  void send(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_TRUE(board.reserve(pool, 1));
      now = now + Duration::micros(1);
      board.on_sent(board.end() + kSize, now);
    }
  }
  auto note() {
    return [this](const TransmitRecord& record) { delivered.push_back(record.end); };
  }
  void ack(std::uint32_t segment) { board.acknowledge(pool, at(segment), note()); }
  void sack(std::uint32_t from, std::uint32_t to) { board.sack({at(from), at(to)}, note()); }
  Scoreboard::Position position(std::uint32_t segment) const {
    return board.head() + bytes_between(board.una(), at(segment)) / kSize;
  }
};

TEST_F(Board, CountsWhatIsInFlight) {
  send(10);
  EXPECT_EQ(board.in_flight(), 1000U);
  sack(2, 4);
  EXPECT_EQ(board.in_flight(), 800U);
  board.mark_lost(position(0));
  board.mark_lost(position(1));
  EXPECT_EQ(board.in_flight(), 600U);
  board.on_resent(*board.next_lost(), now);
  EXPECT_EQ(board.in_flight(), 700U);
  ack(1);
  EXPECT_EQ(board.in_flight(), 600U);
  ack(10);
  EXPECT_EQ(board.in_flight(), 0U);
  EXPECT_TRUE(board.empty());
}

TEST_F(Board, HoldsNoMemoryWhenNothingIsInFlight) {
  send(20);
  EXPECT_EQ(pool.used(), 32U);
  ack(20);
  EXPECT_EQ(pool.used(), 0U);
}

TEST_F(Board, ReportsEachDeliveryOnce) {
  send(6);
  sack(2, 4);
  sack(1, 5);
  ack(3);
  ack(6);
  const std::vector<SeqNum> expected = {at(3), at(4), at(2), at(5), at(1), at(6)};
  EXPECT_EQ(delivered, expected);
}

TEST_F(Board, TakesOnlyWholeSegmentsForThere) {
  send(4);
  board.sack({at(1) + 1, at(3) + 99}, note());
  EXPECT_EQ(board.sacked_bytes(), kSize);  // the third
  EXPECT_EQ(board.highest_sacked(), at(3));
}

TEST_F(Board, IgnoresBlocksOutsideOfWhatWasSent) {
  send(4);
  ack(1);
  sack(0, 2);
  sack(3, 5);
  board.sack({at(3), at(2)}, note());
  board.sack({at(3), at(3)}, note());
  EXPECT_EQ(board.sacked_bytes(), 0U);
}

TEST_F(Board, APartOfASegmentMayBeAcknowledged) {
  send(2);
  board.mark_lost(position(0));
  board.acknowledge(pool, at(0) + 30, note());
  EXPECT_TRUE(delivered.empty());
  EXPECT_EQ(board.lost_bytes(), 70U);
  EXPECT_EQ(board.range(*board.next_lost()), (SeqRange{at(0) + 30, at(1)}));
}

TEST_F(Board, LostOnesAreSentAgainInOrder) {
  send(6);
  for (const std::uint32_t segment : {4U, 1U, 2U}) board.mark_lost(position(segment));
  for (const std::uint32_t segment : {1U, 2U, 4U}) {
    const std::optional<Scoreboard::Position> lost = board.next_lost();
    ASSERT_TRUE(lost);
    EXPECT_EQ(*lost, position(segment));
    board.on_resent(*lost, now);
  }
  EXPECT_FALSE(board.next_lost());
  board.mark_lost(position(2));  // the repetition is lost, too
  EXPECT_EQ(board.next_lost(), position(2));
}

TEST_F(Board, KeepsTheOrderOfSending) {
  send(3);
  board.mark_lost(position(0));
  board.on_resent(position(0), now);
  std::vector<Scoreboard::Position> order;
  for (auto at = board.oldest(); at; at = board.newer(*at)) order.push_back(*at);
  EXPECT_EQ(order, (std::vector{position(1), position(2), position(0)}));
}

TEST_F(Board, ForgetsWhatThePeerThrewAway) {  // RFC 2018 §8
  send(4);
  sack(1, 3);
  board.forget_sacks();
  EXPECT_EQ(board.sacked_bytes(), 0U);
  EXPECT_EQ(board.lost_bytes(), 200U);
  EXPECT_EQ(board.next_lost(), position(1));
}

TEST_F(Board, AFalseAlarmLeavesNothingLost) {
  send(4);
  board.mark_all_lost();
  EXPECT_EQ(board.in_flight(), 0U);
  board.on_resent(position(0), now);
  board.unmark_lost();
  EXPECT_EQ(board.in_flight(), 400U);
  EXPECT_FALSE(board.next_lost());
}

TEST_F(Board, SaysNoWhenThereIsNoMemory) {
  RecordPool small(8);
  Scoreboard other;
  other.begin(small, start);
  EXPECT_TRUE(other.reserve(small, 8));
  EXPECT_FALSE(other.reserve(small, 9));
  other.clear(small);
  EXPECT_FALSE(board.reserve(pool, RecordPool::kLargest + 1));
}

TEST_F(Board, ABlockThatGrowsCostsOnlyItsGrowth) {
  send(2000);
  for (std::uint32_t end = 2; end <= 2000; ++end) sack(1, end);
  EXPECT_EQ(delivered.size(), 1999U);
  EXPECT_EQ(board.in_flight(), kSize);
}

/// What a scoreboard is, without any thought for speed.
struct Model {
  struct Segment {
    bool acked = false, sacked = false, lost = false, resent = false;
  };
  std::vector<Segment> segments;
  std::uint32_t una = 0;

  std::uint32_t in_flight() const {
    std::uint32_t bytes = 0;
    for (const Segment& s : segments) {
      if (!s.acked && !s.sacked && (!s.lost || s.resent)) bytes += kSize;
    }
    return bytes;
  }
  std::optional<std::uint32_t> next_lost() const {
    for (std::uint32_t i = una; i < segments.size(); ++i) {
      if (segments[i].lost && !segments[i].resent) return i;
    }
    return std::nullopt;
  }
};

struct BoardAgainstModel : Board, testing::WithParamInterface<std::uint64_t> {
  Model model;
  Xoshiro rng{GetParam()};
  std::uint32_t draw(std::uint32_t below) { return strata::below(rng, below); }

  void step() {
    const auto total = static_cast<std::uint32_t>(model.segments.size());
    const std::uint32_t out = total - model.una;
    const std::uint32_t what = draw(6);
    if (what == 0 || out == 0) {
      const std::uint32_t count = 1 + draw(8);
      send(count);
      model.segments.resize(total + count);
    } else if (what == 1) {
      const std::uint32_t to = model.una + draw(out + 1);
      for (; model.una < to; ++model.una) model.segments[model.una] = {.acked = true};
      ack(to);
    } else if (what == 2) {
      const std::uint32_t from = model.una + draw(out);
      const std::uint32_t to = from + 1 + draw(total - from);
      for (std::uint32_t i = from; i < to; ++i) model.segments[i] = {.sacked = true};
      sack(from, to);
    } else if (what == 3) {
      const std::uint32_t which = model.una + draw(out);
      Model::Segment& s = model.segments[which];
      if (!s.sacked) s = {.lost = true};
      board.mark_lost(position(which));
    } else if (const auto lost = model.next_lost()) {
      model.segments[*lost].resent = true;
      board.on_resent(*board.next_lost(), now);
    }
  }
};

TEST_P(BoardAgainstModel, TheyAgreeAfterEveryStep) {
  for (int i = 0; i < 2000; ++i) {
    step();
    ASSERT_EQ(board.in_flight(), model.in_flight()) << "step " << i;
    const auto lost = model.next_lost();
    ASSERT_EQ(board.next_lost(), lost ? std::optional(position(*lost)) : std::nullopt) << "step " << i;
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, BoardAgainstModel, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace strata::tcp
