#include "link/split_device.hpp"

#include <gtest/gtest.h>

#include "link/test_device.hpp"
#include "link/test_frames.hpp"
#include "strata/stack.hpp"

namespace strata {
namespace {

static_assert(Device<SplitDevice<test::TestDevice>>);

using test::flat;
using test::make_segment;
using test::parse_frame;
using test::small_pools;

TEST(SplitDevice, OffersOffloadsAndSendsCompleteFrames) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  SplitDevice device(wire);
  EXPECT_GT(device.capabilities().gso_max, 65000U);
  EXPECT_TRUE(device.capabilities().checksum_offload_tx);
  Packet super = make_segment(pools, {.payload = 10000, .gso_size = 1448});
  EXPECT_TRUE(device.transmit(super, Instant()));
  EXPECT_FALSE(super);
  ASSERT_EQ(wire.sent.size(), 7U);
  for (const Packet& frame : wire.sent) EXPECT_TRUE(parse_frame(flat(frame))->tcp_checksum_good);
}

TEST(SplitDevice, LeavesTheRestWithTheCallerWhenTheDeviceIsFull) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  wire.room = 3;
  SplitDevice device(wire);
  Packet super = make_segment(pools, {.payload = 10000, .gso_size = 1448});
  EXPECT_FALSE(device.transmit(super, Instant()));
  ASSERT_TRUE(super);
  EXPECT_EQ(wire.sent.size(), 3U);
  EXPECT_FALSE(device.transmit(super, Instant()));
  EXPECT_EQ(wire.sent.size(), 3U);
  wire.room = 100;
  EXPECT_TRUE(device.transmit(super, Instant()));
  std::vector<std::uint8_t> stream;
  for (const Packet& frame : wire.sent) {
    const auto parsed = parse_frame(flat(frame));
    ASSERT_TRUE(parsed && parsed->tcp_checksum_good);
    stream.insert(stream.end(), parsed->payload.begin(), parsed->payload.end());
  }
  EXPECT_EQ(stream, test::pattern(10000));
}

TEST(SplitDevice, AnOrdinaryFrameStaysWithTheCallerWhenTheDeviceIsFull) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  wire.room = 0;
  SplitDevice device(wire);
  Packet frame = make_segment(pools, {.payload = 100});
  EXPECT_FALSE(device.transmit(frame, Instant()));
  wire.room = 1;
  EXPECT_TRUE(device.transmit(frame, Instant()));
  EXPECT_TRUE(parse_frame(flat(wire.sent.at(0)))->tcp_checksum_good);
}

}  // namespace
}  // namespace strata
