// Known ways to break an IPv6 host, one test for each row of the groups I6 and N6 of the table of classes:
// the input, the counter that it is dropped under, and silence. Every frame lies in memory of exactly its
// size.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "internet/test_host6.hpp"

namespace strata::internet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A host that a peer is known to, so that an answer would leave at once.
struct Sec : ::testing::Test {
  Sec() { know_peers(host); }
  static void know_peers(TestHost6& of) {
    for (const IpAddress& peer : {kPeerIp6, kPeerLinkLocal}) of.receive(solicitation(peer));
    of.sent();
  }
  /// Dropped under this name, not handed over, not answered, nothing kept.
  void expect_dropped(const Frame& frame, Counter counter) {
    const std::uint64_t before = host.count(counter);
    const std::size_t neighbors = host.net.neighbors().size();
    EXPECT_EQ(host.receive(frame).kind, Input::Kind::consumed);
    EXPECT_EQ(host.count(counter), before + 1) << name(counter);
    EXPECT_THAT(host.sent(), IsEmpty());
    EXPECT_EQ(host.net.neighbors().size(), neighbors);
    EXPECT_EQ(host.pools.packets.in_use(), 0U);
  }
  TestHost6 host;
};

Frame data() { return udp6(kPeerIp6, kOurIp6, 1, 2, bytes_of("data")); }
Frame options(std::uint8_t next, const Frame& list) {
  return Frame{next, static_cast<std::uint8_t>((list.size() + 2) / 8 - 1)} + list;
}

TEST_F(Sec, sec_I6_01_PayloadLengthBeyondTheFrame) {
  Frame frame = ip6_frame({}, data());
  const auto real = static_cast<std::uint16_t>(data().size());
  for (unsigned length = real + 1U; length < 65'536; length += 61) {
    store_be(frame.data() + 14 + 4, static_cast<std::uint16_t>(length));
    expect_dropped(frame, Counter::ip_bad_total_length);
  }
}

TEST_F(Sec, sec_I6_02_PayloadLengthShortOfTheFrame) {
  Frame frame = ip6_frame({}, data());
  frame.resize(frame.size() + 20, 0xee);
  ASSERT_EQ(host.receive(frame).kind, Input::Kind::transport);
  EXPECT_EQ(host.rest.size(), data().size());
}

TEST_F(Sec, sec_I6_03_NoPayload) {
  expect_dropped(ip6_frame({.next = kProtocolIcmp6}, {}), Counter::icmp_truncated);
  expect_dropped(ip6_frame({.next = 0}, {}), Counter::ip6_bad_extension);
  expect_dropped(ip6_frame({.next = kProtocolNoNext}, {}), Counter::ip6_no_next_header);
}

TEST_F(Sec, sec_I6_04_JumboPayload) {
  host.receive(ip6_frame({.next = 0}, options(17, {0xc2, 4, 0, 1, 0, 0}) + data()));
  EXPECT_EQ(host.count(Counter::ip6_unknown_option), 1U);
  EXPECT_THAT(host.sent(), ElementsAre(HasSubstr("parameter problem, option - octet 42")));
}

TEST_F(Sec, sec_I6_05_HopByHopOptionsNotFirst) {
  const Frame padding = Frame{1, 4, 0, 0, 0, 0};
  host.receive(ip6_frame({.next = 60}, options(0, padding) + options(17, padding) + data()));
  EXPECT_EQ(host.count(Counter::ip6_misplaced_header), 1U);
  EXPECT_THAT(host.sent(), ElementsAre(HasSubstr("parameter problem, next header - octet 40")));
}

TEST_F(Sec, sec_I6_06_ExtensionHeaderBeyondThePacket) {
  for (const std::uint8_t kind : {kProtocolHopByHop, kProtocolRouting, kProtocolDestinationOptions}) {
    for (unsigned length = 2; length < 256; ++length) {
      expect_dropped(ip6_frame({.next = kind}, Frame{6, static_cast<std::uint8_t>(length)} + Frame(14)),
                     Counter::ip6_bad_extension);
    }
  }
}

