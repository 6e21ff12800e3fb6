// Path MTU discovery of a whole stack: which errors are believed (RFC 1191, RFC 5927), and what changes then
// for TCP, for UDP and for the next connection.
#include "stack/stack_core.hpp"
#include "stack/test_stack.hpp"
#include "strata/udp.hpp"

namespace strata {
namespace {

constexpr IpAddress kRouter = IpAddress::v4(10, 0, 0, 254);
constexpr std::uint16_t kPeerPort = 5000;
constexpr std::uint32_t kPeerNext = 1001;

Config with(TcpConfig tcp) {
  Config config = TestStack::small_config();
  config.tcp = tcp;
  return config;
}

/// The front of a segment of ours, as a router quotes it.
Frame quoted_tcp(std::uint32_t seq, std::uint16_t peer_port = kPeerPort, std::uint16_t length = 1500) {
  Frame transport(8);
  store_be(transport.data(), std::uint16_t{80});
  store_be(transport.data() + 2, peer_port);
  store_be(transport.data() + 4, seq);
  Frame quote = internet::ipv4({.src = kOurIp, .dst = kPeerIp, .protocol = kProtocolTcp}, transport);
  store_be(quote.data() + 2, length);
  internet::fix_ip_checksum(quote);
  return quote;
}

struct PathMtuOfStack : testing::Test {
  explicit PathMtuOfStack(const TcpConfig& tcp = {}) : host(with(tcp)) {}

  void too_big(const Frame& quoted, std::uint16_t mtu) {
    const Frame error = internet::icmp_unreachable(icmp_code::kFragmentationNeeded, quoted, mtu);
    host.receive_frame(internet::ethernet(
        kEtherTypeIpv4, internet::ipv4({.src = kRouter, .protocol = kProtocolIcmp}, error)));
  }
  /// A connection from the peer's `port`, ready to send.
  TcpStream accept(std::uint16_t port = kPeerPort) {
    iss = host.handshake(
        {.src_port = port, .seq = kPeerNext - 1, .flags = tcp_flag::kSyn, .options = {.mss = 1460}});
    auto stream = listener.accept();
    EXPECT_TRUE(stream);
    return std::move(*stream);
  }
  void ack(std::uint32_t number, std::uint16_t port = kPeerPort) {
    host.receive({.src_port = port, .seq = kPeerNext, .ack = iss + number});
  }
  void send(TcpStream& stream, std::size_t size) {
    ASSERT_TRUE(stream.send(as_bytes(std::string(size, 'x'))));
  }
  /// Sizes of the segments that leave.
  std::vector<std::size_t> sizes() {
    std::vector<std::size_t> all;
    while (const auto segment = host.next_segment()) all.push_back(segment->payload.size());
    return all;
  }
  using Sizes = std::vector<std::size_t>;

