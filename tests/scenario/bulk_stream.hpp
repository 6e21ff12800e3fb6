// For scenarios: an endless stream of a pattern from Side::a to Side::b of a World, checked byte by byte
// where it arrives.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

#include "bench/support/pattern.hpp"
#include "sim/world.hpp"
#include "strata/tcp.hpp"

namespace strata::scenario {

using sim::Side;
using sim::World;
using sim::WorldConfig;

class BulkStream {
 public:
  explicit BulkStream(World& world, std::uint16_t port = 80, const ConnectOptions& options = {}) {
    const Endpoint server{.address = world.host(Side::b).address, .zone = 0, .port = port};
    auto listening = world.host(Side::b).stack.listen(server);
    EXPECT_TRUE(listening);
    if (listening) listener_ = std::move(*listening);
    auto stream = world.host(Side::a).stack.connect(server, options, world.now());
    EXPECT_TRUE(stream);
    if (stream) sender = std::move(*stream);
    world.add_app(Side::a, [this] { send(); });
    world.add_app(Side::b, [this] { receive(); });
  }
  BulkStream(const BulkStream&) = delete;
  BulkStream& operator=(const BulkStream&) = delete;

  TcpStream sender;
  TcpStream receiver;
  std::uint64_t to_send = ~std::uint64_t{0};  ///< then the sender half-closes
  bool reads = true;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  bool saw_end = false;

 private:
  void send() {
    while (sent < to_send) {
      const auto taken = sender.send(pattern_.at(sent, to_send - sent));
      if (!taken) return;
      sent += *taken;
    }
    if (!std::exchange(has_shut_, true)) {
      EXPECT_TRUE(sender.shutdown_send());
    }
  }
  void receive() {
    if (!receiver) {
      auto stream = listener_.accept();
      if (!stream) return;
      receiver = std::move(*stream);
    }
    while (reads && !saw_end) {
      const auto bytes = receiver.peek();
      if (!bytes) return;
      saw_end = bytes->empty();
      ASSERT_TRUE(pattern_.matches(received, *bytes)) << "at byte " << received;
      received += bytes->size();
      receiver.consume(bytes->size());
    }
  }

  TcpListener listener_;
  bench::Pattern pattern_;
  bool has_shut_ = false;
};

}  // namespace strata::scenario