TEST_F(Sec, sec_I6_07_OptionLengthThatWraps) {
  expect_dropped(ip6_frame({.next = 0}, options(6, {1, 0xfe, 0, 0, 0, 0})), Counter::ip6_bad_option);
  expect_dropped(ip6_frame({.next = 0}, options(6, {0x1e, 0xff, 0, 0, 0, 0})), Counter::ip6_bad_option);
}

TEST_F(Sec, sec_I6_08_ExtensionHeaderOfOneByte) {
  for (std::size_t size = 0; size < 8; ++size)
    expect_dropped(ip6_frame({.next = 60}, Frame(size, 6)), Counter::ip6_bad_extension);
}

TEST_F(Sec, sec_I6_09_UnknownOptions) {
  const auto with = [&](std::uint8_t type, const IpAddress& dst) {
    host.receive(ip6_frame({.dst = dst, .next = 60}, options(17, {type, 4, 0, 0, 0, 0}) + data()));
    return host.sent().size();
  };
  const IpAddress group = solicited_node_group(kOurIp6);
  EXPECT_EQ(with(0x5e, kOurIp6) + with(0x5e, group), 0U);
  EXPECT_EQ(with(0x9e, kOurIp6) + with(0x9e, group), 2U);
  EXPECT_EQ(with(0xde, kOurIp6), 1U);
  EXPECT_EQ(with(0xde, group), 0U);
  EXPECT_EQ(host.count(Counter::ip6_unknown_option), 6U);
  EXPECT_EQ(host.receive(ip6_frame({.next = 60}, options(17, {0x1e, 4, 0, 0, 0, 0}) + data())).kind,
            Input::Kind::transport);
}

TEST_F(Sec, sec_I6_10_PaddingThatIsNone) {
  expect_dropped(ip6_frame({.next = 60}, options(17, {1, 4, 0, 0, 7, 0}) + data()), Counter::ip6_bad_option);
  expect_dropped(ip6_frame({.next = 60}, options(17, Frame(14)) + data()), Counter::ip6_bad_option);
  Frame nine;
  for (int i = 0; i < 9; ++i) nine = nine + Frame{0x1e, 0};
  expect_dropped(ip6_frame({.next = 60}, options(17, nine + Frame{1, 2, 0, 0}) + data()),
                 Counter::ip6_chain_too_long);
}

TEST_F(Sec, sec_I6_11_ChainsOfManyHeaders) {
  Frame chain;
  for (int i = 0; i < 150; ++i) chain = chain + options(60, {1, 4, 0, 0, 0, 0});
  expect_dropped(ip6_frame({.next = 60}, chain + options(17, {1, 4, 0, 0, 0, 0}) + data()),
                 Counter::ip6_chain_too_long);
}

TEST_F(Sec, sec_I6_12_RoutingHeaderType0) {
  host.receive(ip6_frame({.next = 43}, Frame{17, 2, 0, 1, 0, 0, 0, 0} + Frame(16) + data()));
  EXPECT_EQ(host.count(Counter::ip6_routed), 1U);
  EXPECT_THAT(host.sent(), ElementsAre(HasSubstr("parameter problem, erroneous - octet 42")));
  EXPECT_EQ(host.receive(ip6_frame({.next = 43}, Frame{17, 2, 0, 0, 0, 0, 0, 0} + Frame(16) + data())).kind,
            Input::Kind::transport);
}

TEST_F(Sec, sec_I6_13_RoutingHeadersOfOtherTypes) {
  for (unsigned type = 1; type < 40; ++type) {
    host.receive(ip6_frame(
        {.next = 43}, Frame{17, 1, static_cast<std::uint8_t>(type), 200, 0, 0, 0, 0} + Frame(8) + data()));
  }
  EXPECT_EQ(host.count(Counter::ip6_routed), 39U);
}

TEST_F(Sec, sec_I6_14_NothingBehindNoNextHeader) {
  expect_dropped(ip6_frame({.next = kProtocolNoNext}, data()), Counter::ip6_no_next_header);
  for (const std::uint8_t security : {std::uint8_t{50}, std::uint8_t{51}}) {
    EXPECT_EQ(host.receive(ip6_frame({.next = security}, Frame{17, 0} + Frame(6) + data())).kind,
              Input::Kind::consumed);
    EXPECT_EQ(host.sent().size(), 1U);
  }
  EXPECT_EQ(host.count(Counter::ip_unknown_protocol), 2U);
}

