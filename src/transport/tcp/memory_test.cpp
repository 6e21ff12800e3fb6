// Pools that are exhausted: nothing is lost that was acknowledged, nothing leaks, and the connection goes on
// afterwards.
#include <vector>

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

/// Holds everything that a pool has left.
class Hoard {
 public:
  explicit Hoard(buf::Pools& pools) : pools_(pools) {}
  ~Hoard() { give_back(); }
  Hoard& packets() {
    while (Packet packet = pools_.packets.allocate()) packets_.push_back(std::move(packet));
    return *this;
  }
  Hoard& nodes() {
    while (buf::QueueNode* node = pools_.nodes.allocate()) nodes_.push_back(node);
    return *this;
  }
  Hoard& blocks() {
    while (buf::Block* block = pools_.blocks.allocate()) blocks_.push_back(buf::Slice::adopt(block, 0, 0));
    return *this;
  }
  void give_back() {
    packets_.clear();
    blocks_.clear();
    for (buf::QueueNode* node : nodes_) pools_.nodes.release(node);
    nodes_.clear();
  }

 private:
  buf::Pools& pools_;
  std::vector<Packet> packets_;
  std::vector<buf::Slice> blocks_;
  std::vector<buf::QueueNode*> nodes_;
};

TEST(OutOfMemory, WithoutAPacketDataWaits) {
  Script t(State::established);
  t.app_send(100);
  Hoard hoard(t.pools());
  hoard.packets();
  t.expect_nothing();
  EXPECT_GE(t.count(Counter::no_packet), 1U);
  hoard.give_back();
  t.expect("P. 1:101(100)");
}

TEST(OutOfMemory, WithoutAPacketAnAckStillLeaves) {
  Script t(State::established);
  t.app_send(100);
  t.peer("P. len 10");
  Hoard hoard(t.pools());
  hoard.packets();
  t.expect(".  ack 11");
}

TEST(OutOfMemory, WithoutAPacketARetransmissionIsNotForgotten) {
  Script t(State::established);
  t.app_send(5 * 1460);
  t.expect_data(1, 1460, 5);
  for (int i = 0; i < 3; ++i) t.peer(".");
  Hoard hoard(t.pools());
  hoard.packets();
  t.expect_nothing();
  hoard.give_back();
  t.expect(".  1:1461(1460) cause retransmit_fast");
}

TEST(OutOfMemory, WithoutBlocksSendWaits) {
  Script t(State::established);
  Hoard hoard(t.pools());
  hoard.blocks();
  EXPECT_EQ(t.try_send(100).error(), Errc::would_block);
  EXPECT_EQ(t.count(Counter::tcp_memory_refused_out), 1U);
  hoard.give_back();
  t.app_send(100);
  t.expect("P. 1:101(100)");
}

TEST(OutOfMemory, WithoutNodesDataIsNotAcknowledged) {
  Script t(State::established);
  Hoard hoard(t.pools());
  hoard.nodes();
  t.peer("P. 1:2001(2000)");
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::no_queue_node), 1U);
  hoard.give_back();
  t.peer("P. 1:2001(2000)");
  t.expect(".  ack 2001");
  t.app_read(2000);
}

TEST(OutOfMemory, WithoutNodesAFinIsNotTakenEither) {
  Script t(State::established);
  Hoard hoard(t.pools());
  hoard.nodes();
  t.peer("FP. 1:2001(2000)");
  t.expect_state(State::established);
  hoard.give_back();
  t.peer("FP. 1:2001(2000)");
  t.expect(".  ack 2002");
  t.expect_state(State::close_wait);
  t.app_read(2000);
  t.expect_end_of_stream();
}

TEST(OutOfMemory, WithoutIslandsOutOfOrderDataIsDropped) {
  Script t(State::established, {.islands_max = 0});
  t.peer(".  1001:2001(1000)");
  t.expect(".  ack 1");
  EXPECT_EQ(t.count(Counter::tcp_reassembly_full), 1U);
  t.peer(".  1:1001(1000)");
  t.expect(".  ack 1001");
}

TEST(OutOfMemory, ASuperSegmentOfManySmallPiecesKeepsToWholeSegments) {
  Scene scene;
  scene.path.gso_max = 65'000;
  scene.config.initial_window_segments = 20;
  scene.buffers.block_size = 200;  // 48 pieces hold less than half of the window
  scene.peer_syn = "mss 1000";
  Script t(State::established, scene);
  t.app_send(30'000);
  t.expect(".  1:9001(9000) gso 1000");
  t.expect(".  9001:18001(9000) gso 1000");
  t.expect(".  18001:20001(2000) gso 1000");
}

}  // namespace
}  // namespace strata::tcp
