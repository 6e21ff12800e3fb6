// IPv6 in and out: what is refused and under which name, echo, errors both ways, ways and sources.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "internet/test_host6.hpp"

namespace strata::internet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct BadFrame {
  const char* what;
  Frame frame;
  Counter counter;
};

void expect_all_dropped(const std::vector<BadFrame>& frames) {
  for (const BadFrame& bad : frames) {
    SCOPED_TRACE(bad.what);
    TestHost6 host;
    EXPECT_EQ(host.receive(bad.frame).kind, Input::Kind::consumed);
    EXPECT_EQ(host.count(bad.counter), 1U) << name(bad.counter);
    EXPECT_FALSE(host.rest);
    EXPECT_THAT(host.sent(), IsEmpty());
    EXPECT_EQ(host.pools.packets.in_use(), 0U);
    EXPECT_EQ(host.pools.blocks.in_use(), 0U);
  }
}

/// A host that knows its peer, so that answers leave at once.
struct Ipv6Test : ::testing::Test {
  Ipv6Test() {
    for (const IpAddress& peer : {kPeerIp6, kPeerLinkLocal}) host.receive(solicitation(peer));
    host.sent();
  }
  TestHost6 host;
};

Frame good_udp() { return udp6(kPeerIp6, kOurIp6, 1, 2, bytes_of("data")); }

Frame cut(Frame frame, std::size_t size) {
  frame.resize(size);
  return frame;
}

TEST(Ipv6Input, RefusesDamagedHeaders) {
  const Frame good = ip6_frame({}, good_udp());
  Frame long_payload = good;
  long_payload[14 + 5] = 200;
  Frame version4 = good;
  version4[14] = 0x45;
  expect_all_dropped({
      {"nothing", ethernet(kEtherTypeIpv6, {}), Counter::ip_truncated},
      {"one byte short of a header", cut(good, 14 + 39), Counter::ip_truncated},
      {"payload beyond the end", long_payload, Counter::ip_bad_total_length},
      {"version 4", version4, Counter::ip_bad_version},
      {"nothing to carry", ip6_frame({.next = kProtocolNoNext}, {1, 2, 3}), Counter::ip6_no_next_header},
      {"first fragment", ip6_frame({.next = 44}, Frame{17, 0, 0, 1, 0, 0, 0, 1} + good_udp()),
       Counter::ip_fragment},
      {"last fragment", ip6_frame({.next = 44}, Frame{17, 0, 0, 8, 0, 0, 0, 1}), Counter::ip_fragment},
      {"cut options", ip6_frame({.next = 60}, {17}), Counter::ip6_bad_extension},
      {"bad padding", ip6_frame({.next = 60}, Frame{17, 0, 1, 4, 0, 0, 0, 1}), Counter::ip6_bad_option},
  });
}

TEST(Ipv6Input, RefusesImpossibleAddresses) {
  const auto from = [](const char* src) { return ip6_frame({.src = *parse_address(src)}, good_udp()); };
  const auto to = [](const char* dst) { return ip6_frame({.dst = *parse_address(dst)}, good_udp()); };
  expect_all_dropped({
      {"from nowhere", from("::"), Counter::ip_bad_source},
      {"from loopback", from("::1"), Counter::ip_bad_source},
      {"from a group", from("ff02::1"), Counter::ip_bad_source},
      {"from IPv4", from("::ffff:10.0.0.2"), Counter::ip_bad_source},
      {"from ourselves", from("fd77::2"), Counter::ip_bad_source},
      {"from our link-local address", from("fe80::2"), Counter::ip_bad_source},
      {"to nowhere", to("::"), Counter::ip_bad_destination},
      {"to loopback", to("::1"), Counter::ip_bad_destination},
      {"to IPv4", to("::ffff:10.0.0.1"), Counter::ip_bad_destination},
      {"to another host", to("fd77::3"), Counter::ip_not_for_us},
      {"to another host on the link", to("fe80::3"), Counter::ip_not_for_us},
      {"to a group that we are not in", to("ff02::fb"), Counter::ip_not_for_us},
      {"to a group of the inside", to("ff01::1"), Counter::ip6_bad_scope},
      {"to a reserved scope", to("ff00::1"), Counter::ip6_bad_scope},
  });
}