TEST_F(Sec, sec_I6_15_UnknownNextHeaders) {
  for (unsigned next = 150; next < 250; ++next)
    host.receive(ip6_frame({.next = static_cast<std::uint8_t>(next)}, Frame(8)));
  EXPECT_EQ(host.count(Counter::ip_unknown_protocol), 100U);
  const auto lines = host.sent();
  EXPECT_EQ(lines.size(), 50U);  // as many as the bucket holds
  EXPECT_THAT(lines.front(), HasSubstr("next header - octet 6"));
}

TEST_F(Sec, sec_I6_16_SourcesThatNobodyHas) {
  for (const char* source : {"::1", "ff02::1", "::ffff:10.0.0.2", "fd77::2", "fe80::2"})
    expect_dropped(ip6_frame({.src = *parse_address(source)}, data()), Counter::ip_bad_source);
}

TEST_F(Sec, sec_I6_17_NothingLeavesItsZone) {
  const Prefix other{*parse_address("fd78::2"), 64};
  const NicId second = *host.net.add_interface({.mac = kOtherMac, .link = {}, .addresses = {&other, 1}});
  Frame frame = ip6_frame({.src = kPeerLinkLocal}, data());
  store_mac(frame.data(), kOtherMac);
  Packet packet = host.packet_of(frame);
  EXPECT_EQ(host.net.input(second, packet, host.now).kind, Input::Kind::consumed);
  EXPECT_EQ(host.count(Counter::ip6_bad_scope), 1U);
}

TEST_F(Sec, sec_I6_18_DamagedPacketsToGroups) {
  expect_dropped(ip6_frame({.dst = kAllNodes, .next = 0}, {6, 9, 0, 0, 0, 0, 0, 0}),
                 Counter::ip6_bad_extension);
  expect_dropped(ip6_frame({.dst = *parse_address("ff02::1234")}, data()), Counter::ip_not_for_us);
  expect_dropped(ip6_frame({.dst = *parse_address("ff00::1")}, data()), Counter::ip6_bad_scope);
}

TEST(SecTentative, sec_I6_19_EveryHandlerBeforeThereIsAnAddress) {
  Config config = small_config();
  config.ipv6.dad_transmits = 1;
  TestHost young(config, {{kOurIp, 24}, {kOurIp6, 64}, {kOurLinkLocal, 64}});
  young.receive(
      icmp6_frame({.src = kPeerLinkLocal, .dst = kAllNodes}, icmp6(Icmp6Header::echo(false, 1, 1), {})));
  young.receive(ip6_frame({.dst = kAllNodes, .next = 60}, options(17, {0x9e, 4, 0, 0, 0, 0}) + data()));
  young.receive(solicitation());
  young.receive(ip6_frame({}, data()));
  EXPECT_THAT(young.sent(), IsEmpty());
  EXPECT_EQ(young.pools.packets.in_use(), 0U);
}

TEST_F(Sec, sec_I6_22_TunnelsAreNotOpened) {
  const Frame inner = ipv6({.src = kFarIp6}, data());
  EXPECT_EQ(host.receive(ip6_frame({.next = kProtocolIpv6}, inner)).kind, Input::Kind::consumed);
  EXPECT_EQ(host.count(Counter::ip_unknown_protocol), 1U);
}

TEST_F(Sec, sec_N6_01_OptionsOfImpossibleLength) {
  for (unsigned type = 0; type < 256; ++type) {
    for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{255}}) {
      Frame message{135, 0, 0, 0, 0, 0, 0, 0};
      message = message + Frame(16) + Frame{static_cast<std::uint8_t>(type), length} + Frame(6);
      store_ipv6(message.data() + 8, kOurIp6);
      expect_dropped(icmp6_frame({.dst = solicited_node_group(kOurIp6), .hop_limit = 255}, message),
                     Counter::nd_bad_option);
    }
  }
}

