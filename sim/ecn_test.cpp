// Two stacks over a wire that marks instead of losing (RFC 3168, RFC 8257): nothing has to be sent again, and
// the sender slows down all the same.
#include <gtest/gtest.h>

#include "sim/test_connection.hpp"

namespace strata::sim {
namespace {

constexpr std::uint64_t kRate = 20'000'000;

/// 20 Mbit/s, 20 ms, a queue of 100 kB that is marked from `mark_at` on.
WorldConfig bottleneck(std::uint8_t ecn, CongestionAlgorithm algorithm, std::size_t mark_at) {
  WorldConfig config;
  config.stack.tcp.ecn = ecn;
  config.stack.tcp.congestion_control = algorithm;
  config.wire.a_to_b = {.rate_bits_per_second = kRate,
                        .queue_bytes_max = 100'000,
                        .delay = Duration::millis(10),
                        .mark = {.queue_bytes_min = mark_at}};
  config.wire.b_to_a = {.delay = Duration::millis(10)};
  return config;
}

struct Outcome {
  bool arrived = false;
  TcpInfo sender;
  TcpInfo receiver;
  std::uint64_t marked = 0;
  std::uint64_t lost = 0;
  Duration took;
};

/// The client at side a sends `size` bytes.
Outcome transfer(const WorldConfig& config, std::size_t size) {
  ConnectionScene scene(config);
  scene.client.to_send = text_of(size, 1);
  Outcome outcome;
  const Instant begin = scene.world.now();
  outcome.arrived = scene.world.run_until(
      [&] {
        if (scene.client.stream) outcome.sender = scene.client.stream.info();
        if (scene.server.stream) outcome.receiver = scene.server.stream.info();
        return scene.both_saw_end();
      },
      Duration::seconds(600));
  outcome.took = scene.world.now() - begin;
  EXPECT_EQ(scene.server.received == scene.client.to_send, true);
  const Counters& link = scene.world.wire().towards(Side::b).counters();
  outcome.marked = link[Counter::link_marked];
  outcome.lost = link[Counter::link_lost] + link[Counter::link_queue_full];
  return outcome;
}

TEST(Ecn, MarksTakeThePlaceOfLosses) {
  const Outcome with = transfer(bottleneck(1, CongestionAlgorithm::cubic, 30'000), 20'000'000);
  EXPECT_TRUE(with.arrived);
  EXPECT_GT(with.marked, 10U);
  EXPECT_EQ(with.lost, 0U);
  EXPECT_EQ(with.sender.traffic.retransmissions, 0U);
  EXPECT_GT(with.sender.marks.delivered_ce, 0U);
  const Outcome without = transfer(bottleneck(0, CongestionAlgorithm::cubic, 30'000), 20'000'000);
  EXPECT_TRUE(without.arrived);
  EXPECT_GT(without.lost, 10U);
  EXPECT_GT(without.sender.traffic.retransmissions, 10U);
  EXPECT_EQ(without.sender.marks.delivered_ce, 0U);
}

TEST(Ecn, TheBottleneckStaysBusy) {
  constexpr std::size_t kSize = 20'000'000;
  const Outcome outcome = transfer(bottleneck(1, CongestionAlgorithm::cubic, 30'000), kSize);
  const std::int64_t least_ms = static_cast<std::int64_t>(kSize * 8 / (kRate / 1000));
  EXPECT_LT(outcome.took.count_millis(), least_ms * 115 / 100);
}

TEST(Ecn, DctcpKeepsAShortQueueFull) {
  constexpr std::size_t kSize = 20'000'000;
  const Outcome outcome = transfer(bottleneck(2, CongestionAlgorithm::dctcp, 15'000), kSize);
  EXPECT_TRUE(outcome.arrived);
  EXPECT_EQ(outcome.lost, 0U);
  EXPECT_GT(outcome.marked, 10U);
  EXPECT_EQ(outcome.sender.traffic.retransmissions, 0U);
  const std::int64_t least_ms = static_cast<std::int64_t>(kSize * 8 / (kRate / 1000));
  EXPECT_LT(outcome.took.count_millis(), least_ms * 110 / 100);
}

TEST(Ecn, AccurateFeedbackIsAsGood) {  // RFC 9768
  for (const CongestionAlgorithm algorithm : {CongestionAlgorithm::cubic, CongestionAlgorithm::dctcp}) {
    constexpr std::size_t kSize = 20'000'000;
    const Outcome outcome = transfer(bottleneck(3, algorithm, 20'000), kSize);
    EXPECT_TRUE(outcome.arrived);
    EXPECT_TRUE(outcome.sender.marks.accurate);
    EXPECT_EQ(outcome.lost, 0U);
    EXPECT_GT(outcome.marked, 10U);
    EXPECT_EQ(outcome.receiver.marks.received_ce, outcome.marked);
    // The sender's handle is gone before the last flight is acknowledged.
    EXPECT_LE(outcome.sender.marks.delivered_ce, outcome.marked);
    EXPECT_GE(outcome.sender.marks.delivered_ce + 20U, outcome.marked);
    EXPECT_GT(outcome.sender.marks.delivered.ceb, 0U);
    EXPECT_EQ(outcome.sender.traffic.retransmissions, 0U);
    const std::int64_t least_ms = static_cast<std::int64_t>(kSize * 8 / (kRate / 1000));
    EXPECT_LT(outcome.took.count_millis(), least_ms * 115 / 100);
  }
}

TEST(Ecn, OneEndAloneDoesNotAgree) {
  WorldConfig config = bottleneck(2, CongestionAlgorithm::cubic, 0);
  const Outcome outcome = transfer(config, 100'000);
  EXPECT_TRUE(outcome.arrived);
  EXPECT_FALSE(outcome.sender.marks.agreed);
}

}  // namespace
}  // namespace strata::sim