TEST(Ipv6Input, NothingCrossesItsZone) {
  TestHost6 host;
  const Prefix other{*parse_address("fd78::2"), 64};
  const NicId second = *host.net.add_interface({.mac = kOtherMac, .link = {}, .addresses = {&other, 1}});
  Packet packet = host.packet_of(ethernet(
      kEtherTypeIpv6, ipv6({.src = kPeerLinkLocal, .dst = kOurIp6}, udp6(kPeerLinkLocal, kOurIp6, 1, 2, {})),
      kOtherMac));
  EXPECT_EQ(host.net.input(second, packet, host.now).kind, Input::Kind::consumed);
  EXPECT_EQ(host.count(Counter::ip6_bad_scope), 1U);
  Packet global = host.packet_of(ethernet(kEtherTypeIpv6, ipv6({}, good_udp()), kOtherMac));
  EXPECT_EQ(host.net.input(second, global, host.now).kind, Input::Kind::transport);
  Packet scoped = host.packet_of(
      ethernet(kEtherTypeIpv6, ipv6({.src = kPeerLinkLocal, .dst = kOurLinkLocal}, Frame(8)), kOtherMac));
  EXPECT_EQ(host.net.input(second, scoped, host.now).kind, Input::Kind::consumed);
  EXPECT_EQ(host.count(Counter::ip_not_for_us), 1U);
}

TEST(Ipv6Input, AnInterfaceWithoutIpv6HearsNone) {
  TestHost host;
  EXPECT_EQ(host.receive(ip6_frame({}, good_udp())).kind, Input::Kind::consumed);
  EXPECT_EQ(host.count(Counter::ip6_disabled), 1U);
}

TEST(Ipv6Input, HandsTransportOverBehindWhateverHeaders) {
  TestHost6 host;
  const Frame chain{60, 0, 5, 2, 0, 0, 1, 0, 44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 7};
  Frame frame = ip6_frame({.next = 0, .hop_limit = 3}, chain + good_udp());
  const std::size_t padding = 6;
  frame.resize(frame.size() + padding, 0xee);
  const Input input = host.receive(frame);
  ASSERT_EQ(input.kind, Input::Kind::transport);
  EXPECT_EQ(input.delivery.protocol, kProtocolUdp);
  EXPECT_EQ(input.delivery.src, kPeerIp6);
  EXPECT_EQ(input.delivery.dst, kOurIp6);
  EXPECT_EQ(input.delivery.ttl, 3);
  EXPECT_EQ(input.delivery.zone, NicId::none);
  EXPECT_EQ(input.delivery.ip_header_size, 40 + chain.size());
  EXPECT_EQ(host.rest.size(), good_udp().size());
  EXPECT_EQ(*(host.rest.head().data() - input.delivery.ip_header_size), 0x60);
}

TEST(Ipv6Input, AScopedPacketNamesItsZone) {
  TestHost6 host;
  const Input input = host.receive(ip6_frame({.src = kPeerLinkLocal, .dst = kOurLinkLocal},
                                             udp6(kPeerLinkLocal, kOurLinkLocal, 1, 2, {})));
  ASSERT_EQ(input.kind, Input::Kind::transport);
  EXPECT_EQ(input.delivery.zone, host.nic);
}

TEST(Ipv6Input, WorksOnLinksWithoutEthernetHeader) {
  TestHost6 host;
  const Prefix own{*parse_address("fd79::1"), 64};
  const NicId tun = *host.net.add_interface({.link = {.has_ethernet_header = false}, .addresses = {&own, 1}});
  Packet packet = host.packet_of(ipv6({.dst = own.address}, udp6(kPeerIp6, own.address, 1, 2, {})));
  EXPECT_EQ(host.net.input(tun, packet, host.now).kind, Input::Kind::transport);
}

