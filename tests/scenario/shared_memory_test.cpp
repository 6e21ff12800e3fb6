// One budget for all connections (Linux's tcp_mem): when it is spent, everybody goes on with little, and
// nobody stands still. Programs here are woken, they never look again by themselves.
#include <deque>
#include <memory>
#include <vector>

#include "base/rng.hpp"
#include "base/seq_num.hpp"
#include "tests/scenario/bulk_stream.hpp"

namespace strata::scenario {
namespace {

constexpr std::size_t kBlock = 2048;

/// Many connections, each of which brings `size` bytes to the server; they begin when all are connected.
class Crowd {
 public:
  Crowd(World& world, std::size_t count, std::uint64_t size)
      : world_(world), size_(size), clients_(count), servers_(count) {
    const Endpoint any{.address = world.host(Side::b).address, .zone = 0, .port = 80};
    listener_ = *world.host(Side::b).stack.listen(any);
    world.add_app(Side::a, [this] {
      connect_more();
      if (accepted_ == clients_.size()) run(ready_clients_, &Crowd::send);
    });
    world.add_app(Side::b, [this] {
      accept_more();
      run(ready_servers_, &Crowd::receive);
    });
  }

  bool is_done() const { return done_ == servers_.size(); }

 private:
  struct Member {
    std::deque<Member*>* ready = nullptr;
    TcpStream stream;
    std::uint64_t at = 0;
  };
  using Step = void (Crowd::*)(Member&);

  static void on_ready(void* context, Ready) {
    auto* member = static_cast<Member*>(context);
    member->ready->push_back(member);
  }
  void adopt(Member& member, TcpStream stream, std::deque<Member*>& ready) {
    member.ready = &ready;
    member.stream = std::move(stream);
    member.stream.set_waker({.context = &member, .function = &Crowd::on_ready});
    ready.push_back(&member);
  }
  void connect_more() {
    const Endpoint server{.address = world_.host(Side::b).address, .zone = 0, .port = 80};
    while (connected_ < clients_.size() && connected_ - accepted_ < 500) {
      adopt(clients_[connected_++], *world_.host(Side::a).stack.connect(server, world_.now()),
            ready_clients_);
    }
  }
  void accept_more() {
    while (accepted_ < servers_.size()) {
      auto stream = listener_.accept();
      if (!stream) return;
      adopt(servers_[accepted_++], std::move(*stream), ready_servers_);
    }
  }
  void run(std::deque<Member*>& ready, Step step) {
    for (std::size_t left = ready.size(); left > 0; --left) {
      Member& member = *ready.front();
      ready.pop_front();
      if (member.stream) (this->*step)(member);
    }
  }
  void send(Member& member) {
    if (member.stream.state() == TcpState::syn_sent) return;
    while (member.at < size_) {
      const auto taken = member.stream.send(pattern_.at(member.at, size_ - member.at));
      if (!taken) {
        ASSERT_EQ(taken.error(), Errc::would_block);
        return;
      }
      member.at += *taken;
    }
    member.stream.close();
  }
  void receive(Member& member) {
    while (true) {
      const auto bytes = member.stream.peek();
      if (!bytes) return;
      if (bytes->empty()) break;
      ASSERT_TRUE(pattern_.matches(member.at, *bytes));
      member.at += bytes->size();
      member.stream.consume(bytes->size());
    }
    ASSERT_EQ(member.at, size_);
    ++done_;
    member.stream.close();
  }

