// Blocks, slices and packets: who keeps what alive, trimming from both ends, and pools that say no.
#include "buf/packet_buf.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <vector>

#include "buf/byte_queue.hpp"

namespace strata::buf {
namespace {

constexpr BufferLimits kSmall{.block_size = 16, .blocks_max = 8, .packets_max = 4, .queue_nodes_max = 2};

std::string text_of(const Packet& packet) {
  std::string text(packet.size(), '\0');
  packet.copy_to({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  return text;
}

std::string letters(std::size_t n) {
  std::string text(n, 'a');
  for (std::size_t i = 0; i < n; ++i) text[i] = static_cast<char>('a' + i % 26);
  return text;
}

TEST(BlockPool, SaysNoWhenExhaustedAndRecycles) {
  BlockPool pool(64, 2);
  Block* a = pool.allocate();
  Block* b = pool.allocate();
  ASSERT_NE(a, nullptr);
  ASSERT_NE(b, nullptr);
  EXPECT_NE(a->data, b->data);
  EXPECT_EQ(pool.allocate(), nullptr);
  EXPECT_EQ(pool.available(), 0U);
  {
    const Slice last = Slice::adopt(a, 0, 0);
  }
  EXPECT_EQ(pool.in_use(), 1U);
  Block* again = pool.allocate();
  EXPECT_EQ(again, a);
  const Slice one = Slice::adopt(again, 0, 0);
  const Slice two = Slice::adopt(b, 0, 0);
}

TEST(Packet, MayOutliveItsPool) {
  Packet packet;
  {
    Pools pools(kSmall);
    packet = copy_in(pools, as_bytes("still here"));
  }
  EXPECT_EQ(text_of(packet), "still here");
}

TEST(Slice, SharingKeepsTheBlockAlive) {
  BlockPool pool(64, 1);
  Slice whole = Slice::adopt(pool.allocate(), 0, 0);
  EXPECT_EQ(whole.grow(as_bytes("hello world")), 11U);
  Slice part = whole.share(6, 5);
  whole.reset();
  EXPECT_EQ(as_text(part.bytes()), "world");
  EXPECT_EQ(pool.in_use(), 1U);
  part.reset();
  EXPECT_EQ(pool.in_use(), 0U);
}

TEST(Slice, GrowsOnlyAtTheEndOfWhatTheBlockHolds) {
  BlockPool pool(8, 1);
  Slice whole = Slice::adopt(pool.allocate(), 0, 0);
  whole.grow(as_bytes("abcd"));
  const Slice front = whole.share(0, 2);
  EXPECT_FALSE(front.can_grow());
  EXPECT_EQ(whole.grow(as_bytes("efghij")), 4U);
  EXPECT_EQ(as_text(whole.bytes()), "abcdefgh");
  EXPECT_FALSE(whole.can_grow());
  EXPECT_EQ(as_text(front.bytes()), "ab");
}

TEST(Slice, ForeignBlocksAreGivenBackToTheirOwner) {
  std::uint8_t memory[4] = {1, 2, 3, 4};
  int released = 0;
  Block block{.data = memory,
              .capacity = 4,
              .references = 0,
              .filled = 4,
              .next_free = nullptr,
              .release = [](void* context, Block*) { ++*static_cast<int*>(context); },
              .context = &released};
  {
    const Slice slice = Slice::of(&block, 1, 2);
    const Slice shared = slice.share();
    EXPECT_EQ(slice.data()[0], 2);
  }
  EXPECT_EQ(released, 1);
}

TEST(Packet, BuildsHeadersFromTheInsideOut) {
  Pools pools(kSmall);
  Packet packet = pools.packets.allocate();
  std::memcpy(packet.raw()->prepend(3), "tcp", 3);
  std::memcpy(packet.raw()->prepend(2), "ip", 2);
  ASSERT_TRUE(append_copy(pools, *packet.raw(), as_bytes(letters(40))));
  EXPECT_EQ(text_of(packet), "iptcp" + letters(40));
  EXPECT_EQ(packet.piece_count(), 3U);
  EXPECT_EQ(as_text(packet.piece(2)), letters(40).substr(32));
  packet.raw()->trim_head(2);
  EXPECT_EQ(as_text(packet.head()), "tcp");
}

TEST(Packet, TrimsToAnySize) {
  const std::string whole = letters(40);
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    Pools pools(kSmall);
    Packet received = copy_in(pools, as_bytes(whole));
    received.raw()->trim_to(n);
    EXPECT_EQ(text_of(received), whole.substr(0, n));

    Packet made = pools.packets.allocate();
    std::memcpy(made.raw()->prepend(30), whole.data(), 30);
    ASSERT_TRUE(append_copy(pools, *made.raw(), as_bytes(whole).subspan(30)));
    made.raw()->trim_to(n);
    EXPECT_EQ(text_of(made), whole.substr(0, n));
  }
}

TEST(Packet, CopyToStopsAtTheSmallerEnd) {
  Pools pools(kSmall);
  const Packet packet = copy_in(pools, as_bytes(letters(20)));
  std::uint8_t small[18];
  EXPECT_EQ(packet.copy_to(small), 18U);
  EXPECT_EQ(as_text(small), letters(18));
  std::uint8_t large[64];
  EXPECT_EQ(packet.copy_to(large), 20U);
}

TEST(PacketPool, SaysNoWhenExhaustedAndForgetsWhatWasInside) {
  Pools pools(kSmall);
  std::vector<Packet> packets;
  while (Packet packet = pools.packets.allocate()) packets.push_back(std::move(packet));
  EXPECT_EQ(packets.size(), 4U);
  EXPECT_FALSE(copy_in(pools, as_bytes("x")));
  std::memcpy(packets[0].raw()->prepend(5), "stale", 5);
  packets[0].meta().gso_size = 99;
  packets[0].reset();
  const Packet fresh = pools.packets.allocate();
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh.size(), 0U);
  EXPECT_EQ(fresh.meta().gso_size, 0);
}

TEST(PacketPool, CopyInReturnsEverythingWhenBlocksRunOut) {
  Pools pools(kSmall);
  EXPECT_FALSE(copy_in(pools, as_bytes(letters(8 * 16 + 1))));
  EXPECT_EQ(pools.blocks.in_use(), 0U);
  EXPECT_EQ(pools.packets.in_use(), 0U);
  EXPECT_EQ(text_of(copy_in(pools, as_bytes(letters(8 * 16)))), letters(8 * 16));
  EXPECT_EQ(copy_in(pools, {}).size(), 0U);
}

TEST(PacketQueue, IsFirstInFirstOutFromBothEnds) {
  Pools pools(kSmall);
  PacketQueue queue;
  queue.push_back(copy_in(pools, as_bytes("b")));
  queue.push_back(copy_in(pools, as_bytes("c")));
  queue.push_front(copy_in(pools, as_bytes("a")));
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_EQ(text_of(queue.pop_front()), "a");
  EXPECT_EQ(text_of(queue.pop_front()), "b");
  queue.clear();
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.pop_front());
  EXPECT_EQ(pools.packets.in_use(), 0U);
}

}  // namespace
}  // namespace strata::buf
