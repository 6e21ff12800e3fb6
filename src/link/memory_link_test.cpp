#include "strata/memory_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "link/loopback.hpp"
#include "link/test_device.hpp"
#include "link/test_frames.hpp"
#include "strata/stack.hpp"

namespace strata {
namespace {

static_assert(Device<MemoryLink::End>);
static_assert(Device<Loopback>);

using test::flat;
using test::make_segment;
using test::no_stack;
using test::small_pools;

const Instant kNow = Instant::from_nanos(5);

TEST(MemoryLink, CarriesFramesToTheOtherEndWithoutCopyingThem) {
  buf::Pools pools(small_pools());
  MemoryLink link({.capabilities = {.gso_max = 65535, .checksum_offload_tx = true}});
  Packet frame = make_segment(pools, {.payload = 5000, .gso_size = 1448});
  const std::vector<std::uint8_t> bytes = flat(frame);
  const std::size_t blocks = pools.blocks.in_use();
  ASSERT_TRUE(link.a().transmit(frame, kNow));
  EXPECT_FALSE(link.a().receive(no_stack(), kNow));
  EXPECT_EQ(link.b().pending(), 1U);
  const Packet received = link.b().receive(no_stack(), kNow);
  ASSERT_TRUE(received);
  EXPECT_EQ(flat(received), bytes);
  EXPECT_EQ(received.meta().arrival, kNow);
  EXPECT_EQ(received.meta().segments, 4);
  EXPECT_EQ(received.meta().csum, ChecksumState::verified);
  EXPECT_EQ(pools.blocks.in_use(), blocks);
}

TEST(MemoryLink, PushesBackWhenTheQueueIsFull) {
  buf::Pools pools(small_pools());
  MemoryLink link({.capabilities = {.checksum_offload_tx = true}, .queue_max = 2});
  for (int i = 0; i < 2; ++i) {
    Packet frame = make_segment(pools, {.payload = 10});
    ASSERT_TRUE(link.b().transmit(frame, kNow));
  }
  Packet third = make_segment(pools, {.payload = 11});
  EXPECT_FALSE(link.b().transmit(third, kNow));
  ASSERT_TRUE(third);
  link.a().receive(no_stack(), kNow);
  EXPECT_TRUE(link.b().transmit(third, kNow));
  EXPECT_FALSE(third);
}

TEST(MemoryLink, ChecksumsCountAsVerifiedOnlyWhenAsked) {
  buf::Pools pools(small_pools());
  for (const bool trust : {false, true}) {
    MemoryLink link({.trust_checksums = trust});
    Packet frame = make_segment(pools, {.payload = 10});
    frame.meta().csum = ChecksumState::unverified;
    ASSERT_TRUE(link.a().transmit(frame, kNow));
    EXPECT_EQ(link.b().receive(no_stack(), kNow).meta().csum,
              trust ? ChecksumState::verified : ChecksumState::unverified);
  }
}

TEST(MemoryLink, WhatWasTakenFromAFrameOutlivesItsMaker) {
  buf::Slice kept;
  {
    buf::Pools pools(small_pools());
    const Packet frame = make_segment(pools, {.payload = 1000});
    kept = frame.raw()->slices[0].share();
  }
  EXPECT_TRUE(std::ranges::equal(kept.bytes(), test::pattern(1000)));
}

TEST(Loopback, HandsBackInOrderAndPushesBackWhenFull) {
  buf::Pools pools(small_pools());
  Loopback loopback(2);
  Packet first = make_segment(pools, {.payload = 1, .ethernet = false});
  Packet second = make_segment(pools, {.payload = 2, .ethernet = false});
  Packet third = make_segment(pools, {.payload = 3, .ethernet = false});
  ASSERT_TRUE(loopback.transmit(first, kNow));
  ASSERT_TRUE(loopback.transmit(second, kNow));
  EXPECT_FALSE(loopback.transmit(third, kNow));
  const std::size_t first_size = loopback.receive(no_stack(), kNow).size();
  EXPECT_EQ(loopback.receive(no_stack(), kNow).size(), first_size + 1);
  EXPECT_FALSE(loopback.receive(no_stack(), kNow));
}

}  // namespace
}  // namespace strata
