// connect() of a whole stack: ports, addresses, answers, ICMP errors, silence.
#include <set>

#include "stack/test_stack.hpp"

namespace strata {
namespace {

constexpr Endpoint kServer{.address = kPeerIp, .zone = 0, .port = 80};

TEST(Connect, AHandshakeFromHere) {
  TestStack host;
  auto stream = host.stack.connect(kServer, host.now);
  ASSERT_TRUE(stream);
  const auto syn = host.next_segment();
  ASSERT_TRUE(syn);
  EXPECT_EQ(syn->flags, tcp_flag::kSyn);
  EXPECT_EQ(syn->dst_port, 80);
  EXPECT_GE(syn->src_port, 32'768);
  EXPECT_TRUE(syn->options.mss && syn->options.wscale && syn->options.timestamps &&
              syn->options.sack_permitted);
  host.receive({.src_port = 80,
                .dst_port = syn->src_port,
                .seq = 500,
                .ack = syn->seq + 1,
                .flags = tcp_flag::kSyn | tcp_flag::kAck});
  EXPECT_EQ(stream->state(), TcpState::established);
  EXPECT_EQ(stream->ready() & Ready::writable, Ready::writable);
  const auto ack = host.next_segment();
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->ack, 501U);
}

TEST(Connect, EachOneHasItsOwnPortAndNumber) {
  TestStack host;
  std::vector<TcpStream> streams;
  std::set<std::uint16_t> ports;
  std::set<std::uint32_t> numbers;
  for (int i = 0; i < 50; ++i) {
    streams.push_back(std::move(*host.stack.connect(kServer, host.now)));
    const auto syn = host.next_segment();
    ASSERT_TRUE(syn);
    ports.insert(syn->src_port);
    numbers.insert(syn->seq);
  }
  EXPECT_EQ(ports.size(), 50U);
  EXPECT_EQ(numbers.size(), 50U);
}

TEST(Connect, RunsOutOfPorts) {
  Config config = TestStack::small_config();
  config.tcp.port_first = 40'000;
  config.tcp.port_last = 40'002;
  TestStack host(config);
  std::vector<TcpStream> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(std::move(*host.stack.connect(kServer, host.now)));
  EXPECT_EQ(host.stack.connect(kServer, host.now).error(), Errc::address_not_available);
  // Another destination has the whole range again.
  EXPECT_TRUE(host.stack.connect({.address = kPeerIp, .zone = 0, .port = 81}, host.now));
}

TEST(Connect, AFixedPortIsUsedOnce) {
  TestStack host;
  const ConnectOptions from{.local = {.address = kOurIp, .zone = 0, .port = 7777}};
  auto first = host.stack.connect(kServer, from, host.now);
  ASSERT_TRUE(first);
  EXPECT_EQ(host.next_segment()->src_port, 7777);
  EXPECT_EQ(host.stack.connect(kServer, from, host.now).error(), Errc::address_in_use);
}

TEST(Connect, RefusesImpossibleAddresses) {
  TestStack host;
  const auto error = [&](const IpAddress& address, std::uint16_t port) {
    return host.stack.connect({.address = address, .zone = 0, .port = port}, host.now).error();
  };
  EXPECT_EQ(error(kPeerIp, 0), Errc::invalid_argument);
  EXPECT_EQ(error(IpAddress::any(Family::ipv4), 80), Errc::invalid_argument);
  EXPECT_EQ(error(IpAddress::v4(224, 0, 0, 1), 80), Errc::invalid_argument);
  EXPECT_EQ(error(IpAddress::v4(0xffff'ffff), 80), Errc::invalid_argument);
  EXPECT_EQ(error(IpAddress::v4(10, 0, 0, 255), 80), Errc::invalid_argument);
  const ConnectOptions foreign{.local = {.address = kPeerIp, .zone = 0, .port = 1}};
  EXPECT_EQ(host.stack.connect(kServer, foreign, host.now).error(), Errc::address_not_available);
}

TEST(Connect, ARefusalIsAnError) {
  TestStack host;
  auto stream = host.stack.connect(kServer, host.now);
  const auto syn = host.next_segment();
  host.receive({.src_port = 80,
                .dst_port = syn->src_port,
                .ack = syn->seq + 1,
                .flags = tcp_flag::kRst | tcp_flag::kAck});
  EXPECT_EQ(stream->state(), TcpState::closed);
  EXPECT_EQ(stream->error().error(), Errc::connection_refused);
  EXPECT_TRUE(any(stream->ready() & Ready::closed));
  stream->close();
  EXPECT_EQ(host.stack.connection_count(), 0U);
}

TEST(Connect, AnIcmpErrorAboutTheSynIsAnError) {
  TestStack host;
  auto stream = host.stack.connect(kServer, host.now);
  const auto syn = host.next_segment();
  TcpFields quoted = *syn;
  const Frame original =
      internet::ipv4({.src = kOurIp, .dst = kPeerIp, .protocol = kProtocolTcp}, tcp_bytes(quoted));
  const Frame message = internet::icmp_unreachable(1, original);
  host.receive_frame(
      internet::ethernet(kEtherTypeIpv4, internet::ipv4({.protocol = kProtocolIcmp}, message)));
  EXPECT_EQ(stream->error().error(), Errc::host_unreachable);
}

TEST(Connect, ASilentNeighbourIsAnError) {
  TestStack host;
  auto stream = host.stack.connect({.address = IpAddress::v4(10, 0, 0, 77), .zone = 0, .port = 80}, host.now);
  ASSERT_TRUE(stream);
  host.drain();
  host.advance(Duration::seconds(10));
  EXPECT_EQ(stream->state(), TcpState::closed);
  EXPECT_EQ(stream->error().error(), Errc::host_unreachable);
}

TEST(Connect, ASilentPeerIsAnError) {
  Config config = TestStack::small_config();
  config.neighbor.reachable = Duration::seconds(200);  // it is the connection that hears nothing
  TestStack host(config);
  auto stream = host.stack.connect(kServer, host.now);
  host.drain();
  host.advance(Duration::seconds(130));
  EXPECT_EQ(stream->error().error(), Errc::timed_out);
}

}  // namespace
}  // namespace strata
