// The byte queue: filling blocks up, pinning none for little, sharing without copying, and running out of
// memory.
#include "buf/byte_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace strata::buf {
namespace {

constexpr BufferLimits kSmall{.block_size = 16, .blocks_max = 64, .packets_max = 4, .queue_nodes_max = 2};

std::string text_of(const ByteQueue& queue) {
  std::string text(queue.size(), '\0');
  queue.copy_out(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return text;
}

Slice slice_of(Pools& pools, std::string_view text) {
  Slice slice = Slice::adopt(pools.blocks.allocate(), 0, 0);
  slice.grow(as_bytes(text));
  return slice;
}

struct ByteQueueTest : ::testing::Test {
  ~ByteQueueTest() override { queue.clear(pools); }
  Pools pools{kSmall};
  ByteQueue queue;
};

TEST_F(ByteQueueTest, SmallWritesFillBlocksUp) {
  for (int i = 0; i < 16; ++i) EXPECT_EQ(queue.append_copy(pools, as_bytes("ab")), 2U);
  EXPECT_EQ(pools.blocks.in_use(), 2U);
  EXPECT_EQ(queue.size(), 32U);
  EXPECT_EQ(queue.front().size(), 16U);
}

TEST_F(ByteQueueTest, SmallPiecesAreCopiedInsteadOfPinned) {
  EXPECT_TRUE(queue.append(pools, slice_of(pools, "first")));
  EXPECT_TRUE(queue.append(pools, slice_of(pools, "abc")));  // below a quarter of a block
  EXPECT_EQ(pools.blocks.in_use(), 1U);
  EXPECT_TRUE(queue.append(pools, slice_of(pools, "defgh")));
  EXPECT_EQ(pools.blocks.in_use(), 2U);
  EXPECT_EQ(text_of(queue), "firstabcdefgh");
}

TEST_F(ByteQueueTest, SmallPiecesWithPaddingPinNothingEither) {
  for (int i = 0; i < 32; ++i) {
    Slice padded = slice_of(pools, "abcdef");
    padded.trim_to(2);  // what lies behind belongs to the link
    EXPECT_TRUE(queue.append(pools, std::move(padded)));
  }
  EXPECT_EQ(queue.size(), 64U);
  EXPECT_EQ(pools.blocks.in_use(), 4U);
}

TEST_F(ByteQueueTest, PiecesThatContinueEachOtherJoin) {
  const Slice whole = slice_of(pools, "0123456789");
  EXPECT_TRUE(queue.append(pools, whole.share(0, 5)));
  EXPECT_TRUE(queue.append(pools, whole.share(5, 5)));
  EXPECT_EQ(as_text(queue.front()), "0123456789");
  EXPECT_EQ(pools.blocks.in_use(), 1U);
}

TEST_F(ByteQueueTest, ReadsAndDropsFromTheFront) {
  queue.append_copy(pools, as_bytes("0123456789abcdefghij"));
  std::uint8_t into[18];
  queue.drop_front(pools, 1);
  EXPECT_EQ(queue.read(pools, into), 18U);
  EXPECT_EQ(as_text(into), "123456789abcdefghi");
  EXPECT_EQ(text_of(queue), "j");
  EXPECT_EQ(pools.blocks.in_use(), 1U);
  EXPECT_EQ(queue.read(pools, into), 1U);
  EXPECT_EQ(queue.read(pools, into), 0U);
  EXPECT_TRUE(queue.front().empty());
  EXPECT_EQ(pools.nodes.in_use(), 0U);
}

TEST_F(ByteQueueTest, SharesRangesWithoutCopying) {
  queue.append_copy(pools, as_bytes("0123456789abcdefghijklmnopqrstuv"));
  Packet packet = pools.packets.allocate();
  EXPECT_EQ(queue.share_into(*packet.raw(), 10, 12), 12U);
  EXPECT_EQ(packet.piece(0).data(), queue.front().data() + 10);
  queue.drop_front(pools, 32);
  EXPECT_EQ(as_text(packet.piece(0)), "abcdef");
  EXPECT_EQ(as_text(packet.piece(1)), "ghijkl");
  EXPECT_EQ(pools.blocks.in_use(), 2U);  // the packet keeps them
}

TEST_F(ByteQueueTest, SharingStopsWhenThePacketIsFull) {
  Pools many({.block_size = 4, .blocks_max = 256, .packets_max = 1, .queue_nodes_max = 32});
  ByteQueue long_queue;
  const std::string text(4 * (kSlicesMax + 10), 'x');
  EXPECT_EQ(long_queue.append_copy(many, as_bytes(text)), text.size());
  Packet packet = many.packets.allocate();
  EXPECT_EQ(long_queue.share_into(*packet.raw(), 2, text.size() - 2), 4 * kSlicesMax - 2);
  packet.reset();
  long_queue.clear(many);
}

TEST_F(ByteQueueTest, TakesWhatFitsWhenMemoryRunsOut) {
  Pools few({.block_size = 16, .blocks_max = 2, .packets_max = 1, .queue_nodes_max = 1});
  ByteQueue small;
  EXPECT_EQ(small.append_copy(few, as_bytes(std::string(40, 'x'))), 32U);
  EXPECT_EQ(small.append_copy(few, as_bytes("y")), 0U);
  small.clear(few);

  for (std::size_t i = 0; i < 2 * kSlicesPerNode; ++i)
    EXPECT_TRUE(queue.append(pools, slice_of(pools, "12345678")));
  EXPECT_FALSE(queue.append(pools, slice_of(pools, "12345678")));
  EXPECT_EQ(queue.size(), 2 * kSlicesPerNode * 8);
  EXPECT_EQ(pools.blocks.in_use(), 2 * kSlicesPerNode);
}

TEST_F(ByteQueueTest, AppendsAnotherQueue) {
  ByteQueue other;
  queue.append_copy(pools, as_bytes("front "));
  other.append_copy(pools, as_bytes("dropped back"));
  other.drop_front(pools, 8);
  queue.append_all(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(text_of(queue), "front back");
  queue.append_all(other);
  queue.clear(pools);
  other.append_copy(pools, as_bytes("alone"));
  queue.append_all(other);
  EXPECT_EQ(text_of(queue), "alone");
}

}  // namespace
}  // namespace strata::buf
