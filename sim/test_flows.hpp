// Bulk flows between the two hosts of a world: each sends as much as its stack takes, and is counted where it
// arrives.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/world.hpp"
#include "strata/tcp.hpp"

namespace strata::sim {

class BulkFlows {
 public:
  explicit BulkFlows(const WorldConfig& config) : world(config) {
    auto listening = world.host(Side::b).stack.listen({.address = world.host(Side::b).address, .port = 80});
    EXPECT_TRUE(listening);
    if (listening) listener_ = std::move(*listening);
    world.add_app(Side::b, [this] { receive_all(); });
    world.add_app(Side::a, [this] {
      for (const auto& flow : flows_) send_all(*flow);
    });
  }

  World world;

  /// Another flow, from now on.
  void start(const TcpSettings& settings) {
    auto stream =
        world.host(Side::a).stack.connect({.address = world.host(Side::b).address, .port = 80}, world.now());
    ASSERT_TRUE(stream);
    flows_.push_back(std::make_unique<Flow>());
    flows_.back()->sender = std::move(*stream);
    flows_.back()->sender.configure(settings);
    const std::uint16_t port = flows_.back()->sender.local().port;
    flows_.back()->port = port;
  }
  /// Bytes per second that arrive of each flow in `time`.
  std::vector<std::uint64_t> rates_over(Duration time) {
    for (const auto& flow : flows_) flow->received = 0;
    world.run_for(time);
    std::vector<std::uint64_t> rates;
    for (const auto& flow : flows_)
      rates.push_back(flow->received * 1'000 / static_cast<std::uint64_t>(time.count_millis()));
    return rates;
  }
  TcpStream& sender(std::size_t flow) { return flows_[flow]->sender; }
  void pause(std::size_t flow, bool on) { flows_[flow]->paused = on; }

 private:
  struct Flow {
    TcpStream sender;
    TcpStream receiver;
    std::uint16_t port = 0;
    std::uint64_t received = 0;
    bool paused = false;
  };

  void send_all(Flow& flow) {
    while (!flow.paused && flow.sender.send(chunk_)) {
    }
  }
  void receive_all() {
    while (auto stream = listener_.accept()) {
      for (const auto& flow : flows_) {
        if (flow->port == stream->remote().port) flow->receiver = std::move(*stream);
      }
    }
    for (const auto& flow : flows_) {
      if (!flow->receiver) continue;
      for (auto bytes = flow->receiver.peek(); bytes && !bytes->empty(); bytes = flow->receiver.peek()) {
        flow->received += bytes->size();
        flow->receiver.consume(bytes->size());
      }
    }
  }

  TcpListener listener_;
  std::vector<std::unique_ptr<Flow>> flows_;
  std::array<std::uint8_t, 64 * 1024> chunk_{};
};

}  // namespace strata::sim
