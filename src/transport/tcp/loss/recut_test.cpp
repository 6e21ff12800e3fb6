// Cutting anew what waits to be sent again: sizes, sums and orders of what comes out.
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "transport/tcp/loss/scoreboard.hpp"

namespace strata::tcp {
namespace {

struct Recut : testing::Test {
  RecordPool pool{1U << 12};
  Scoreboard board;
  SeqNum start{0xffff'f000U};  // numbers wrap in the middle
  Instant now = Instant::from_nanos(1'000'000);

  void SetUp() override { board.begin(pool, start); }
  void TearDown() override {
    board.clear(pool);
    EXPECT_EQ(pool.used(), 0U);
  }
  void send(std::uint32_t size, std::uint32_t count = 1) {
    for (std::uint32_t i = 0; i < count; ++i) {
      ASSERT_TRUE(board.reserve(pool, 1));
      now = now + Duration::micros(1);
      board.on_sent(board.end() + size, now);
    }
  }
  void sack(std::uint32_t begin, std::uint32_t end) {
    board.sack({start + begin, start + end}, [](const TransmitRecord&) {});
  }
  std::vector<std::uint32_t> sizes() const {
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = 0; i < board.size(); ++i) all.push_back(board.range(board.head() + i).size());
    return all;
  }
  using Sizes = std::vector<std::uint32_t>;
  /// Sums and threads say what the records say.
  void expect_sound() const {
    std::uint32_t sacked = 0;
    std::uint32_t lost = 0;
    std::uint32_t resent = 0;
    std::uint32_t listed = 0;
    for (std::uint32_t i = 0; i < board.size(); ++i) {
      const TransmitRecord& record = board.at(board.head() + i);
      const std::uint32_t size = board.range(board.head() + i).size();
      sacked += record.sacked ? size : 0;
      lost += record.lost ? size : 0;
      resent += record.resent ? size : 0;
      listed += !record.sacked && (!record.lost || record.resent) ? 1 : 0;
    }
    EXPECT_EQ(board.sacked_bytes(), sacked);
    EXPECT_EQ(board.lost_bytes(), lost);
    EXPECT_EQ(board.resent_bytes(), resent);
    Instant before;
    std::uint32_t walked = 0;
    for (auto at = board.oldest(); at; at = board.newer(*at), ++walked) {
      ASSERT_LE(before, board.at(*at).sent);
      before = board.at(*at).sent;
      ASSERT_LT(walked, board.size());
    }
    EXPECT_EQ(walked, listed);
  }
};

TEST_F(Recut, CutsARunAsOne) {
  send(1460, 10);
  board.mark_all_lost();
  ASSERT_TRUE(board.recut(pool, 1240, false));
  EXPECT_EQ(sizes(), (Sizes{1240, 1240, 1240, 1240, 1240, 1240, 1240, 1240, 1240, 1240, 1240, 960}));
  EXPECT_EQ(board.una(), start);
  EXPECT_EQ(board.end(), start + 14'600);
  EXPECT_EQ(board.next_lost(), board.head());
  expect_sound();
}

TEST_F(Recut, LeavesWhatFitsAndWhatIsNotWaiting) {
  send(1460, 2);
  send(500);
  board.mark_lost(board.head() + 1);
  ASSERT_TRUE(board.recut(pool, 1460, false));
  EXPECT_EQ(sizes(), (Sizes{1460, 1460, 500}));
  ASSERT_TRUE(board.recut(pool, 1000, false));
  EXPECT_EQ(sizes(), (Sizes{1460, 1000, 460, 500}));
  expect_sound();
}

TEST_F(Recut, TheFinTakesNoRoom) {
  send(1001);
  board.mark_all_lost();
  ASSERT_TRUE(board.recut(pool, 1000, true));
  EXPECT_EQ(sizes(), Sizes{1001});
  ASSERT_TRUE(board.recut(pool, 500, true));
  EXPECT_EQ(sizes(), (Sizes{500, 501}));
  ASSERT_TRUE(board.recut(pool, 500, false));
  EXPECT_EQ(sizes(), (Sizes{500, 500, 1}));
}

TEST_F(Recut, AsManyPiecesAsBeforeAreStillOtherPieces) {
  send(1460);
  send(100);
  board.mark_all_lost();
  ASSERT_TRUE(board.recut(pool, 1400, false));
  EXPECT_EQ(sizes(), (Sizes{1400, 160}));
}

TEST_F(Recut, AfterAnAckOfAPart) {
  send(1460, 3);
  board.acknowledge(pool, start + 460, [](const TransmitRecord&) {});
  board.mark_all_lost();
  ASSERT_TRUE(board.recut(pool, 600, false));
  EXPECT_EQ(sizes(), (Sizes{600, 600, 600, 600, 600, 600, 320}));
  expect_sound();
}

TEST_F(Recut, WhatThePeerHasIsNotTouched) {
  send(1460, 6);
  sack(1460, 4380);
  board.mark_all_lost();
  ASSERT_TRUE(board.recut(pool, 1000, false));
  EXPECT_EQ(sizes(), (Sizes{1000, 460, 1460, 1460, 1000, 1000, 1000, 1000, 380}));
  EXPECT_EQ(board.sacked_count(), 2U);
  expect_sound();
  sack(0, 1000);  // the links over what is there still lead on
  sack(4380, 8760);
  EXPECT_EQ(board.sacked_bytes(), 8760U - 460);
  expect_sound();
}

TEST_F(Recut, WithoutMemoryNothingChanges) {
  RecordPool small(16);
  Scoreboard tight;
  tight.begin(small, start);
  for (std::uint32_t i = 0; i < 8; ++i) {
    ASSERT_TRUE(tight.reserve(small, 1));
    tight.on_sent(tight.end() + 1460, now);
  }
  tight.mark_all_lost();
  EXPECT_FALSE(tight.recut(small, 100, false));
  EXPECT_EQ(tight.size(), 8U);
  EXPECT_EQ(tight.lost_bytes(), 8 * 1460U);
  tight.clear(small);
}

TEST_F(Recut, FindsTheRecordOfEveryByte) {
  EXPECT_FALSE(board.find(start));
  send(100, 5);
  EXPECT_FALSE(board.find(start - 1));
  EXPECT_FALSE(board.find(start + 500));
  for (std::uint32_t i = 0; i < 500; ++i) EXPECT_EQ(board.find(start + i), board.head() + i / 100);
}

TEST_F(Recut, IsSoundAfterAnyHistory) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    Xoshiro rng(seed);
    board.begin(pool, start);
    for (int i = 0; i < 40; ++i) send(1 + below(rng, 1460));
    for (int i = 0; i < 60 && !board.empty(); ++i) {
      const Scoreboard::Position at = board.head() + below(rng, board.size());
      const SeqRange range = board.range(at);
      switch (below(rng, 5)) {
        case 0: board.sack(range, [](const TransmitRecord&) {}); break;
        case 1:
        case 2: board.mark_lost(at); break;
        case 3:
          if (const auto lost = board.next_lost()) board.on_resent(*lost, now = now + Duration::micros(1));
          break;
        default: break;
      }
      if (i % 15 == 0) {
        const std::uint32_t mss = 88 + below(rng, 1300);
        const SeqNum end = board.end();
        ASSERT_TRUE(board.recut(pool, mss, false));
        EXPECT_EQ(board.end(), end);
        expect_sound();
        for (std::uint32_t p = 0; p < board.size(); ++p) {
          const TransmitRecord& record = board.at(board.head() + p);
          if (record.lost && !record.resent) {
            ASSERT_LE(board.range(board.head() + p).size(), mss);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace strata::tcp