TEST_F(Ipv6Test, TellsOfProtocolsAndOptionsThatNobodyKnows) {
  host.receive(ip6_frame({.next = 200}, Frame(20)));
  host.receive(ip6_frame({.next = 60}, Frame{200, 0, 1, 4, 0, 0, 0, 0} + Frame(4)));
  host.receive(ip6_frame({.next = 60}, Frame{17, 0, 1, 0, 0x9e, 2, 0, 0} + good_udp()));
  host.receive(ip6_frame({.next = 43}, Frame{17, 0, 0, 1, 0, 0, 0, 0} + good_udp()));
  host.receive(ip6_frame({.next = 60}, Frame{0, 0, 1, 4, 0, 0, 0, 0} + Frame(8)));
  EXPECT_THAT(
      host.sent(),
      ElementsAre("IP6 fd77::2 > fd77::1: ICMP6, parameter problem, next header - octet 6, length 68",
                  "IP6 fd77::2 > fd77::1: ICMP6, parameter problem, next header - octet 40, length 60",
                  "IP6 fd77::2 > fd77::1: ICMP6, parameter problem, option - octet 44, length 68",
                  "IP6 fd77::2 > fd77::1: ICMP6, parameter problem, erroneous - octet 42, length 68",
                  "IP6 fd77::2 > fd77::1: ICMP6, parameter problem, next header - octet 40, length 64"));
  EXPECT_EQ(host.count(Counter::ip_unknown_protocol), 2U);
  EXPECT_EQ(host.count(Counter::ip6_unknown_option), 1U);
  EXPECT_EQ(host.count(Counter::ip6_routed), 1U);
  EXPECT_EQ(host.count(Counter::ip6_misplaced_header), 1U);
}

TEST_F(Ipv6Test, OfPacketsToGroupsOnlySomeUnknownOptionsAreToldOf) {
  const IpAddress group = solicited_node_group(kOurIp6);
  const auto with_option = [&](std::uint8_t type) {
    return ip6_frame({.dst = group, .next = 60}, Frame{17, 0, 1, 0, type, 2, 0, 0} + good_udp());
  };
  host.receive(with_option(0x5e));
  host.receive(with_option(0xde));
  host.receive(ip6_frame({.dst = group, .next = 200}, Frame(20)));
  EXPECT_THAT(host.sent(), IsEmpty());
  host.receive(with_option(0x9e));
  EXPECT_THAT(host.sent(),
              ElementsAre("IP6 fd77::2 > fd77::1: ICMP6, parameter problem, option - octet 44, length 68"));
}

TEST_F(Ipv6Test, ErrorsQuoteAsMuchAsFitsTheSmallestLink) {
  const Input input = host.receive(ip6_frame({}, udp6(kPeerIp6, kOurIp6, 1, 2, Frame(1400))));
  ASSERT_EQ(input.kind, Input::Kind::transport);
  host.net.send_unreachable(IcmpErrorKind::port_unreachable, input.delivery, host.rest, host.now);
  const Frame error = host.next_frame();
  EXPECT_EQ(error.size(), 14U + 1280U);
  EXPECT_EQ(
      describe_frame(error, {}),
      "IP6 fd77::2 > fd77::1: ICMP6, destination unreachable, unreachable port, fd77::2 udp port 2, length "
      "1240");
  InternetChecksum sum = pseudo_header(kOurIp6, kPeerIp6, kProtocolIcmp6, 1240);
  sum.add(Bytes(error).subspan(54));
  EXPECT_TRUE(sum.is_valid());
}

TEST_F(Ipv6Test, ErrorsAreLimitedAndNeverAboutErrors) {
  host.receive(icmp6_frame({}, icmp6({.type = 100}, Frame(60))));
  host.receive(icmp6_frame({}, icmp6({.type = 1, .code = 9}, Frame(60))));
  EXPECT_THAT(host.sent(), IsEmpty());
  for (int i = 0; i < 60; ++i) host.receive(ip6_frame({.next = 200}, Frame(20)));
  EXPECT_EQ(host.sent().size(), 50U);
  EXPECT_EQ(host.count(Counter::icmp_rate_limited), 10U);
}

