// BBR and pacing between whole stacks, in virtual time: what the model is for, and that what is paced does
// not burst.
#include <gtest/gtest.h>

#include <numeric>

#include "sim/test_flows.hpp"

namespace strata::sim {
namespace {

constexpr std::uint64_t kRate = 100'000'000 / 8;  // bytes per second
constexpr Duration kOneWay = Duration::millis(25);
constexpr std::size_t kBdp = 625'000;
/// Of a segment, what is payload: 1448 of 1514 bytes.
constexpr std::uint64_t kGoodput = kRate * 1448 / 1514;

/// 100 Mbit/s, 50 ms, and a buffer of so many percent of what the path holds.
WorldConfig path(std::size_t buffer_percent, std::uint32_t loss_ppm = 0) {
  WorldConfig config;
  config.stack.buffers = {
      .block_size = 2048, .blocks_max = 32'768, .packets_max = 16'384, .queue_nodes_max = 16'384};
  config.stack.tcp.send_buffer = config.stack.tcp.receive_buffer = 6'000'000;
  config.stack.tcp.send_buffer_max = config.stack.tcp.receive_buffer_max = 6'000'000;
  config.wire.a_to_b = {.rate_bits_per_second = kRate * 8,
                        .queue_bytes_max = kBdp * buffer_percent / 100,
                        .frames_max = 16'384,
                        .delay = kOneWay,
                        .loss_ppm = loss_ppm};
  config.wire.b_to_a = {.frames_max = 16'384, .delay = kOneWay};
  return config;
}

std::uint64_t goodput_percent(const WorldConfig& config, CongestionAlgorithm algorithm) {
  BulkFlows flows(config);
  flows.start({.congestion_control = algorithm});
  flows.world.run_for(Duration::seconds(3));
  return flows.rates_over(Duration::seconds(10))[0] * 100 / kGoodput;
}

TEST(BbrOverAWire, FillsALossyPathThatCubicCannot) {
  EXPECT_GE(goodput_percent(path(100, 10'000), CongestionAlgorithm::bbr), 70U);
  EXPECT_LE(goodput_percent(path(100, 10'000), CongestionAlgorithm::cubic), 10U);
}

TEST(BbrOverAWire, FillsAPathWithoutLoss) {
  EXPECT_GE(goodput_percent(path(100), CongestionAlgorithm::bbr), 94U);
}

TEST(BbrOverAWire, FillsAPathWithHardlyAnyBuffer) {
  EXPECT_GE(goodput_percent(path(10), CongestionAlgorithm::bbr), 85U);
}

TEST(BbrOverAWire, LeavesMostOfALargeBufferEmpty) {
  BulkFlows flows(path(1'000));
  flows.start({.congestion_control = CongestionAlgorithm::bbr});
  flows.world.run_for(Duration::seconds(10));
  EXPECT_LE(flows.sender(0).info().srtt, kOneWay * 2 + Duration::millis(25));
}

TEST(BbrOverAWire, TwoFlowsShareFairly) {
  BulkFlows flows(path(100));
  flows.start({.congestion_control = CongestionAlgorithm::bbr});
  flows.world.run_for(Duration::seconds(3));
  flows.start({.congestion_control = CongestionAlgorithm::bbr});
  flows.world.run_for(Duration::seconds(15));
  const auto rates = flows.rates_over(Duration::seconds(30));
  EXPECT_GE(rates[0] + rates[1], kGoodput * 90 / 100);
  EXPECT_GE(2 * std::min(rates[0], rates[1]), std::max(rates[0], rates[1])) << rates[0] << ' ' << rates[1];
}

TEST(Pacing, HelpsCubicThroughAShallowBuffer) {
  WorldConfig burst = path(10);
  burst.stack.tcp.pacing = TcpPacing::off;
  WorldConfig paced = path(10);
  paced.stack.tcp.pacing = TcpPacing::all;
  const std::uint64_t without = goodput_percent(burst, CongestionAlgorithm::cubic);
  const std::uint64_t with = goodput_percent(paced, CongestionAlgorithm::cubic);
  EXPECT_GE(with, 60U);
  EXPECT_GE(with + 2, without);
}

/// The most bytes that arrive in any 2 ms, over a wire without a rate of its own.
std::size_t largest_burst(const WorldConfig& config, const TcpSettings& settings) {
  BulkFlows flows(config);
  std::vector<std::pair<Instant, std::size_t>> arrivals;
  flows.world.set_frame_observer([&](Side to, Bytes frame, Instant at) {
    if (to == Side::b) arrivals.emplace_back(at, frame.size());
  });
  flows.start(settings);
  flows.world.run_for(Duration::seconds(5));
  std::size_t most = 0;
  std::size_t sum = 0;
  for (std::size_t last = 0, first = 0; last < arrivals.size(); ++last) {
    sum += arrivals[last].second;
    for (; arrivals[last].first - arrivals[first].first > Duration::millis(2); ++first)
      sum -= arrivals[first].second;
    most = std::max(most, sum);
  }
  return most;
}

TEST(Pacing, ASocketsLimitHoldsForEveryController) {
  WorldConfig open = path(100);
  open.wire.a_to_b.rate_bits_per_second = 0;
  constexpr std::uint64_t kLimit = 2'000'000;
  for (const auto algorithm :
       {CongestionAlgorithm::cubic, CongestionAlgorithm::new_reno, CongestionAlgorithm::bbr}) {
    // Two milliseconds' worth, and the piece that was under way.
    EXPECT_LE(largest_burst(open, {.max_pacing_rate = kLimit, .congestion_control = algorithm}),
              3 * 1514U * 2);
  }
  EXPECT_GT(largest_burst(open, {}), 9 * 1514U);  // else a window comes at once
}

TEST(Pacing, KeepsTheRateThatItIsGiven) {
  WorldConfig open = path(100);
  open.wire.a_to_b.rate_bits_per_second = 0;
  BulkFlows flows(open);
  constexpr std::uint64_t kLimit = 2'000'000;
  flows.start({.max_pacing_rate = kLimit});
  flows.world.run_for(Duration::seconds(2));
  const std::uint64_t rate = flows.rates_over(Duration::seconds(5))[0];
  EXPECT_GE(rate, kLimit * 98 / 100);
  EXPECT_LE(rate, kLimit);
}

TEST(Pacing, IsToldInInfo) {
  BulkFlows flows(path(100));
  flows.start({.max_pacing_rate = 50'000'000, .congestion_control = CongestionAlgorithm::bbr});
  flows.world.run_for(Duration::seconds(5));
  const TcpInfo info = flows.sender(0).info();
  EXPECT_EQ(info.max_pacing_rate, 50'000'000U);
  EXPECT_GE(info.pacing_rate, kGoodput * 80 / 100);
  EXPECT_GE(info.delivery_rate, kGoodput * 80 / 100);
  EXPECT_FALSE(info.delivery_rate_app_limited);
  EXPECT_GE(info.model.bandwidth, kGoodput * 80 / 100);
  EXPECT_GE(info.model.min_rtt, kOneWay * 2);
}

}  // namespace
}  // namespace strata::sim
