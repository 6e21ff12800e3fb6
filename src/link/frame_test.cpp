#include "link/frame.hpp"

#include <gtest/gtest.h>

#include "link/test_frames.hpp"

namespace strata {
namespace {

using test::flat;
using test::make_segment;
using test::small_pools;

TEST(Frame, ShareSeesTheSameBytesWithoutNewBlocks) {
  buf::Pools pools(small_pools());
  const Packet frame = make_segment(pools, {.payload = 5000});
  const std::size_t blocks = pools.blocks.in_use();
  const Packet copy = share(frame);
  EXPECT_EQ(flat(copy), flat(frame));
  EXPECT_EQ(pools.blocks.in_use(), blocks);
}

TEST(Frame, SeparateHeadersKeepsTheBytes) {
  buf::Pools pools(small_pools());
  const std::vector<std::uint8_t> bytes = test::pattern(5000);
  Packet received = buf::copy_in(pools, bytes);
  ASSERT_TRUE(separate_headers(*received.raw(), 66));
  EXPECT_TRUE(received.raw()->head_is_inline());
  EXPECT_EQ(received.head().size(), 66U);
  EXPECT_EQ(flat(received), bytes);
  ASSERT_TRUE(separate_headers(*received.raw(), 54));
  EXPECT_EQ(received.head().size(), 54U);
  EXPECT_EQ(flat(received), bytes);
}

TEST(Frame, FlipBitChangesOneBitOfThisFrameOnly) {
  buf::Pools pools(small_pools());
  for (const bool received : {false, true}) {
    const Packet original =
        received ? buf::copy_in(pools, test::pattern(5000)) : make_segment(pools, {.payload = 5000});
    const std::vector<std::uint8_t> before = flat(original);
    for (const std::size_t byte : {0U, 60U, 70U, 2100U, 4999U}) {
      Packet copy = share(original);
      ASSERT_TRUE(flip_bit(*copy.raw(), byte * 8 + 3));
      std::vector<std::uint8_t> expected = before;
      expected[byte] ^= 0x10;
      EXPECT_EQ(flat(copy), expected);
      EXPECT_EQ(flat(original), before);
    }
  }
}

}  // namespace
}  // namespace strata