TEST_F(Ipv6Test, AnswersEchoWithTheSamePayload) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{56}, std::size_t{1452}}) {
    Frame payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 7);
    host.receive(icmp6_frame({.hop_limit = 3}, icmp6(Icmp6Header::echo(false, 77, 5), payload)));
    const Frame reply = host.next_frame();
    EXPECT_EQ(
        reply,
        ethernet(kEtherTypeIpv6,
                 ipv6({.src = kOurIp6, .dst = kPeerIp6, .next = kProtocolIcmp6},
                      with_icmp6_checksum(icmp6(Icmp6Header::echo(true, 77, 5), payload), kOurIp6, kPeerIp6)),
                 kPeerMac, kOurMac));
  }
  EXPECT_EQ(host.count(Counter::icmp_echo_in), 4U);
  EXPECT_EQ(host.pools.packets.in_use(), 0U);
}

TEST_F(Ipv6Test, AnswersEchoToAGroupOnTheLinkOnly) {
  const Frame echo = icmp6(Icmp6Header::echo(false, 1, 1), {});
  host.receive(icmp6_frame({.dst = kAllNodes}, echo));
  EXPECT_THAT(host.sent(), IsEmpty());
  EXPECT_EQ(host.count(Counter::icmp_echo_to_group), 1U);
  host.receive(icmp6_frame({.src = kPeerLinkLocal, .dst = kAllNodes}, echo));
  EXPECT_THAT(host.sent(), ElementsAre("IP6 fe80::2 > fe80::1: ICMP6, echo reply, id 1, seq 1, length 8"));
}

TEST_F(Ipv6Test, SendsEchoAndHandsTheReplyOver) {
  ASSERT_TRUE(host.net.send_echo(kPeerIp6, 9, 4, bytes_of("ping payload"), host.now));
  EXPECT_THAT(host.sent(), ElementsAre("IP6 fd77::2 > fd77::1: ICMP6, echo request, id 9, seq 4, length 20"));
  const Input input = host.receive(
      icmp6_frame({.hop_limit = 61}, icmp6(Icmp6Header::echo(true, 9, 4), bytes_of("ping payload"))));
  ASSERT_EQ(input.kind, Input::Kind::echo_reply);
  EXPECT_EQ(input.echo->from, kPeerIp6);
  EXPECT_EQ(input.echo->id, 9);
  EXPECT_EQ(input.echo->sequence, 4);
  EXPECT_EQ(input.echo->ttl, 61);
  EXPECT_EQ(input.echo->payload_size, 12U);
  EXPECT_EQ(host.net.send_echo(kPeerIp6, 9, 4, Frame(1453), host.now).error(), Errc::message_too_large);
}

TEST_F(Ipv6Test, RefusesDamagedMessages) {
  Frame bad_checksum = icmp6_frame({}, icmp6(Icmp6Header::echo(false, 1, 1), {}));
  bad_checksum[14 + 40 + 2] ^= 1;
  expect_all_dropped({
      {"seven bytes", ip6_frame({.next = kProtocolIcmp6}, Frame{128, 0, 0, 0, 0, 0, 0}),
       Counter::icmp_truncated},
      {"nothing", ip6_frame({.next = kProtocolIcmp6}, {}), Counter::icmp_truncated},
      {"checksum", bad_checksum, Counter::icmp_bad_checksum},
      {"node information query", icmp6_frame({}, icmp6({.type = 139}, Frame(8))), Counter::icmp_unknown_type},
      {"private experiment", icmp6_frame({}, icmp6({.type = 200}, Frame(8))), Counter::icmp_unknown_type},
  });
}

