// "A SYN with ECN bits was answered with RST", so that people strip the bits in front of the stack. Here
// every combination of them opens a connection, whatever the server makes of ECN.
#include <gtest/gtest.h>

#include <array>

#include "sim/endpoint.hpp"
#include "wire/tcp.hpp"

namespace strata::scenario {
namespace {

TEST(EcnSyn, IsAnsweredWithWhateverBits) {
  using namespace tcp_flag;
  sim::Pattern pattern;
  for (const std::uint8_t ecn : std::array<std::uint8_t, 3>{0, 1, 2}) {
    for (const int bits : {0, 1, 2, 3, 4, 5, 6, 7}) {
      const auto ask = static_cast<std::uint16_t>(kSyn | ((bits & 1) != 0 ? kEce : 0) |
                                                  ((bits & 2) != 0 ? kCwr : 0) | ((bits & 4) != 0 ? kAe : 0));
      TcpConfig config;
      config.ecn = ecn;
      sim::Endpoint server({.config = config, .flow = 0, .active = false}, pattern);
      sim::Path way({}, 1);
      sim::WireSegment syn{.seq = SeqNum(1'000), .flags = ask, .window = 65'535};
      syn.options.mss = 1460;
      server.on_arrival(syn, Instant());
      server.transmit(way, Instant());
      ASSERT_FALSE(way.next_arrival().is_never()) << "no answer to " << ask;
      const sim::WireSegment answer = way.pop();
      EXPECT_EQ(answer.flags & (kSyn | kAck | kRst), kSyn | kAck)
          << "to " << ask << " with tcp_ecn " << int{ecn};
      EXPECT_EQ(answer.ack, SeqNum(1'001));
    }
  }
}

}  // namespace
}  // namespace strata::scenario