TEST_F(Sec, sec_N6_02_WhatNoNeighborSends) {
  Frame ask(32);
  NdSolicitation{.target = kOurIp6, .source_mac = kPeerMac}.write(ask.data());
  const IpAddress group = solicited_node_group(kOurIp6);
  const auto sent_by = [&](Ip6Fields fields, Frame message) { return icmp6_frame(fields, message); };
  const Ip6Fields good{.dst = group, .hop_limit = 255};
  expect_dropped(sent_by({.dst = group, .hop_limit = 254}, ask), Counter::nd_bad_hop_limit);
  Frame coded = ask;
  coded[1] = 1;
  expect_dropped(sent_by(good, coded), Counter::nd_bad_code);
  Frame grouped = ask;
  store_ipv6(grouped.data() + 8, group);
  expect_dropped(sent_by(good, grouped), Counter::nd_bad_target);
  expect_dropped(sent_by({.src = IpAddress(), .dst = group, .hop_limit = 255}, ask), Counter::nd_bad_source);
  for (std::size_t size = 8; size < 24; ++size)
    expect_dropped(sent_by(good, Frame(ask.begin(), ask.begin() + static_cast<std::ptrdiff_t>(size))),
                   Counter::nd_truncated);
  Frame broken = sent_by(good, ask);
  broken[14 + 40 + 2] ^= 1;
  expect_dropped(broken, Counter::icmp_bad_checksum);
}

TEST_F(Sec, sec_N6_03_WhoIsNotOnTheLinkTeachesNothing) {
  expect_dropped(solicitation(kFarIp6), Counter::nd_bad_source);
}

TEST_F(Sec, sec_N6_05_ScanningMakesNoEntries) {
  for (unsigned i = 0; i < 5000; ++i) {
    IpAddress::Octets octets = kPeerIp6.octets();
    octets[12] = 1;
    octets[14] = static_cast<std::uint8_t>(i >> 8);
    octets[15] = static_cast<std::uint8_t>(i);
    host.receive(solicitation(IpAddress::v6(octets)));
    host.sent();
  }
  EXPECT_LE(host.net.neighbors().size(), 8U);
  EXPECT_GT(host.count(Counter::neighbor_table_full), 0U);
}

TEST_F(Sec, sec_N6_16_EchoOfFourToSevenBytes) {
  for (std::size_t size = 4; size < 8; ++size) {
    Frame echo(size);
    echo[0] = 128;
    expect_dropped(icmp6_frame({}, echo), Counter::icmp_truncated);
  }
}

TEST_F(Sec, sec_N6_18_ErrorsAboutLongChains) {
  Frame chain;
  for (int i = 0; i < 7; ++i) chain = chain + options(60, {1, 4, 0, 0, 0, 0});
  host.receive(ip6_frame({.next = 60}, chain + options(200, {1, 4, 0, 0, 0, 0}) + Frame(1300)));
  const Frame error = host.next_frame();
  EXPECT_EQ(error.size(), 14U + 1280U);
}

TEST_F(Sec, sec_N6_19_NoErrorsAboutErrors) {
  for (unsigned type = 0; type < 128; ++type)
    host.receive(icmp6_frame({}, icmp6({.type = static_cast<std::uint8_t>(type)}, Frame(60))));
  host.receive(ip6_frame({.src = IpAddress(), .next = 200}, Frame(8)));
  host.receive(ip6_frame({.dst = kAllNodes, .next = 200}, Frame(8)));
  EXPECT_THAT(host.sent(), IsEmpty());
}

TEST_F(Sec, sec_N6_20_EchoToAllNodes) {
  const Frame echo = icmp6(Icmp6Header::echo(false, 1, 1), {});
  expect_dropped(icmp6_frame({.src = kFarIp6, .dst = kAllNodes}, echo), Counter::icmp_echo_to_group);
}

TEST_F(Sec, sec_N6_23_TypesThatNobodyKnows) {
  for (const std::uint8_t type :
       {std::uint8_t{139}, std::uint8_t{140}, std::uint8_t{141}, std::uint8_t{200}, std::uint8_t{255}})
    expect_dropped(icmp6_frame({}, icmp6({.type = type}, Frame(16))), Counter::icmp_unknown_type);
  for (const std::uint8_t type : {std::uint8_t{5}, std::uint8_t{100}, std::uint8_t{127}})
    expect_dropped(icmp6_frame({}, icmp6({.type = type}, Frame(60))), Counter::icmp_error_bad_quote);
}

}  // namespace
}  // namespace strata::internet
