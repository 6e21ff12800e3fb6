// TCP and UDP over IPv6: a handshake byte by byte, who listens for which family, scopes in keys, errors that
// reach their socket, and neighbours that need no probe because a connection makes progress.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "internet/test_host6.hpp"
#include "stack/test_stack.hpp"
#include "strata/udp.hpp"

namespace strata {
namespace {

using internet::kOurIp6;
using internet::kOurLinkLocal;
using internet::kPeerIp6;
using internet::kPeerLinkLocal;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace tcp_flag;

constexpr IpAddress kAny6;
const IpAddress kAny4 = IpAddress::any(Family::ipv4);

/// One interface with both families whose peer, the test, is known by all its addresses.
struct DualStack {
  DualStack() : stack(TestStack::small_config(), Entropy::from_seed(1)) {
    const std::array<Prefix, 3> own{{{kOurIp, 24}, {kOurIp6, 64}, {kOurLinkLocal, 64}}};
    nic = *stack.add_interface({.mac = internet::kOurMac, .link = {}, .addresses = own});
    receive(internet::arp({}));
    for (const IpAddress& peer : {kPeerIp6, kPeerLinkLocal}) receive(internet::solicitation(peer));
    sent();
  }

  void receive(const Frame& frame) { stack.input(nic, stack.make_packet(frame), now); }
  void receive_tcp(const TcpFields& fields) {
    if (fields.src.is_v4()) return receive(tcp_frame(fields));
    receive(
        internet::ip6_frame({.src = fields.src, .dst = fields.dst, .next = kProtocolTcp}, tcp_bytes(fields)));
  }
  TcpFields syn_to(const IpAddress& dst, const IpAddress& src, std::uint16_t src_port = 40'000) {
    return {
        .src = src, .dst = dst, .src_port = src_port, .seq = 1000, .flags = kSyn, .options = {.mss = 1440}};
  }
  Frame next_frame() {
    const Packet packet = stack.next_output(nic, now);
    Frame frame(packet ? packet.size() : 0);
    if (packet) packet.copy_to(frame);
    return frame;
  }
  std::vector<std::string> sent() {
    std::vector<std::string> lines;
    for (Frame frame = next_frame(); !frame.empty(); frame = next_frame())
      lines.push_back(describe_frame(frame, {}));
    return lines;
  }
  /// What the handshake's answer says of its number.
  TcpFields established(const IpAddress& dst, const IpAddress& src) {
    receive_tcp(syn_to(dst, src));
    const Frame answer = next_frame();
    const auto tcp = TcpView::parse(Bytes(answer).subspan(54));
    TcpFields ack{.src = src, .dst = dst, .seq = 1001, .ack = (tcp->seq() + 1).raw()};
    receive_tcp(ack);
    return ack;
  }
  void at(Duration since_start) {
    now = Instant() + since_start;
    stack.advance(now);
    stack.dispatch();
  }

