#include "link/fault_device.hpp"

#include <gtest/gtest.h>

#include "link/test_device.hpp"
#include "link/test_frames.hpp"
#include "strata/stack.hpp"

namespace strata {
namespace {

static_assert(Device<FaultDevice<test::TestDevice>>);

using test::flat;
using test::make_segment;
using test::no_stack;
using test::parse_frame;
using test::small_pools;

Instant at_millis(std::int64_t n) { return Instant() + Duration::millis(n); }

TEST(FaultDevice, DelaysBothDirectionsByTheirOwnTimes) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  FaultDevice device(wire, {.out = {.delay = Duration::millis(5)}, .in = {.delay = Duration::millis(7)}});
  Packet frame = make_segment(pools, {.payload = 100});
  ASSERT_TRUE(device.transmit(frame, Instant()));
  wire.to_receive.push_back(make_segment(pools, {.payload = 200}));
  EXPECT_FALSE(device.receive(no_stack(), Instant()));
  EXPECT_TRUE(wire.sent.empty());

  EXPECT_EQ(device.next_deadline(), at_millis(5));
  EXPECT_FALSE(device.receive(no_stack(), at_millis(5)));
  ASSERT_EQ(wire.sent.size(), 1U);
  EXPECT_TRUE(parse_frame(flat(wire.sent[0]))->tcp_checksum_good);

  EXPECT_EQ(device.next_deadline(), at_millis(7));
  const Packet received = device.receive(no_stack(), at_millis(7));
  ASSERT_TRUE(received);
  EXPECT_EQ(received.meta().arrival, at_millis(7));
  EXPECT_EQ(received.meta().csum, ChecksumState::unverified);
  EXPECT_TRUE(device.next_deadline().is_never());
}

TEST(FaultDevice, CutsSuperSegmentsInBothDirections) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  FaultDevice device(wire, {});
  Packet frame = make_segment(pools, {.payload = 5000, .gso_size = 1000});
  ASSERT_TRUE(device.transmit(frame, Instant()));
  EXPECT_EQ(wire.sent.size(), 5U);
  wire.to_receive.push_back(make_segment(pools, {.payload = 3000, .gso_size = 1000}));
  int received = 0;
  while (device.receive(no_stack(), Instant())) ++received;
  EXPECT_EQ(received, 3);
}

TEST(FaultDevice, KeepsFramesWhileTheDeviceIsFull) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  wire.room = 1;
  FaultDevice device(wire, {});
  Packet frame = make_segment(pools, {.payload = 3000, .gso_size = 1000});
  ASSERT_TRUE(device.transmit(frame, Instant()));
  EXPECT_EQ(wire.sent.size(), 1U);
  Packet next = make_segment(pools, {.payload = 10});
  EXPECT_FALSE(device.transmit(next, Instant()));
  EXPECT_EQ(device.next_deadline(), Instant() + Duration::micros(100));
  wire.room = 10;
  EXPECT_TRUE(device.transmit(next, Instant()));
  EXPECT_EQ(wire.sent.size(), 4U);
}

TEST(FaultDevice, DirectionsFailIndependently) {
  buf::Pools pools(small_pools());
  test::TestDevice wire;
  const ImpairmentConfig lossy{.loss_ppm = 500'000};
  FaultDevice device(wire, {.out = lossy, .in = lossy, .seed = 9});
  std::vector<bool> sent;
  std::vector<bool> received;
  for (int i = 0; i < 64; ++i) {
    Packet frame = make_segment(pools, {.payload = 10});
    const std::size_t before = wire.sent.size();
    ASSERT_TRUE(device.transmit(frame, Instant()));
    sent.push_back(wire.sent.size() > before);
    wire.to_receive.push_back(make_segment(pools, {.payload = 10}));
    received.push_back(static_cast<bool>(device.receive(no_stack(), Instant())));
  }
  EXPECT_NE(sent, received);
}

}  // namespace
}  // namespace strata