  World& world_;
  bench::Pattern pattern_;
  std::uint64_t size_;
  TcpListener listener_;
  std::vector<Member> clients_;
  std::vector<Member> servers_;
  std::deque<Member*> ready_clients_;
  std::deque<Member*> ready_servers_;
  std::size_t connected_ = 0;
  std::size_t accepted_ = 0;
  std::size_t done_ = 0;
};

TEST(SharedMemory, TenThousandConnectionsFinishOn64Mebibytes) {
  WorldConfig config;
  config.stack.buffers = {
      .block_size = kBlock, .blocks_max = 44'000, .packets_max = 1U << 16, .queue_nodes_max = 1U << 16};
  config.stack.tables.connections_max = 20'000;
  config.stack.tables.time_wait_max = 20'000;
  config.stack.tcp.memory = {.low = 12'288, .pressure = 14'336, .high = 16'384};
  config.wire.a_to_b = {.rate_bits_per_second = 1'000'000'000,
                        .queue_bytes_max = 2'000'000,
                        .frames_max = 10'000,
                        .delay = Duration::millis(5)};
  World world(config);
  Crowd crowd(world, 10'000, 20'000);
  std::size_t most = 0;
  const Stack& sender = world.host(Side::a).stack;
  const bool finished = world.run_until(
      [&] {
        most = std::max(most, sender.blocks_in_use());
        return crowd.is_done();
      },
      Duration::seconds(120));
  EXPECT_TRUE(finished);
  EXPECT_GT(most * kBlock, 64U << 20);      // the budget was spent, and everybody had the least beyond it
  EXPECT_LE(most, 44'000U / 16 * 15 + 16);  // the last blocks are for frames that come in
  EXPECT_GT(sender.counters()[Counter::tcp_memory_pressures], 0U);
  EXPECT_GT(sender.counters()[Counter::tcp_memory_refused_out], 0U);
  world.run_for(Duration::seconds(130));
  for (const Side side : {Side::a, Side::b}) {
    EXPECT_EQ(world.host(side).stack.connection_count(), 0U);
    EXPECT_EQ(world.host(side).stack.blocks_in_use(), 0U);
  }
}

TEST(SharedMemory, ASlowReaderDoesNotGrow) {
  World world({.wire = {.a_to_b = {.delay = Duration::millis(5)}, .b_to_a = {.delay = Duration::millis(5)}}});
  BulkStream bulk(world);
  world.run_for(Duration::millis(11));
  bulk.reads = false;
  for (int i = 0; i < 500; ++i) {
    world.run_for(Duration::millis(10));
    bulk.receiver.consume(1000);
  }
  const TcpInfo info = bulk.receiver.info();
  EXPECT_EQ(info.receive_buffer, 64U * 1024);
  EXPECT_LE(info.receive_queued, 64U * 1024);
  EXPECT_LE(world.host(Side::b).stack.blocks_in_use() * kBlock, 2U * 64 * 1024);
}

TEST(SharedMemory, AReaderThatStopsAndGoesOnLosesNothing) {
  World world({.wire = {.a_to_b = {.rate_bits_per_second = 100'000'000, .delay = Duration::millis(5)},
                        .b_to_a = {.delay = Duration::millis(5)}}});
  BulkStream bulk(world);
  for (int i = 0; i < 5; ++i) {
    bulk.reads = true;
    world.run_for(Duration::millis(500));
    const std::uint64_t before = bulk.received;
    world.run_for(Duration::millis(500));
    EXPECT_GT(bulk.received - before, 5'500'000U) << i;  // of 6.25 MB
    bulk.reads = false;
    world.run_for(Duration::seconds(3));
  }
  bulk.reads = true;
  bulk.to_send = bulk.sent;
  EXPECT_TRUE(world.run_until([&] { return bulk.saw_end; }, Duration::seconds(10)));
  EXPECT_EQ(bulk.received, bulk.sent);
}

TEST(SharedMemory, WhatAConnectionGrewToComesBack) {
  World world({.wire = {.a_to_b = {.rate_bits_per_second = 100'000'000, .delay = Duration::millis(50)},
                        .b_to_a = {.delay = Duration::millis(50)}}});
  BulkStream bulk(world);
  world.run_for(Duration::seconds(5));
  EXPECT_GT(bulk.receiver.info().receive_buffer, 1U << 20);
  EXPECT_GT(bulk.sender.info().send_buffer, 1U << 20);
  bulk.to_send = bulk.sent;
  ASSERT_TRUE(world.run_until([&] { return bulk.saw_end; }, Duration::seconds(10)));
  bulk.sender.close();
  bulk.receiver.close();
  world.run_for(Duration::seconds(1));
  EXPECT_EQ(world.host(Side::a).stack.blocks_in_use(), 0U);
  EXPECT_EQ(world.host(Side::b).stack.blocks_in_use(), 0U);
}

/// Readers that stop and go on at random, over a wire with faults. The scale rounds the window down while its
/// reader stands still (RFC 7323 §2.4): by less than a unit the edge may seem to go back.
TEST(SharedMemory, TheRightEdgeNeverMovesLeft) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const ImpairmentConfig bad{.rate_bits_per_second = 20'000'000,
                               .delay = Duration::millis(10),
                               .loss_ppm = 10'000,
                               .reorder_ppm = 20'000};
    World world({.seed = seed, .wire = {.a_to_b = bad, .b_to_a = bad}});
    SeqNum edge;
    std::uint32_t unit = 0;
    std::uint64_t announced = 0;
    world.set_observer([&](Side side, const TraceEvent& event) {
      if (side != Side::b || event.kind != TraceKind::segment_sent || unit == 0) return;
      const SeqNum now = SeqNum(event.segment.ack) + event.segment.wnd;
      if (announced++ > 0) {
        EXPECT_TRUE((now + (unit - 1)).at_or_after(edge)) << "seed " << seed;
      }
      edge = announced == 1 ? now : later(edge, now);
    });
    BulkStream bulk(world);
    world.run_for(Duration::seconds(1));
    unit = 1U << bulk.receiver.info().rcv_shift;
    Xoshiro random(seed);
    for (int i = 0; i < 100; ++i) {
      bulk.reads = random.next_u64() % 3 != 0;
      world.run_for(Duration::millis(static_cast<std::int64_t>(random.next_u64() % 100)));
    }
    EXPECT_GT(announced, 1000U);
  }
}

}  // namespace
}  // namespace strata::scenario
