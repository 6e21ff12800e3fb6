// Islands of out-of-order data, alone: order, merging, bounds, SACK blocks.
#include "transport/tcp/reassembly.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace strata::tcp {
namespace {

constexpr std::string_view kText = "abcdefghijklmnopqrstuvwxyz";

class ReassemblyTest : public testing::TestWithParam<std::uint32_t> {
 protected:
  ~ReassemblyTest() override {
    islands_.clear(memory());
    queue_.clear(pools_);
    EXPECT_EQ(slab_.size(), 0U);
  }
  Reassembly::Memory memory() { return {pools_, slab_, islands_max_}; }
  SeqNum at(std::uint32_t offset) const { return SeqNum(GetParam() + offset); }
  /// Letters [begin, end) of the alphabet.
  Reassembly::Insert insert(std::uint32_t begin, std::uint32_t end) {
    const Packet packet = buf::copy_in(pools_, as_bytes(kText));
    return islands_.insert(memory(), at(begin), *packet.raw(), begin, end - begin);
  }
  std::uint32_t take(std::uint32_t rcv_nxt) { return islands_.take(memory(), at(rcv_nxt), queue_); }
  std::string text() {
    std::string found(queue_.size(), ' ');
    queue_.copy_out(0, {reinterpret_cast<std::uint8_t*>(found.data()), found.size()});
    return found;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> blocks(std::uint8_t max = 4) const {
    std::array<SeqRange, 4> found{};
    const std::uint8_t count = islands_.sack_blocks(found, max);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> result;
    result.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      result.emplace_back(bytes_between(at(0), found[i].begin), bytes_between(at(0), found[i].end));
    }
    return result;
  }

  using Blocks = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  using enum Reassembly::Insert;

