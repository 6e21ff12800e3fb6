// ICMP: echo both ways, errors that we report, errors that we hear, and when to keep silent.
#include "internet/icmp.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "internet/test_host.hpp"

namespace strata::internet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Frame from_peer(const IpFields& fields, const Frame& payload) {
  return ethernet(kEtherTypeIpv4, ipv4(fields, payload));
}

/// A host that knows its peer, so that answers leave at once.
struct IcmpTest : ::testing::Test {
  IcmpTest() {
    host.receive(arp({}));
    host.sent();
  }
  TestHost host;
};

TEST_F(IcmpTest, AnswersEchoWithTheSamePayload) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{56}, std::size_t{1472}}) {
    Frame payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 7);
    host.receive(from_peer({.protocol = kProtocolIcmp, .ttl = 3}, icmp_echo(false, 77, 5, payload)));
    const Frame reply = host.next_frame();
    ASSERT_EQ(reply.size(), 14 + 20 + 8 + size);
    EXPECT_EQ(Frame(reply.begin() + 34, reply.end()), icmp_echo(true, 77, 5, payload));
    EXPECT_EQ(describe_frame(reply, {}),
              "IP 10.0.0.1 > 10.0.0.2: ICMP echo reply, id 77, seq 5, length " + std::to_string(size + 8));
    EXPECT_TRUE(Ipv4View::parse(Bytes(reply).subspan(14)));
    EXPECT_EQ(reply[14 + 8], 64);  // our own TTL
  }
  EXPECT_EQ(host.count(Counter::icmp_echo_in), 4U);
  EXPECT_EQ(host.pools.packets.in_use(), 0U);
}

TEST_F(IcmpTest, DoesNotAnswerEchoToAGroup) {
  const Frame echo = icmp_echo(false, 1, 1, bytes_of("x"));
  host.receive(ethernet(kEtherTypeIpv4,
                        ipv4({.dst = IpAddress::v4(10, 0, 0, 255), .protocol = kProtocolIcmp}, echo),
                        MacAddress::broadcast()));
  EXPECT_THAT(host.sent(), IsEmpty());
  EXPECT_EQ(host.count(Counter::icmp_echo_to_group), 1U);
}

TEST_F(IcmpTest, MayBeToldNotToAnswerEcho) {
  Config config = small_config();
  config.icmp.answer_echo = false;
  TestHost silent(config);
  silent.receive(from_peer({.protocol = kProtocolIcmp}, icmp_echo(false, 1, 1, {})));
  EXPECT_THAT(silent.sent(), IsEmpty());
}

TEST_F(IcmpTest, SendsEchoAndHandsTheReplyOver) {
  ASSERT_TRUE(host.net.send_echo(kPeerIp, 9, 4, bytes_of("ping payload"), host.now));
  EXPECT_THAT(host.sent(), ElementsAre("IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 9, seq 4, length 20"));
  const Input input = host.receive(
      from_peer({.protocol = kProtocolIcmp, .ttl = 61}, icmp_echo(true, 9, 4, bytes_of("ping payload"))));
  ASSERT_EQ(input.kind, Input::Kind::echo_reply);
  EXPECT_EQ(input.echo->from, kPeerIp);
  EXPECT_EQ(input.echo->id, 9);
  EXPECT_EQ(input.echo->sequence, 4);
  EXPECT_EQ(input.echo->ttl, 61);
  EXPECT_EQ(input.echo->payload_size, 12U);
  EXPECT_FALSE(input.echo->unreachable);
}

