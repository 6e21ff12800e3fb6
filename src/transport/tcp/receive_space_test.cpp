// The receive window of a connection: it follows its reader, is kept small while memory is short, and never
// takes back what it announced.
#include "transport/tcp/receive_space.hpp"

#include <vector>

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

/// Takes blocks away, so that only `left` are free.
class Shortage {
 public:
  Shortage(buf::Pools& pools, std::size_t left) {
    while (pools.blocks.available() > left)
      blocks_.push_back(buf::Slice::adopt(pools.blocks.allocate(), 0, 0));
  }
  void end() { blocks_.clear(); }

 private:
  std::vector<buf::Slice> blocks_;
};

/// 1000 bytes a segment, 1024 blocks; a window of 40,000 that may grow to 1 MiB; a round trip of 100 ms.
Scene tuned() {
  Scene scene;
  scene.peer_syn = "mss 1000 wscale 7";
  scene.config.moderate_receive_buffer = true;
  scene.config.receive_buffer = 40'000;
  scene.config.receive_buffer_max = 1U << 20;
  scene.path = {.mss = 1000, .gso_max = 0};
  scene.buffers.blocks_max = 1024;
  return scene;
}

std::uint32_t window(Script& t) { return window_limit(t.tcb(), t.context()); }

/// `count` segments arrive, each is acknowledged or not as the rules have it, and all is read.
void bring(Script& t, int count) {
  for (int i = 0; i < count; ++i) t.peer(".  len 1000");
  (void)t.try_read(static_cast<std::size_t>(count) * 1000);
  while (t.connection().poll_transmit(t.context())) {
  }
}

/// Rounds of 10, 20, 40 segments.
void bring_rounds(Script& t) {
  for (const int count : {10, 20, 40}) {
    bring(t, count);
    t.advance(Duration::millis(100));
  }
}

