#include "sim/world.hpp"

#include <gtest/gtest.h>

#include "strata/udp.hpp"

namespace strata::sim {
namespace {

TEST(World, TimeJumpsToTheEndWhenNothingHappens) {
  World world({});
  EXPECT_FALSE(world.run_until([] { return false; }, Duration::seconds(1000)));
  EXPECT_EQ(world.now(), Instant() + Duration::seconds(1000));
  EXPECT_EQ(world.frames_arrived(), 0U);
}

TEST(World, ADatagramTakesTheDelayOfTheWire) {
  World world(
      {.wire = {.a_to_b = {.delay = Duration::millis(30)}, .b_to_a = {.delay = Duration::millis(10)}}});
  auto from = world.host(Side::a).stack.bind_udp({.address = world.host(Side::a).address, .port = 5000});
  auto to = world.host(Side::b).stack.bind_udp({.address = world.host(Side::b).address, .port = 6000});
  ASSERT_TRUE(from && to);
  ASSERT_TRUE(
      from->send_to({.address = world.host(Side::b).address, .port = 6000}, as_bytes("hello"), world.now()));
  ASSERT_TRUE(world.run_until([&] { return any(to->ready() & Ready::readable); }, Duration::seconds(5)));
  // The ARP request and its reply, then the datagram.
  EXPECT_EQ(world.now(), Instant() + Duration::millis(30 + 10 + 30));
  EXPECT_EQ(world.frames_arrived(), 3U);
}

TEST(World, ADeadHostAnswersNothing) {
  World world({});
  world.kill(Side::b);
  auto from = world.host(Side::a).stack.bind_udp({.address = world.host(Side::a).address, .port = 5000});
  ASSERT_TRUE(from);
  ASSERT_TRUE(
      from->send_to({.address = world.host(Side::b).address, .port = 6000}, as_bytes("hello"), world.now()));
  world.run_for(Duration::seconds(10));
  EXPECT_EQ(world.frames_arrived(), 0U);
}

}  // namespace
}  // namespace strata::sim