TEST_F(Ipv6Test, HandsErrorsAboutOurPacketsOver) {
  const Frame ours = ipv6({.src = kOurIp6, .dst = kFarIp6}, udp6(kOurIp6, kFarIp6, 1000, 53, {}));
  const auto error = [&](const Icmp6Header& header, const Frame& quoted) {
    return host.receive(icmp6_frame({}, icmp6(header, quoted)));
  };
  const Input input = error({.type = 2, .rest = 1400}, ours);
  ASSERT_EQ(input.kind, Input::Kind::error);
  EXPECT_EQ(input.error->kind, IcmpErrorKind::fragmentation_needed);
  EXPECT_EQ(input.error->mtu, 1400U);
  EXPECT_EQ(input.error->protocol, kProtocolUdp);
  EXPECT_EQ(input.error->src, kOurIp6);
  EXPECT_EQ(input.error->dst, kFarIp6);
  EXPECT_EQ(input.error->reporter, kPeerIp6);
  EXPECT_EQ(load_be<std::uint16_t>(input.error->transport.data() + 2), 53);
  using enum IcmpErrorKind;
  const std::vector<std::pair<Icmp6Header, IcmpErrorKind>> rows{
      {{.type = 1, .code = 0}, network_unreachable}, {{.type = 1, .code = 1}, administratively_prohibited},
      {{.type = 1, .code = 3}, host_unreachable},    {{.type = 1, .code = 4}, port_unreachable},
      {{.type = 3, .code = 0}, time_exceeded},       {{.type = 4, .code = 0}, parameter_problem},
      {{.type = 4, .code = 1}, protocol_unreachable}};
  for (const auto& [header, kind] : rows) EXPECT_EQ(error(header, ours).error->kind, kind);
  // Behind the headers that we may have sent.
  const Frame optioned =
      ipv6({.src = kOurIp6, .dst = kFarIp6, .next = 60}, Frame{17, 0, 1, 4, 0, 0, 0, 0} + Frame(8));
  EXPECT_EQ(error({.type = 1}, optioned).kind, Input::Kind::error);
  for (const Frame& quoted :
       {Frame{}, cut(ours, 40), cut(ours, 47), ipv6({.src = kOtherIp6, .dst = kFarIp6}, Frame(8)),
        ipv6({.src = kOurIp6, .dst = kFarIp6, .next = 44}, Frame{17, 0, 0, 9, 0, 0, 0, 1} + Frame(8))})
    EXPECT_EQ(error({.type = 1}, quoted).kind, Input::Kind::consumed);
  EXPECT_EQ(host.count(Counter::icmp_error_bad_quote), 5U);
}

TEST_F(Ipv6Test, OurOwnPacketsGoOutWithEverythingInPlace) {
  IpSend send{.src = kOurIp6,
              .dst = kPeerIp6,
              .protocol = kProtocolTcp,
              .ttl = 61,
              .dscp = 10,
              .ecn = 2,
              .flow_label = 0xabcde};
  Packet packet = host.transport_packet(Frame(20, 0x11));
  packet.meta().csum = ChecksumState::partial;
  packet.meta().csum_offset = 16;
  const Packet frame = host.net.wrap(std::move(packet), send, *host.net.route(send.dst, send.src), host.now);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame.meta().csum_start, 54);
  const auto ethernet = EthernetView::parse(frame.head());
  EXPECT_EQ(ethernet->type(), kEtherTypeIpv6);
  EXPECT_EQ(ethernet->dst(), kPeerMac);
  const auto ip = Ipv6View::parse(ethernet->payload());
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->dscp(), 10);
  EXPECT_EQ(ip->ecn(), 2);
  EXPECT_EQ(ip->flow_label(), 0xabcdeU);
  EXPECT_EQ(ip->hop_limit(), 61);
  EXPECT_EQ(ip->payload_length(), 20U);
  Packet large = host.transport_packet(Frame(20));
  ASSERT_TRUE(append_copy(host.pools, *large.raw(), Frame(1441)));
  EXPECT_FALSE(host.net.wrap(std::move(large), send, *host.net.route(send.dst), host.now));
  EXPECT_EQ(host.count(Counter::ip_too_big), 1U);
}

}  // namespace
}  // namespace strata::internet