TEST(ReceiveSpace, TheWindowGrowsWithWhatIsRead) {
  Script t(State::established, tuned());
  EXPECT_EQ(window(t), 40'000U);
  bring_rounds(t);
  bring(t, 1);
  EXPECT_GE(window(t), 160'000U);
  EXPECT_GE(t.connection().info().rcv_wnd, 40'000U);
  EXPECT_GE(t.count(Counter::tcp_receive_buffers_grown), 1U);
}

TEST(ReceiveSpace, ASizeOfTheApplicationsOwnStays) {
  Script t(State::established, tuned());
  t.set([](TcpSettings& own) { own.receive_buffer = 40'000; });
  bring_rounds(t);
  EXPECT_EQ(window(t), 40'000U);
  EXPECT_FALSE(t.tcb().tuning);
}

TEST(ReceiveSpace, ModerationCanBeOff) {
  Scene scene = tuned();
  scene.config.moderate_receive_buffer = false;
  Script t(State::established, scene);
  bring_rounds(t);
  EXPECT_EQ(window(t), 40'000U);
}

TEST(ReceiveSpace, AClampHoldsHoweverMuchIsRead) {
  Script t(State::established, tuned());
  t.set([](TcpSettings& own) { own.window_clamp = 50'000; });
  bring_rounds(t);
  EXPECT_LE(window(t), 50'000U);
}

TEST(ReceiveSpace, WhoBringsLittlePaysNothing) {
  Script t(State::established, tuned());
  bring(t, 3);
  t.advance(Duration::millis(100));
  bring(t, 1);
  EXPECT_FALSE(t.tcb().tuning);
}

TEST(ReceiveSpace, TheScaleDoesForTheLargestWindow) {
  Scene scene = tuned();
  Script t(State::syn_sent, scene);
  EXPECT_EQ(largest_window(t.tcb(), scene.config), 1U << 20);
  t.set([](TcpSettings& own) { own.receive_buffer = 30'000; });
  EXPECT_EQ(largest_window(t.tcb(), scene.config), 30'000U);
}

TEST(ReceiveSpace, AfterAPauseItBeginsAnew) {
  Script t(State::established, tuned());
  bring_rounds(t);
  bring(t, 1);
  ASSERT_GT(window(t), 100'000U);
  t.advance(Duration::seconds(11));
  bring(t, 1);
  EXPECT_EQ(window(t), 40'000U);
}

TEST(ReceiveSpace, AnIdleConnectionGivesBackWhatItGrewTo) {
  Script t(State::established, tuned());
  bring_rounds(t);
  give_back_if_idle(t.tcb(), t.now());
  EXPECT_TRUE(t.tcb().tuning);
  give_back_if_idle(t.tcb(), t.now() + Duration::seconds(11));
  EXPECT_FALSE(t.tcb().tuning);
}

TEST(ReceiveSpace, UnderPressureTheWindowIsFourSegmentsAndItsEdgeStays) {
  Script t(State::established, tuned());
  bring_rounds(t);
  bring(t, 2);
  const SeqNum edge = t.tcb().rcv_edge;
  Shortage shortage(t.pools(), 1024 - 700);  // of 1024, 640 is the second mark
  EXPECT_EQ(window(t), 4000U);
  bring(t, 2);
  EXPECT_EQ(t.tcb().rcv_edge, edge);
  shortage.end();
  bring(t, 2);
  EXPECT_TRUE(t.tcb().rcv_edge.after(edge));
}

TEST(ReceiveSpace, UnderPressureNothingGrows) {
  Script t(State::established, tuned());
  bring(t, 10);
  Shortage shortage(t.pools(), 1024 - 700);
  bring_rounds(t);
  shortage.end();
  EXPECT_EQ(window(t), 40'000U);
  EXPECT_EQ(t.count(Counter::tcp_receive_buffers_grown), 0U);
}

TEST(ReceiveSpace, AboveTheMarkTextOutOfOrderIsRefusedAndTheDuplicateAckLeaves) {
  Script t(State::established, tuned());
  Shortage shortage(t.pools(), 1024 - 800);  // 768 is the third mark
  t.peer(".  2001:3001(1000)");
  t.expect(".  ack 1");
  EXPECT_EQ(t.count(Counter::tcp_memory_refused_in), 1U);
  EXPECT_TRUE(t.tcb().reassembly.empty());
}

TEST(ReceiveSpace, TextInOrderFindsRoomInTheMemoryOfTextOutOfOrder) {
  Script t(State::established, tuned());
  t.peer(".  4001:5001(1000)");
  t.expect(".  ack 1");
  t.peer(".  2001:3001(1000)");
  t.expect(".  ack 1");
  Shortage shortage(t.pools(), 1024 - 800);
  t.peer(".  1:1001(1000)");
  t.expect(".  ack 1001");
  EXPECT_EQ(t.count(Counter::tcp_out_of_order_pruned), 2U);
  EXPECT_EQ(t.count(Counter::tcp_memory_refused_in), 0U);
}

TEST(ReceiveSpace, AboveTheMarkAReaderThatKeepsUpGoesOn) {
  Script t(State::established, tuned());
  Shortage shortage(t.pools(), 1024 - 800);
  t.peer(".  1:1001(1000)");
  t.expect(".  ack 1001");
  t.peer(".  1001:2001(1000)");
  t.expect(".  ack 2001");
  t.peer(".  2001:3001(1000)");  // 2000 lie unread: more than the least
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_memory_refused_in), 1U);
  t.app_read(2000);
  t.peer(".  2001:3001(1000)");
  t.expect(".  ack 3001");
}

TEST(ReceiveSpace, WithTheLastBlocksNothingIsTaken) {
  Script t(State::established, tuned());
  t.app_send(1000);
  t.expect("P. 1:1001(1000)");
  Shortage shortage(t.pools(), 10);
  t.peer("P. 1:1001(1000) ack 1001");
  EXPECT_EQ(t.tcb().snd_una, t.tcb().iss + 1001);  // what it acknowledges is heard all the same
  EXPECT_EQ(t.count(Counter::tcp_memory_refused_in), 1U);
  shortage.end();
  t.peer("P. 1:1001(1000)");
  t.expect(".  ack 1001");
}

TEST(SendSpace, GrowsToTwiceTheCongestionWindow) {
  Scene scene = tuned();
  scene.config.send_buffer = 20'000;
  Script t(State::established, scene);
  EXPECT_EQ(t.try_send(100'000).value(), 20'000U);
  t.expect_data(1, 1000, 10);
  t.peer(".  ack 5001");
  EXPECT_EQ(t.connection().info(t.context()).send_buffer, 2 * t.tcb().cc.cwnd());
  EXPECT_EQ(t.count(Counter::tcp_send_buffers_grown), 1U);
  EXPECT_FALSE(t.tcb().send_blocked);  // it was woken
}

TEST(SendSpace, DoesNotGrowUnderPressureNorBeyondItsBound) {
  Scene scene = tuned();
  scene.config.send_buffer = 20'000;
  scene.config.send_buffer_max = 25'000;
  Script t(State::established, scene);
  EXPECT_EQ(t.try_send(100'000).value(), 20'000U);
  t.expect_data(1, 1000, 10);
  Shortage shortage(t.pools(), 1024 - 700);
  t.peer(".  ack 2001");
  EXPECT_EQ(t.count(Counter::tcp_send_buffers_grown), 0U);
  shortage.end();
  t.peer(".  ack 4001");
  EXPECT_EQ(t.connection().info(t.context()).send_buffer, 25'000U);
}

TEST(SendSpace, AboveTheMarkAConnectionHasItsLeast) {
  Script t(State::established, tuned());
  Shortage shortage(t.pools(), 1024 - 800);
  EXPECT_EQ(t.try_send(100'000).value(), 4608U);
  EXPECT_EQ(t.try_send(1).error(), Errc::would_block);
  EXPECT_TRUE(t.tcb().waits_for_memory);
  EXPECT_EQ(t.count(Counter::tcp_memory_refused_out), 1U);
}

}  // namespace
}  // namespace strata::tcp
