// How much a writer may queue and when it is woken, by the memory rule (tcp(7): tcp_wmem; socket(7):
// SO_SNDBUF).
#include "transport/tcp/send_space.hpp"

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

Scene by_memory(std::uint32_t buffer) {
  Scene scene;
  scene.peer_syn = "mss 1000 win 20000";
  scene.config.send_rule = TcpSendRule::memory;
  scene.config.send_buffer = buffer;
  scene.config.send_buffer_max = buffer;
  scene.path.gso_max = 65'000;
  return scene;
}
constexpr std::size_t kMuch = 1'000'000;

// Bursts are half of the largest window: 10,000 bytes and 1280 for the books.
TEST(SendMemory, ABurstThatHasBegunIsFilled) {
  Script t(State::established, by_memory(25'000));
  // Ten segments leave at once, which makes room in the first burst; 21,280, 22,560 with the second's books.
  EXPECT_EQ(t.try_send(kMuch).value(), 30'000U);
  t.expect(".  1:5001(5000) gso 1000");
  t.expect(".  5001:10001(5000) gso 1000");
}

TEST(SendMemory, ManySmallWritesFillTheSameBurst) {
  Script t(State::established, by_memory(25'000));
  std::size_t taken = 0;
  while (const auto piece = t.try_send(700)) taken += *piece;
  EXPECT_GE(taken, 20'000U);
  EXPECT_LE(taken, 30'000U);
  t.expect(".  1:5001(5000) gso 1000");
  t.expect(".  5001:10001(5000) gso 1000");
}

TEST(SendMemory, WhatWaitsUnsentHasABoundOfItsOwn) {
  Script t(State::established, by_memory(1'000'000));
  t.set([](TcpSettings& own) { own.notsent_lowat = 5000; });
  EXPECT_EQ(t.try_send(kMuch).value(), 20'000U);
  t.expect(".  1:5001(5000) gso 1000");
  t.expect(".  5001:10001(5000) gso 1000");
  t.peer(".  ack 4001");
  t.expect(".  10001:17001(7000) gso 1000");
  t.expect(".  17001:18001(1000)");
  EXPECT_FALSE(any(t.tcb().events & Ready::writable) && t.tcb().send_blocked);
}

TEST(SendMemory, AWriterIsWokenWhenAThirdIsFree) {
  Script t(State::established, by_memory(24'000));
  ASSERT_EQ(t.try_send(kMuch).value(), 30'000U);
  t.expect(".  1:5001(5000) gso 1000");
  t.expect(".  5001:10001(5000) gso 1000");
  t.peer(".  ack 10001 win 20000");
  t.expect(".  10001:20001(10000) gso 1000");
  t.expect("P. 20001:30001(10000) gso 1000");
  EXPECT_TRUE(t.tcb().send_blocked);
  t.peer(".  ack 15001 win 20000");  // 15,000 and 1280 are more than two thirds of 24,000
  EXPECT_TRUE(t.tcb().send_blocked);
  t.peer(".  ack 16001 win 20000");
  EXPECT_FALSE(t.tcb().send_blocked);
}

TEST(SendMemory, ABufferGrowsWhenItsWriterWaitsAndTheNetworkWouldTakeMore) {
  Scene scene = by_memory(4000);
  scene.config.send_buffer_max = 1'000'000;
  Script t(State::established, scene);
  ASSERT_EQ(t.try_send(kMuch).value(), 10'000U);
  t.expect(".  1:5001(5000) gso 1000");
  t.expect("P. 5001:10001(5000) gso 1000");
  t.peer(".  ack 5001");
  t.expect_nothing();
  EXPECT_GT(t.tcb().grown_send_buffer, 40'000U);
  EXPECT_FALSE(t.tcb().send_blocked);
}

TEST(SendMemory, ABufferOfTheProgramsOwnDoesNotGrow) {
  Scene scene = by_memory(4000);
  scene.config.send_buffer_max = 1'000'000;
  Script t(State::established, scene);
  t.set([](TcpSettings& own) { own.send_buffer = 4000; });
  ASSERT_EQ(t.try_send(kMuch).value(), 10'000U);
  t.expect(".  1:5001(5000) gso 1000");
  t.expect("P. 5001:10001(5000) gso 1000");
  t.peer(".  ack 5001");
  t.expect_nothing();
  EXPECT_EQ(t.tcb().grown_send_buffer, 0U);
}

TEST(Bursts, AreAMillisecondOfThePathAndTwoSegmentsAtLeast) {
  Scene scene = by_memory(1'000'000);
  scene.config.push_bursts = true;
  Script t(State::established, scene);  // a round trip of 100 ms, a window of ten segments
  EXPECT_EQ(burst_limit(t.tcb(), scene.config), 2000U);
  t.app_send(3000);
  t.expect("P. 1:2001(2000) gso 1000");
  t.expect("P. 2001:3001(1000) gso 0");
  scene.config.burst_segments_min = 4;
  EXPECT_EQ(burst_limit(t.tcb(), scene.config), 4000U);
}

}  // namespace
}  // namespace strata::tcp
