#include "link/capture_tap.hpp"

#include <gtest/gtest.h>

#include "link/test_device.hpp"
#include "link/test_frames.hpp"
#include "strata/stack.hpp"

namespace strata {
namespace {

static_assert(Device<CaptureTap<test::TestDevice>>);

using test::flat;
using test::make_segment;
using test::no_stack;
using test::small_pools;

struct Shown {
  std::vector<std::uint8_t> bytes;
  FrameDirection direction;
  Instant at;
};

void remember(void* context, const Packet& frame, FrameDirection direction, Instant at) {
  static_cast<std::vector<Shown>*>(context)->push_back({flat(frame), direction, at});
}

const Instant kNow = Instant::from_nanos(17);

TEST(CaptureTap, ShowsWhatCrossesInBothDirections) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  std::vector<Shown> shown;
  CaptureTap tap(wire, {&shown, remember});
  Packet frame = make_segment(pools, {.payload = 3000, .gso_size = 1000});
  const std::vector<std::uint8_t> bytes = flat(frame);
  ASSERT_TRUE(tap.transmit(frame, kNow));
  wire.to_receive.push_back(make_segment(pools, {.payload = 10}));
  ASSERT_TRUE(tap.receive(no_stack(), kNow));
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].bytes, bytes);
  EXPECT_EQ(shown[0].direction, FrameDirection::out);
  EXPECT_EQ(shown[0].at, kNow);
  EXPECT_EQ(shown[1].direction, FrameDirection::in);
  EXPECT_EQ(flat(wire.sent.at(0)), bytes);
}

TEST(CaptureTap, ShowsNoFrameThatTheDeviceRefused) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  wire.room = 0;
  std::vector<Shown> shown;
  CaptureTap tap(wire, {&shown, remember});
  Packet frame = make_segment(pools, {.payload = 10});
  EXPECT_FALSE(tap.transmit(frame, kNow));
  EXPECT_TRUE(frame);
  EXPECT_TRUE(shown.empty());
}

TEST(CaptureTap, ShowsSuperSegmentsAsFramesWhenAsked) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  std::vector<Shown> shown;
  CaptureTap tap(wire, {&shown, remember}, {.split = true});
  Packet frame = make_segment(pools, {.payload = 3000, .gso_size = 1000});
  ASSERT_TRUE(tap.transmit(frame, kNow));
  EXPECT_EQ(shown.size(), 3U);
  for (const Shown& one : shown) EXPECT_TRUE(test::parse_frame(one.bytes)->tcp_checksum_good);
  ASSERT_EQ(wire.sent.size(), 1U);
  EXPECT_EQ(wire.sent[0].meta().gso_size, 1000);
}

}  // namespace
}  // namespace strata