  buf::Pools pools_{{.block_size = 64, .blocks_max = 1024, .packets_max = 8, .queue_nodes_max = 1024}};
  IslandSlab slab_{1024};
  std::size_t islands_max_ = 8;
  Reassembly islands_;
  buf::ByteQueue queue_;
};
INSTANTIATE_TEST_SUITE_P(From, ReassemblyTest, testing::Values(0U, 0xffff'fff0U, 0x7fff'fff8U));

TEST_P(ReassemblyTest, KeepsIslandsApart) {
  EXPECT_EQ(insert(10, 12), stored);
  EXPECT_EQ(insert(20, 22), stored);
  EXPECT_EQ(insert(15, 17), stored);
  EXPECT_EQ(islands_.island_count(), 3U);
  EXPECT_EQ(blocks(), (Blocks{{15, 17}, {20, 22}, {10, 12}}));
}

TEST_P(ReassemblyTest, TouchingIslandsBecomeOne) {
  insert(10, 12);
  insert(14, 16);
  insert(12, 14);
  EXPECT_EQ(blocks(), (Blocks{{10, 16}}));
}

TEST_P(ReassemblyTest, OverlapsMerge) {
  insert(10, 14);
  insert(18, 22);
  insert(12, 20);
  EXPECT_EQ(blocks(), (Blocks{{10, 22}}));
  EXPECT_EQ(take(10), 12U);
  EXPECT_EQ(text(), kText.substr(10, 12));
}

TEST_P(ReassemblyTest, OneMaySwallowSeveral) {
  insert(10, 11);
  insert(13, 14);
  insert(16, 17);
  insert(5, 20);
  EXPECT_EQ(blocks(), (Blocks{{5, 20}}));
  EXPECT_EQ(take(5), 15U);
  EXPECT_EQ(text(), kText.substr(5, 15));
}

TEST_P(ReassemblyTest, WhatIsHereAlreadyIsADuplicate) {
  insert(10, 20);
  EXPECT_EQ(insert(10, 20), duplicate);
  EXPECT_EQ(insert(12, 15), duplicate);
  EXPECT_EQ(insert(19, 20), duplicate);
  EXPECT_EQ(insert(19, 21), stored);
}

TEST_P(ReassemblyTest, ADuplicateMovesItsBlockToTheFront) {  // RFC 2018 §4
  insert(10, 12);
  insert(20, 22);
  insert(10, 12);
  EXPECT_EQ(blocks(), (Blocks{{10, 12}, {20, 22}}));
}

TEST_P(ReassemblyTest, HandsOverWhatFollowsAndNoMore) {
  insert(10, 12);
  insert(15, 17);
  EXPECT_EQ(take(9), 0U);
  EXPECT_EQ(take(10), 2U);
  EXPECT_EQ(text(), kText.substr(10, 2));
  EXPECT_EQ(islands_.island_count(), 1U);
}

TEST_P(ReassemblyTest, DropsWhatHasArrivedMeanwhile) {
  insert(10, 20);
  EXPECT_EQ(take(15), 5U);
  EXPECT_EQ(text(), kText.substr(15, 5));
  insert(10, 12);
  EXPECT_EQ(take(20), 0U);
  EXPECT_TRUE(islands_.empty());
}

TEST_P(ReassemblyTest, TheNumberOfIslandsIsBounded) {
  islands_max_ = 2;
  EXPECT_EQ(insert(2, 3), stored);
  EXPECT_EQ(insert(4, 5), stored);
  EXPECT_EQ(insert(6, 7), full);
  EXPECT_EQ(insert(5, 6), stored);  // an island that is there may grow
  EXPECT_EQ(blocks(), (Blocks{{4, 6}, {2, 3}}));
}

TEST_P(ReassemblyTest, WithoutMemoryNothingIsHalfStored) {
  std::vector<buf::QueueNode*> taken;
  while (buf::QueueNode* node = pools_.nodes.allocate()) taken.push_back(node);
  EXPECT_EQ(insert(10, 12), full);
  EXPECT_TRUE(islands_.empty());
  EXPECT_EQ(slab_.size(), 0U);
  for (buf::QueueNode* node : taken) pools_.nodes.release(node);
  EXPECT_EQ(insert(10, 12), stored);
}

TEST_P(ReassemblyTest, ManyHolesThatFillInAnyOrder) {
  constexpr std::uint32_t kHoles = 500;
  islands_max_ = kHoles;
  std::vector<std::uint32_t> places;
  places.reserve(kHoles);
  for (std::uint32_t i = 0; i < kHoles; ++i)
    places.push_back(2 * (i * 211 % kHoles) + 1);  // 211 is prime: all of them
  const Packet packet = buf::copy_in(pools_, as_bytes(kText));
  const auto put = [&](std::uint32_t place) {
    return islands_.insert(memory(), at(place), *packet.raw(), place % kText.size(), 1);
  };
  for (const std::uint32_t place : places) ASSERT_EQ(put(place), stored);
  EXPECT_EQ(islands_.island_count(), kHoles);
  EXPECT_EQ(blocks(2), (Blocks{{places[kHoles - 1], places[kHoles - 1] + 1},
                               {places[kHoles - 2], places[kHoles - 2] + 1}}));
  for (const std::uint32_t place : places) ASSERT_EQ(put(place), duplicate);
  for (const std::uint32_t place : places) {
    if (place != 1) {
      ASSERT_EQ(put(place - 1), stored);
    }
  }
  EXPECT_EQ(blocks(), (Blocks{{1, 2 * kHoles}}));
  EXPECT_EQ(take(1), 2 * kHoles - 1);
}

TEST_P(ReassemblyTest, FewerBlocksThanIslands) {
  for (const std::uint32_t begin : {2U, 6U, 10U, 14U, 18U}) insert(begin, begin + 1);
  EXPECT_EQ(blocks(3), (Blocks{{18, 19}, {14, 15}, {10, 11}}));
  EXPECT_EQ(blocks(4).size(), 4U);
}

}  // namespace
}  // namespace strata::tcp