TEST_F(IcmpTest, RefusesAnEchoThatCannotBeSent) {
  EXPECT_EQ(host.net.send_echo(kPeerIp, 1, 1, Frame(65'508), host.now).error(), Errc::message_too_large);
  TestHost isolated;
  EXPECT_EQ(isolated.net.send_echo(IpAddress::v4(0), 1, 1, {}, host.now).error(), Errc::network_unreachable);
}

TEST_F(IcmpTest, ReportsAClosedPortWithTheHeaderInTheQuote) {
  const Frame datagram = udp(1234, 53, Frame(1400, 0xab));
  const Input input = host.receive(from_peer({}, datagram));
  ASSERT_EQ(input.kind, Input::Kind::transport);
  host.net.send_unreachable(IcmpErrorKind::port_unreachable, input.delivery, host.rest, host.now);
  const Frame error = host.next_frame();
  EXPECT_EQ(describe_frame(error, {}),
            "IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.1 udp port 53 unreachable, length 556");
  ASSERT_EQ(error.size(), 14 + 576U);  // RFC 1812 §4.3.2.3
  const Frame quoted(error.begin() + 14 + 28, error.end());
  const Frame original = ipv4({}, datagram);
  EXPECT_EQ(quoted, Frame(original.begin(), original.begin() + 548));
}

TEST_F(IcmpTest, QuotesAShortPacketWholeWithItsOptions) {
  const Frame original = with_options(ipv4({}, udp(1, 2, bytes_of("x"))), {1, 1, 1, 0});
  const Input input = host.receive(ethernet(kEtherTypeIpv4, original));
  host.net.send_unreachable(IcmpErrorKind::port_unreachable, input.delivery, host.rest, host.now);
  const Frame error = host.next_frame();
  EXPECT_EQ(Frame(error.begin() + 14 + 28, error.end()), original);
}

TEST_F(IcmpTest, ReportsAnUnknownProtocol) {
  host.receive(from_peer({.protocol = 132}, Frame(16)));
  EXPECT_EQ(host.count(Counter::ip_unknown_protocol), 1U);
  EXPECT_THAT(host.sent(),
              ElementsAre("IP 10.0.0.1 > 10.0.0.2: ICMP 10.0.0.1 protocol 132 unreachable, length 44"));
}

TEST_F(IcmpTest, KeepsSilentAboutGroupsAndErrors) {
  const Frame to_all = ethernet(kEtherTypeIpv4, ipv4({.dst = IpAddress::v4(0xffff'ffffU)}, udp(1, 2, {})),
                                MacAddress::broadcast());
  const Input input = host.receive(to_all);
  host.net.send_unreachable(IcmpErrorKind::port_unreachable, input.delivery, host.rest, host.now);
  host.receive(ethernet(kEtherTypeIpv4, ipv4({.protocol = 132}, Frame(16)), MacAddress::broadcast()));
  EXPECT_THAT(host.sent(), IsEmpty());

  Packet error = host.packet_of(icmp_unreachable(icmp_code::kPort, Frame(28)));
  const Delivery delivery{.protocol = kProtocolIcmp, .src = kPeerIp, .dst = kOurIp, .nic = host.nic};
  EXPECT_FALSE(may_answer_with_error(delivery, error));
  Packet echo = host.packet_of(icmp_echo(false, 1, 1, {}));
  EXPECT_TRUE(may_answer_with_error(delivery, echo));
}

TEST_F(IcmpTest, ErrorsAreLimitedInRate) {
  const auto provoke = [&](int times) {
    for (int i = 0; i < times; ++i) host.receive(from_peer({.protocol = 132}, Frame(16)));
    return host.sent().size();
  };
  EXPECT_EQ(provoke(80), 50U);  // IcmpConfig::errors_burst
  EXPECT_EQ(host.count(Counter::icmp_rate_limited), 30U);
  host.at(Duration::millis(10));  // 1000 per second
  EXPECT_EQ(provoke(20), 10U);
  host.at(Duration::seconds(30));
  EXPECT_EQ(provoke(80), 50U);
}

TEST_F(IcmpTest, HandsErrorsAboutOurPacketsOver) {
  const Frame ours =
      ipv4({.src = kOurIp, .dst = kFarIp, .protocol = kProtocolTcp}, {0x10, 0x00, 0, 80, 1, 2, 3, 4, 9});
  const Input input = host.receive(from_peer({.src = kGatewayIp, .protocol = kProtocolIcmp},
                                             icmp_unreachable(icmp_code::kFragmentationNeeded, ours, 1400)));
  ASSERT_EQ(input.kind, Input::Kind::error);
  EXPECT_EQ(input.error->kind, IcmpErrorKind::fragmentation_needed);
  EXPECT_EQ(input.error->mtu, 1400U);
  EXPECT_EQ(input.error->protocol, kProtocolTcp);
  EXPECT_EQ(input.error->src, kOurIp);
  EXPECT_EQ(input.error->dst, kFarIp);
  EXPECT_EQ(input.error->reporter, kGatewayIp);
  EXPECT_THAT(input.error->transport, ElementsAre(0x10, 0x00, 0, 80, 1, 2, 3, 4));
  EXPECT_FALSE(host.rest);
}

TEST_F(IcmpTest, TellsTheKindsOfErrorsApart) {
  const Frame ours = ipv4({.src = kOurIp, .dst = kFarIp}, udp(1, 2, {}));
  const std::pair<std::uint8_t, IcmpErrorKind> codes[] = {
      {0, IcmpErrorKind::network_unreachable},  {1, IcmpErrorKind::host_unreachable},
      {2, IcmpErrorKind::protocol_unreachable}, {3, IcmpErrorKind::port_unreachable},
      {5, IcmpErrorKind::host_unreachable},     {13, IcmpErrorKind::administratively_prohibited}};
  for (const auto& [code, kind] : codes) {
    EXPECT_EQ(host.receive(from_peer({.protocol = kProtocolIcmp}, icmp_unreachable(code, ours))).error->kind,
              kind);
  }
}

TEST_F(IcmpTest, AnEchoToOurselvesComesBack) {
  ASSERT_TRUE(host.net.send_echo(IpAddress::v4(127, 0, 0, 1), 3, 1, bytes_of("me"), host.now));
  EXPECT_THAT(host.sent(), IsEmpty());
  Packet request = host.net.next_local();
  ASSERT_TRUE(request);
  EXPECT_EQ(host.net.input_local(request, host.now).kind, Input::Kind::consumed);
  Packet reply = host.net.next_local();
  ASSERT_TRUE(reply);
  const Input input = host.net.input_local(reply, host.now);
  ASSERT_EQ(input.kind, Input::Kind::echo_reply);
  EXPECT_EQ(input.echo->payload_size, 2U);
  EXPECT_FALSE(host.net.next_local());
}

}  // namespace
}  // namespace strata::internet