  TestStack host;
  TcpListener listener = *host.stack.listen({.address = IpAddress::any(Family::ipv4), .port = 80},
                                            {.settings = {.nodelay = true}});
  std::uint32_t iss = 0;
};

TEST_F(PathMtuOfStack, ABelievedErrorCutsWhatIsInFlightAndWhatFollows) {
  TcpStream stream = accept();
  send(stream, 2920);
  EXPECT_EQ(sizes(), (Sizes{1460, 1460}));
  too_big(quoted_tcp(iss + 1), 1400);
  EXPECT_EQ(sizes(), (Sizes{1360, 1360, 200}));
  EXPECT_EQ(host.count(Counter::path_mtu_lowered), 1U);
  EXPECT_EQ(stream.info().path_mss, 1360U);
  too_big(quoted_tcp(iss + 1461), 1400);  // the second one was dropped, too
  EXPECT_EQ(host.count(Counter::path_mtu_lowered), 1U);
  ack(2921);
  send(stream, 1460);
  EXPECT_EQ(sizes(), (Sizes{1360, 100}));
  EXPECT_EQ(host.count(Counter::tcp_fast_retransmits), 0U);
}

TEST_F(PathMtuOfStack, AQuoteOutsideOfWhatIsInFlightIsNotBelieved) {  // RFC 5927 §4.1
  TcpStream stream = accept();
  send(stream, 1460);
  sizes();
  for (const std::uint32_t seq : {iss, iss + 1461, iss - 1000, iss + 0x8000'0000U}) {
    too_big(quoted_tcp(seq), 600);
  }
  EXPECT_EQ(host.count(Counter::icmp_error_bad_quote), 4U);
  EXPECT_TRUE(sizes().empty());
  EXPECT_EQ(stream.info().snd_mss, 1460U);
}

TEST_F(PathMtuOfStack, AnMtuThatTheSegmentFitsIsNotBelieved) {
  TcpStream stream = accept();
  send(stream, 500);
  sizes();
  for (const std::uint16_t mtu : {std::uint16_t{540}, std::uint16_t{1400}, std::uint16_t{9000}})
    too_big(quoted_tcp(iss + 1), mtu);
  EXPECT_EQ(host.count(Counter::path_mtu_not_less), 3U);
  EXPECT_EQ(stream.info().snd_mss, 1460U);
  EXPECT_TRUE(sizes().empty());
}

TEST_F(PathMtuOfStack, ATinyMtuBringsItToTheLeastAndOffDf) {
  TcpStream stream = accept();
  send(stream, 1460);
  sizes();
  too_big(quoted_tcp(iss + 1), 68);
  const Frame frame = host.next_frame();
  ASSERT_EQ(frame.size(), 14U + 552);
  EXPECT_FALSE(Ipv4View::parse(Bytes(frame).subspan(14))->dont_fragment());
  EXPECT_EQ(host.count(Counter::path_mtu_too_small), 1U);
}

TEST_F(PathMtuOfStack, AnOldRouterNamesNoMtu) {  // RFC 1191 §5
  TcpStream stream = accept();
  send(stream, 1460);
  sizes();
  too_big(quoted_tcp(iss + 1), 0);
  EXPECT_EQ(sizes(), (Sizes{1452, 8}));
  too_big(quoted_tcp(iss + 1), 0);  // late, about the segment of before
  EXPECT_TRUE(sizes().empty());
  EXPECT_EQ(host.count(Counter::path_mtu_not_less), 1U);
  too_big(quoted_tcp(iss + 1, kPeerPort, 1492), 0);
  EXPECT_EQ(sizes(), (Sizes{966, 486}));
}

TEST_F(PathMtuOfStack, WhatContradictsExperienceIsBelievedAboutARepetition) {  // RFC 5927 §7.2
  TcpStream stream = accept();
  send(stream, 1460);
  sizes();
  ack(1461);
  send(stream, 1460);
  sizes();
  too_big(quoted_tcp(iss + 1461), 1400);
  EXPECT_EQ(host.count(Counter::path_mtu_unconfirmed), 1U);
  EXPECT_TRUE(sizes().empty());
  host.now = host.now + stream.info().rto;
  host.stack.advance(host.now);
  EXPECT_EQ(sizes(), Sizes{1460});
  too_big(quoted_tcp(iss + 1461), 1400);
  EXPECT_EQ(sizes(), (Sizes{1360, 100}));
}

TEST_F(PathMtuOfStack, AClosedConnectionIsNoReason) {
  too_big(quoted_tcp(1), 600);
  EXPECT_EQ(host.count(Counter::icmp_error_no_socket), 1U);
  TcpStream stream = accept();
  too_big(quoted_tcp(iss + 1), 600);  // open, but nothing is in flight
  EXPECT_EQ(host.count(Counter::icmp_error_bad_quote), 1U);
  EXPECT_EQ(host.stack.core().internet().route(kPeerIp)->mtu, 1500U);
}

TEST_F(PathMtuOfStack, AFloodChangesThePathSixteenTimesAtMost) {  // path_mtu_falls_max
  TcpStream stream = accept();
  send(stream, 60'000);
  sizes();
  for (std::uint16_t mtu = 1499; mtu > 1000; --mtu) {
    too_big(quoted_tcp(iss + 1), mtu);
    sizes();
  }
  EXPECT_EQ(host.count(Counter::path_mtu_lowered), 16U);
  EXPECT_GT(host.count(Counter::path_mtu_limited), 400U);
  EXPECT_EQ(stream.info().path_mss, 1499U - 15 - 40);
  ack(1);
  EXPECT_EQ(stream.info().state, TcpState::established);
}

TEST_F(PathMtuOfStack, EveryConnectionOfThePathGoesByIt) {
  TcpStream first = accept();
  TcpStream second = accept(kPeerPort + 1);
  const std::uint32_t second_iss = iss;
  send(second, 1460);
  EXPECT_EQ(sizes(), Sizes{1460});
  too_big(quoted_tcp(second_iss + 1, kPeerPort + 1), 1280);
  EXPECT_EQ(sizes(), (Sizes{1240, 220}));
  send(first, 2480);
  EXPECT_EQ(sizes(), (Sizes{1240, 1240}));
  TcpStream third = accept(kPeerPort + 2);
  EXPECT_EQ(third.info().snd_mss, 1240U);
  EXPECT_EQ(third.info().announced_mss, 1460U);  // RFC 1191 §3.1: the way to us may be wider
}

TEST_F(PathMtuOfStack, ASecondConnectionWithSegmentsInFlightIsRepairedByItsOwnError) {
  TcpStream first = accept();
  const std::uint32_t first_iss = iss;
  TcpStream second = accept(kPeerPort + 1);
  send(first, 1460);
  send(second, 1460);
  EXPECT_EQ(sizes(), (Sizes{1460, 1460}));
  too_big(quoted_tcp(first_iss + 1), 1280);
  EXPECT_EQ(sizes(), (Sizes{1240, 220}));
  too_big(quoted_tcp(iss + 1, kPeerPort + 1), 1280);
  EXPECT_EQ(sizes(), (Sizes{1240, 220}));
}

TEST_F(PathMtuOfStack, AfterTenMinutesThePathMayBeWider) {  // RFC 1191 §6.3
  TcpStream stream = accept();
  send(stream, 1460);
  sizes();
  too_big(quoted_tcp(iss + 1), 1280);
  sizes();
  ack(1461);
  host.advance(Duration::seconds(600));
  EXPECT_EQ(host.count(Counter::path_mtu_expired), 1U);
  send(stream, 1460);
  EXPECT_EQ(sizes(), Sizes{1460});
}

TEST_F(PathMtuOfStack, AConnectionThatWantsNoDfIgnoresErrors) {  // IP_PMTUDISC_DONT
  auto free =
      host.stack.listen({.address = IpAddress::any(Family::ipv4), .port = 81},
                        {.settings = {.path_mtu_discovery = PathMtuDiscovery::dont, .nodelay = true}});
  ASSERT_TRUE(free);
  iss = host.handshake({.src_port = kPeerPort,
                        .dst_port = 81,
                        .seq = kPeerNext - 1,
                        .flags = tcp_flag::kSyn,
                        .options = {.mss = 1460}});
  TcpStream stream = *free->accept();
  send(stream, 1460);
  const Frame frame = host.next_frame();
  EXPECT_FALSE(Ipv4View::parse(Bytes(frame).subspan(14))->dont_fragment());
  Frame quote = quoted_tcp(iss + 1);
  store_be(quote.data() + 20, std::uint16_t{81});
  too_big(quote, 1280);
  EXPECT_EQ(host.count(Counter::path_mtu_ignored), 1U);
  EXPECT_TRUE(sizes().empty());
}

struct MinOnly : PathMtuOfStack {
  MinOnly() : PathMtuOfStack({.path_mtu_rule = PathMtuRule::min_only}) {}
};
TEST_F(MinOnly, GoesWithoutDfAndDownToTheLeast) {  // ip_no_pmtu_disc = 1
  TcpStream stream = accept();
  send(stream, 1460);
  const Frame frame = host.next_frame();
  EXPECT_FALSE(Ipv4View::parse(Bytes(frame).subspan(14))->dont_fragment());
  too_big(quoted_tcp(iss + 1), 1400);
  EXPECT_EQ(sizes(), (Sizes{512, 512, 436}));
}

struct Ignoring : PathMtuOfStack {
  Ignoring() : PathMtuOfStack({.path_mtu_rule = PathMtuRule::ignore}) {}
};
TEST_F(Ignoring, BelievesNoRouter) {  // ip_no_pmtu_disc = 2
  TcpStream stream = accept();
  send(stream, 1460);
  sizes();
  too_big(quoted_tcp(iss + 1), 1400);
  EXPECT_TRUE(sizes().empty());
  EXPECT_EQ(host.count(Counter::path_mtu_ignored), 1U);
}

// --- What is announced ---

TEST(AnnouncedMss, OfAnAcceptedConnectionOnABigLink) {
  Stack stack(TestStack::small_config(), Entropy::from_seed(1));
  TestStack small;
  const Prefix own{kOurIp, 24};
  const NicId nic =
      *stack.add_interface({.mac = internet::kOurMac, .link = {.mtu = 65'535}, .addresses = {&own, 1}});
  auto listener = stack.listen({.address = kOurIp, .port = 80});
  ASSERT_TRUE(listener);
  const Instant now = Instant::from_nanos(1);
  stack.input(nic, stack.make_packet(internet::arp({})), now);
  const auto receive = [&](const TcpFields& fields) {
    stack.input(nic, stack.make_packet(tcp_frame(fields)), now);
  };
  receive({.seq = 1, .flags = tcp_flag::kSyn, .options = {.mss = 65'495}});
  Frame frame;
  while (Packet packet = stack.next_output(nic, now)) {
    frame.resize(packet.size());
    packet.copy_to(frame);
  }
  const auto answer = TcpView::parse(Bytes(frame).subspan(34));
  ASSERT_TRUE(answer);
  EXPECT_EQ(parse_tcp_options(answer->options())->mss, 65'495);
  receive({.seq = 2, .ack = answer->seq().raw() + 1});
  auto stream = listener->accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->info().snd_mss, 65'495U);
}

struct Clamped : PathMtuOfStack {
  Clamped() : PathMtuOfStack({.mss_clamp = 1200}) {}
};
TEST_F(Clamped, BothDirectionsKeepToTheClamp) {
  TcpStream stream = accept();
  EXPECT_EQ(stream.info().announced_mss, 1200U);
  send(stream, 1460);
  EXPECT_EQ(sizes(), (Sizes{1200, 260}));
}

TEST_F(PathMtuOfStack, ARoutesMssIsAnnounced) {
  ASSERT_TRUE(host.stack.add_route({.destination = {kPeerIp, 32},
                                    .gateway = IpAddress::any(Family::ipv4),
                                    .nic = host.nic,
                                    .mtu = 1400,
                                    .advertised_mss = 1300}));
  TcpStream stream = accept();
  EXPECT_EQ(stream.info().announced_mss, 1300U);
  EXPECT_EQ(stream.info().path_mss, 1360U);
}

// --- UDP ---

struct UdpPathMtu : PathMtuOfStack {
  explicit UdpPathMtu(const TcpConfig& tcp = {}) : PathMtuOfStack(tcp) {
    socket = *host.stack.bind_udp({.address = kOurIp, .port = 53});
    EXPECT_TRUE(socket.connect({.address = kPeerIp, .port = kPeerPort}));
  }
  Frame quoted(std::size_t payload) const {
    const Frame datagram = internet::udp(53, kPeerPort, Frame(payload));
    Frame quote = internet::ipv4({.src = kOurIp, .dst = kPeerIp}, datagram);
    quote.resize(28);
    return quote;
  }
  Result<std::size_t> send_datagram(std::size_t size) {
    return socket.send(as_bytes(std::string(size, 'x')), host.now);
  }
  UdpSocket socket;
};

TEST_F(UdpPathMtu, LearnsThePathAndTellsTheSocket) {
  ASSERT_TRUE(send_datagram(1400));
  EXPECT_EQ(socket.path_mtu(), 1500U);
  too_big(quoted(1400), 1300);
  EXPECT_EQ(socket.path_mtu(), 1300U);
  EXPECT_EQ(socket.take_error(), Errc::message_too_large);
  EXPECT_EQ(socket.take_error(), std::nullopt);
  EXPECT_TRUE(send_datagram(1300 - 28));
}

TEST_F(UdpPathMtu, ASocketThatRequiresDfIsRefusedWhatDoesNotFit) {  // IP_PMTUDISC_DO
  socket.set_path_mtu_discovery(PathMtuDiscovery::require);
  ASSERT_TRUE(send_datagram(1400));
  too_big(quoted(1400), 1300);
  socket.take_error();
  EXPECT_EQ(send_datagram(1300 - 27).error(), Errc::message_too_large);
  EXPECT_TRUE(send_datagram(1300 - 28));
}

TEST_F(UdpPathMtu, AProberSendsWhatTheLinkCarries) {  // IP_PMTUDISC_PROBE
  socket.set_path_mtu_discovery(PathMtuDiscovery::probe);
  ASSERT_TRUE(send_datagram(1472));
  too_big(quoted(1472), 1300);
  socket.take_error();
  host.drain();
  EXPECT_TRUE(send_datagram(1472));
  const Frame frame = host.next_frame();
  ASSERT_EQ(frame.size(), 1514U);
  EXPECT_TRUE(Ipv4View::parse(Bytes(frame).subspan(14))->dont_fragment());
}

TEST_F(UdpPathMtu, AQuoteOfMoreThanWasEverSentIsForged) {
  ASSERT_TRUE(send_datagram(100));
  too_big(quoted(1400), 600);
  EXPECT_EQ(host.count(Counter::icmp_error_bad_quote), 1U);
  too_big(quoted(100), 600);
  EXPECT_EQ(host.count(Counter::path_mtu_not_less), 1U);
  EXPECT_EQ(socket.path_mtu(), 1500U);
}

struct OnlyVerified : UdpPathMtu {
  OnlyVerified() : UdpPathMtu({.path_mtu_rule = PathMtuRule::verified}) {}
};
TEST_F(OnlyVerified, BelievesWhatTcpCanCheckOnly) {  // ip_no_pmtu_disc = 3
  ASSERT_TRUE(send_datagram(1400));
  too_big(quoted(1400), 1300);
  EXPECT_EQ(host.count(Counter::path_mtu_ignored), 1U);
  host.drain();
  TcpStream stream = accept();
  send(stream, 1460);
  sizes();
  too_big(quoted_tcp(iss + 1), 1300);
  EXPECT_EQ(sizes(), (Sizes{1260, 200}));
}

}  // namespace
}  // namespace strata