  Stack stack;
  NicId nic = NicId::none;
  Instant now;
};

TEST(TcpOverIpv6, OffersWhatFitsBehindTheLargerHeader) {
  DualStack host;
  const auto listener = host.stack.listen({.address = kAny6, .port = 80});
  ASSERT_TRUE(listener);
  host.receive_tcp(host.syn_to(kOurIp6, kPeerIp6));
  const Frame answer = host.next_frame();
  EXPECT_THAT(describe_frame(answer, {}), testing::HasSubstr("fd77::2.80 > fd77::1.40000: Flags [S.]"));
  EXPECT_THAT(describe_frame(answer, {}), testing::HasSubstr("mss 1440"));
  const Bytes segment = Bytes(answer).subspan(54);
  InternetChecksum sum =
      pseudo_header(kOurIp6, kPeerIp6, kProtocolTcp, static_cast<std::uint32_t>(segment.size()));
  sum.add(segment);
  EXPECT_TRUE(sum.is_valid());
}

TEST(TcpOverIpv6, APacketsLabelIsThatOfItsFlow) {
  DualStack host;
  const auto listener = host.stack.listen({.address = kAny6, .port = 80});
  const auto label = [&](std::uint16_t port) {
    host.receive_tcp(host.syn_to(kOurIp6, kPeerIp6, port));
    return Ipv6View::parse(Bytes(host.next_frame()).subspan(14), 2000)->flow_label();
  };
  const std::uint32_t first = label(40'000);
  EXPECT_NE(first, 0U);
  EXPECT_NE(label(40'001), first);
  host.receive_tcp(host.syn_to(kOurIp6, kPeerIp6, 40'000));  // again: the same answer
  EXPECT_EQ(Ipv6View::parse(Bytes(host.next_frame()).subspan(14), 2000)->flow_label(), first);
}

TEST(TcpOverIpv6, WhoListensForBothFamilies) {
  struct {
    IpAddress listens;
    bool ipv6_only;
    bool takes4;
    bool takes6;
  } const rows[] = {{kAny6, false, true, true},
                    {kAny6, true, false, true},
                    {kAny4, false, true, false},
                    {kOurIp6, false, false, true},
                    {kOurIp, false, true, false}};
  for (const auto& row : rows) {
    SCOPED_TRACE(to_string(row.listens));
    DualStack host;
    ListenOptions options;
    options.ipv6_only = row.ipv6_only;
    const auto listener = host.stack.listen({.address = row.listens, .port = 80}, options);
    ASSERT_TRUE(listener);
    host.receive_tcp(host.syn_to(kOurIp, kPeerIp));
    EXPECT_THAT(host.sent(), ElementsAre(testing::HasSubstr(row.takes4 ? "[S.]" : "[R.]")));
    host.receive_tcp(host.syn_to(kOurIp6, kPeerIp6));
    EXPECT_THAT(host.sent(), ElementsAre(testing::HasSubstr(row.takes6 ? "[S.]" : "[R.]")));
  }
}

TEST(TcpOverIpv6, TwoMayShareAPortByFamily) {
  DualStack host;
  ListenOptions only;
  only.ipv6_only = true;
  const auto four = host.stack.listen({.address = kAny4, .port = 80});
  EXPECT_EQ(host.stack.listen({.address = kAny6, .port = 80}).error(), Errc::address_in_use);
  const auto six = host.stack.listen({.address = kAny6, .port = 80}, only);
  ASSERT_TRUE(six);
  host.established(kOurIp6, kPeerIp6);
  EXPECT_FALSE(const_cast<TcpListener&>(*four).accept());
  EXPECT_TRUE(const_cast<TcpListener&>(*six).accept());
}

TEST(TcpOverIpv6, ScopesTellFlowsApart) {
  DualStack host;
  auto listener = host.stack.listen({.address = kAny6, .port = 80});
  host.established(kOurLinkLocal, kPeerLinkLocal);
  auto stream = listener->accept();
  ASSERT_TRUE(stream);
  EXPECT_EQ(to_string(stream->remote()), "[fe80::1%1]:40000");
  EXPECT_EQ(stream->local().zone, 1U);
  const std::string hello = "hello";
  ASSERT_TRUE(stream->send(as_bytes(hello)));
  EXPECT_THAT(host.sent(), ElementsAre(testing::HasSubstr("fe80::2.80 > fe80::1.40000: Flags [P.]")));
  EXPECT_EQ(host.stack.listen({.address = kOurLinkLocal, .zone = 2, .port = 81}).error(),
            Errc::address_not_available);
  EXPECT_TRUE(host.stack.listen({.address = kOurLinkLocal, .zone = 1, .port = 81}));
}

TEST(TcpOverIpv6, ConnectsAndIsToldWhatWentWrong) {
  DualStack host;
  auto stream = host.stack.connect({.address = kPeerIp6, .port = 80}, host.now);
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->local().address, kOurIp6);
  const Frame syn = host.next_frame();
  EXPECT_THAT(describe_frame(syn, {}), testing::HasSubstr("Flags [S]"));
  host.receive(
      internet::icmp6_frame({}, internet::icmp6({.type = 1, .code = 4}, {syn.begin() + 14, syn.end()})));
  EXPECT_EQ(stream->error().error(), Errc::connection_refused);
  auto scoped = host.stack.connect({.address = kPeerLinkLocal, .port = 80}, host.now);
  ASSERT_TRUE(scoped);
  EXPECT_EQ(scoped->local().address, kOurLinkLocal);
  EXPECT_EQ(scoped->remote().zone, 1U);
  for (const char* bad : {"::", "ff02::1"}) {
    EXPECT_EQ(host.stack.connect({.address = *parse_address(bad), .port = 80}, host.now).error(),
              Errc::invalid_argument);
  }
}

TEST(TcpOverIpv6, ToOneself) {
  DualStack host;
  auto listener = host.stack.listen({.address = kAny6, .port = 80});
  auto stream = host.stack.connect({.address = *parse_address("::1"), .port = 80}, host.now);
  ASSERT_TRUE(stream);
  host.at(Duration::millis(1));
  EXPECT_TRUE(listener->accept());
  EXPECT_EQ(stream->state(), TcpState::established);
}

TEST(TcpOverIpv6, ProgressIsAsGoodAsAnAnswerOfTheNeighbor) {
  DualStack host;
  auto listener = host.stack.listen({.address = kAny6, .port = 80});
  TcpFields peer = host.established(kOurIp6, kPeerIp6);
  auto stream = listener->accept();
  const std::string word = "word";
  for (int second = 1; second <= 40; ++second) {
    host.at(Duration::seconds(second));
    ASSERT_TRUE(stream->send(as_bytes(word)));
    EXPECT_THAT(host.sent(), testing::Not(testing::Contains(testing::HasSubstr("who has fd77")))) << second;
    peer.ack += 4;
    host.receive_tcp(peer);
  }
}

TEST(UdpOverIpv6, GoesBothWaysWithItsChecksum) {
  DualStack host;
  auto socket = host.stack.bind_udp({.address = kAny6, .port = 53});
  ASSERT_TRUE(socket);
  const Frame question = internet::udp6(kPeerIp6, kOurIp6, 1000, 53, internet::bytes_of("who?"));
  host.receive(internet::ip6_frame({}, question));
  std::array<std::uint8_t, 16> buffer{};
  const auto datagram = socket->receive(buffer);
  ASSERT_TRUE(datagram);
  EXPECT_EQ(to_string(datagram->from), "[fd77::1]:1000");
  ASSERT_TRUE(socket->send_to(datagram->from, as_bytes("me"), host.now));
  const Frame answer = host.next_frame();
  EXPECT_EQ(Frame(answer.begin() + 54, answer.end()),
            internet::udp6(kOurIp6, kPeerIp6, 53, 1000, internet::bytes_of("me")));
  Frame without = question;
  without[6] = without[7] = 0;  // RFC 8200 §8.1
  host.receive(internet::ip6_frame({}, without));
  EXPECT_EQ(host.stack.counters()[Counter::udp_bad_checksum], 1U);
  host.receive(internet::ip6_frame({}, internet::udp6(kPeerIp6, kOurIp6, 1000, 54, {})));
  EXPECT_THAT(host.sent(),
              ElementsAre("IP6 fd77::2 > fd77::1: ICMP6, destination unreachable, unreachable port, "
                          "fd77::2 udp port 54, length 56"));
}

TEST(UdpOverIpv6, ScopedPeersAnswerAConnectedSocket) {
  DualStack host;
  auto socket = host.stack.bind_udp({.address = kAny6, .port = 5000});
  ASSERT_TRUE(socket->connect({.address = kPeerLinkLocal, .port = 9}));
  ASSERT_TRUE(socket->send(as_bytes("x"), host.now));
  const Frame sent = host.next_frame();
  EXPECT_EQ(describe_frame(sent, {}), "IP6 fe80::2.5000 > fe80::1.9: UDP, length 1");
  host.receive(internet::ip6_frame({.src = kPeerLinkLocal, .dst = kOurLinkLocal},
                                   internet::udp6(kPeerLinkLocal, kOurLinkLocal, 9, 5000, {})));
  std::array<std::uint8_t, 16> buffer{};
  EXPECT_TRUE(socket->receive(buffer));
  host.receive(
      internet::icmp6_frame({.src = kPeerLinkLocal, .dst = kOurLinkLocal},
                            internet::icmp6({.type = 1, .code = 4}, {sent.begin() + 14, sent.end()})));
  EXPECT_EQ(socket->take_error(), Errc::connection_refused);
}

}  // namespace
}  // namespace strata
