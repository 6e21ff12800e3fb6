// What may come in: every kind of damaged or misdirected frame is counted under its own name, dropped and not
// answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "internet/test_host.hpp"

namespace strata::internet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct BadFrame {
  const char* what;
  Frame frame;
  Counter counter;
};

Frame ip_frame(const Frame& packet) { return ethernet(kEtherTypeIpv4, packet); }
Frame good_packet() { return ipv4({}, udp(1, 2, bytes_of("data"))); }

/// A good packet with one byte changed and its header checksum right again.
Frame with_byte(std::size_t at, std::uint8_t value) {
  Frame packet = good_packet();
  packet[at] = value;
  fix_ip_checksum(packet);
  return ip_frame(packet);
}

Frame cut(Frame frame, std::size_t size) {
  frame.resize(size);
  return frame;
}

/// A good packet whose header claims to be longer than the packet.
Frame with_header_beyond_end() {
  Frame packet = good_packet();
  packet[0] = 0x4f;
  return ip_frame(packet);
}

void expect_all_dropped(const std::vector<BadFrame>& frames) {
  for (const BadFrame& bad : frames) {
    SCOPED_TRACE(bad.what);
    TestHost host;
    EXPECT_EQ(host.receive(bad.frame).kind, Input::Kind::consumed);
    EXPECT_EQ(host.count(bad.counter), 1U) << name(bad.counter);
    EXPECT_FALSE(host.rest);
    EXPECT_THAT(host.sent(), IsEmpty());
    EXPECT_EQ(host.pools.packets.in_use(), 0U);
    EXPECT_EQ(host.pools.blocks.in_use(), 0U);
  }
}

TEST(EthernetInput, RefusesWhatIsNoFrameForUs) {
  const Frame packet = good_packet();
  const MacAddress group{{1, 0, 0x5e, 0, 0, 1}};
  expect_all_dropped({
      {"empty frame", {}, Counter::eth_runt},
      {"one byte short of a header", cut(ip_frame(packet), 13), Counter::eth_runt},
      {"to another host", ethernet(kEtherTypeIpv4, packet, kOtherMac), Counter::eth_not_for_us},
      {"from a group", ethernet(kEtherTypeIpv4, packet, kOurMac, group), Counter::eth_source_multicast},
      {"from the broadcast address", ethernet(kEtherTypeIpv4, packet, kOurMac, MacAddress::broadcast()),
       Counter::eth_source_multicast},
      {"unknown type", ethernet(0x88cc, packet), Counter::eth_unknown_type},
      {"an IPv4 packet that calls itself IPv6", ethernet(kEtherTypeIpv6, packet), Counter::ip_truncated},
  });
}

TEST(ArpInput, RefusesForeignFormatsAndImpossibleSenders) {
  Frame long_hardware = arp({});
  long_hardware[14 + 4] = 8;
  Frame long_protocol = arp({});
  long_protocol[14 + 5] = 16;
  Frame token_ring = arp({});
  token_ring[14 + 1] = 6;
  Frame reverse = arp({});
  reverse[14 + 7] = 3;
  Frame group_sender = arp({});
  group_sender[14 + 8] = 1;
  expect_all_dropped({
      {"empty", ethernet(kEtherTypeArp, {}), Counter::arp_truncated},
      {"cut in the addresses", cut(arp({}), 14 + 27), Counter::arp_truncated},
      {"hardware addresses of eight bytes", long_hardware, Counter::arp_bad_format},
      {"protocol addresses of sixteen bytes", long_protocol, Counter::arp_bad_format},
      {"another hardware", token_ring, Counter::arp_bad_format},
      {"another operation", reverse, Counter::arp_bad_format},
      {"sender is a group", group_sender, Counter::arp_bad_source},
      {"sender has our MAC", arp({.sender_mac = kOurMac}), Counter::arp_bad_source},
      {"sender has no MAC", arp({.sender_mac = MacAddress{}}), Counter::arp_bad_source},
      {"sender has our address", arp({.sender_ip = kOurIp}), Counter::arp_bad_source},
      {"sender is elsewhere", arp({.sender_ip = kFarIp}), Counter::arp_bad_source},
      {"sender is the broadcast address", arp({.sender_ip = IpAddress::v4(10, 0, 0, 255)}),
       Counter::arp_bad_source},
      {"asks for another host", arp({.target_ip = kOtherIp}), Counter::arp_not_for_us},
      {"unasked answer", arp_reply(), Counter::arp_unsolicited},
      {"gratuitous", arp({.target_ip = kPeerIp}), Counter::arp_unsolicited},
  });
}

TEST(Ipv4Input, RefusesDamagedHeaders) {
  const Frame packet = good_packet();
  Frame bad_checksum = packet;
  bad_checksum[10] ^= 1;
  expect_all_dropped({
      {"empty packet", ethernet(kEtherTypeIpv4, {}), Counter::ip_truncated},
      {"one byte short of a header", cut(ip_frame(packet), 14 + 19), Counter::ip_truncated},
      {"header length beyond the end", with_header_beyond_end(), Counter::ip_truncated},
      {"version 6", with_byte(0, 0x65), Counter::ip_bad_version},
      {"version 0", with_byte(0, 0x05), Counter::ip_bad_version},
      {"header of 16 bytes", with_byte(0, 0x44), Counter::ip_bad_header_length},
      {"header of no bytes", with_byte(0, 0x40), Counter::ip_bad_header_length},
      {"total length beyond the end", with_byte(3, 200), Counter::ip_bad_total_length},
      {"total length below the header", with_byte(3, 19), Counter::ip_bad_total_length},
      {"total length zero", with_byte(3, 0), Counter::ip_bad_total_length},
      {"checksum", ip_frame(bad_checksum), Counter::ip_bad_checksum},
  });
}

TEST(Ipv4Input, RefusesBadOptionsAndSourceRoutes) {
  const Frame packet = good_packet();
  const auto options = [&](const Frame& list) { return ip_frame(with_options(packet, list)); };
  expect_all_dropped({
      {"option of length 0", options({7, 0, 0, 0}), Counter::ip_bad_option},
      {"option of length 1", options({7, 1, 0, 0}), Counter::ip_bad_option},
      {"option beyond the end", options({7, 9, 0, 0}), Counter::ip_bad_option},
      {"option without a length", options({1, 1, 1, 7}), Counter::ip_bad_option},
      {"loose source route", options({131, 7, 4, 10, 0, 0, 9, 0}), Counter::ip_source_routed},
      {"strict source route", options({137, 7, 4, 10, 0, 0, 9, 0}), Counter::ip_source_routed},
  });
}

TEST(Ipv4Input, RefusesImpossibleAddresses) {
  const auto from = [](const IpAddress& src) { return ip_frame(ipv4({.src = src}, udp(1, 2, {}))); };
  const auto to = [](const IpAddress& dst) { return ip_frame(ipv4({.dst = dst}, udp(1, 2, {}))); };
  expect_all_dropped({
      {"from nowhere", from(IpAddress::v4(0)), Counter::ip_bad_source},
      {"from this network", from(IpAddress::v4(0, 0, 0, 9)), Counter::ip_bad_source},
      {"from loopback", from(IpAddress::v4(127, 0, 0, 1)), Counter::ip_bad_source},
      {"from a group", from(IpAddress::v4(224, 0, 0, 1)), Counter::ip_bad_source},
      {"from class E", from(IpAddress::v4(250, 0, 0, 1)), Counter::ip_bad_source},
      {"from the limited broadcast", from(IpAddress::v4(0xffff'ffffU)), Counter::ip_bad_source},
      {"from our directed broadcast", from(IpAddress::v4(10, 0, 0, 255)), Counter::ip_bad_source},
      {"from ourselves", from(kOurIp), Counter::ip_bad_source},
      {"to loopback", to(IpAddress::v4(127, 0, 0, 1)), Counter::ip_bad_destination},
      {"to nowhere", to(IpAddress::v4(0)), Counter::ip_bad_destination},
      {"to another host", to(kOtherIp), Counter::ip_not_for_us},
      {"to a group we are not in", to(IpAddress::v4(239, 1, 2, 3)), Counter::ip_not_for_us},
  });
}

TEST(IcmpInput, RefusesDamagedMessagesAndForeignQuotes) {
  const auto icmp = [](const Frame& message) { return ip_frame(ipv4({.protocol = kProtocolIcmp}, message)); };
  Frame bad_checksum = icmp_echo(false, 1, 1, bytes_of("x"));
  bad_checksum[2] ^= 1;
  Frame timestamp = icmp_echo(false, 1, 1, Frame(12));
  timestamp[0] = 13;
  timestamp[2] = timestamp[3] = 0;
  InternetChecksum sum;
  sum.add(timestamp);
  store_be(timestamp.data() + 2, sum.finish());
  Frame redirect = icmp_unreachable(0, ipv4({.src = kOurIp, .dst = kFarIp}, udp(1, 2, {})));
  redirect[0] = icmp_type::kRedirect;
  store_be(redirect.data() + 2, checksum_update(load_be<std::uint16_t>(redirect.data() + 2), 0x0300, 0x0500));
  const Frame ours = ipv4({.src = kOurIp, .dst = kFarIp}, udp(1, 2, {}));
  Frame short_header = ours;
  short_header[0] = 0x43;
  Frame fragment = ours;
  fragment[7] = 1;
  expect_all_dropped({
      {"seven bytes", icmp({8, 0, 0, 0, 0, 0, 0}), Counter::icmp_truncated},
      {"checksum", icmp(bad_checksum), Counter::icmp_bad_checksum},
      {"timestamp request", icmp(timestamp), Counter::icmp_unknown_type},
      {"redirect", icmp(redirect), Counter::icmp_unknown_type},
      {"error without a quote", icmp(icmp_unreachable(3, {})), Counter::icmp_error_bad_quote},
      {"quote of a header alone", icmp(icmp_unreachable(3, cut(ours, 20))), Counter::icmp_error_bad_quote},
      {"quote one byte short", icmp(icmp_unreachable(3, cut(ours, 27))), Counter::icmp_error_bad_quote},
      {"quote with a lying header length", icmp(icmp_unreachable(3, short_header)),
       Counter::icmp_error_bad_quote},
      {"quote of a later fragment", icmp(icmp_unreachable(3, fragment)), Counter::icmp_error_bad_quote},
      {"quote of somebody else's packet", icmp(icmp_unreachable(3, ipv4({.src = kOtherIp}, udp(1, 2, {})))),
       Counter::icmp_error_bad_quote},
  });
}

TEST(Ipv4Input, HandsTransportOverWithoutPaddingAndKeepsTheHeaderInFront) {
  TestHost host;
  Frame frame = ip_frame(with_options(good_packet(), {1, 1, 1, 0}));
  const std::size_t size = frame.size() - 14 - 24;
  frame.resize(60);
  const Input input = host.receive(frame);
  ASSERT_EQ(input.kind, Input::Kind::transport);
  EXPECT_EQ(input.delivery.protocol, kProtocolUdp);
  EXPECT_EQ(input.delivery.src, kPeerIp);
  EXPECT_EQ(input.delivery.dst, kOurIp);
  EXPECT_EQ(input.delivery.nic, host.nic);
  EXPECT_EQ(input.delivery.ttl, 64);
  EXPECT_FALSE(input.delivery.to_group);
  EXPECT_EQ(input.delivery.ip_header_size, 24);
  EXPECT_EQ(host.rest.size(), size);
  EXPECT_EQ(host.rest.head()[1], 1);  // source port
  EXPECT_EQ(*(host.rest.head().data() - 24), 0x46);
}

TEST(Ipv4Input, AcceptsASuperSegmentLargerThanTheMtu) {
  TestHost host;
  EXPECT_EQ(host.receive(ip_frame(ipv4({.protocol = kProtocolTcp}, Frame(40'000)))).kind,
            Input::Kind::transport);
  EXPECT_EQ(host.rest.size(), 40'000U);
}

TEST(Ipv4Input, MarksWhatWasSentToEverybody) {
  const auto to = [](const IpAddress& dst, const MacAddress& mac) {
    return ethernet(kEtherTypeIpv4, ipv4({.dst = dst}, udp(1, 2, {})), mac);
  };
  for (const Frame& frame : {to(IpAddress::v4(0xffff'ffffU), MacAddress::broadcast()),
                             to(IpAddress::v4(10, 0, 0, 255), MacAddress::broadcast()),
                             to(IpAddress::v4(224, 0, 0, 1), MacAddress{{1, 0, 0x5e, 0, 0, 1}}),
                             to(kOurIp, MacAddress::broadcast())}) {
    TestHost host;
    const Input input = host.receive(frame);
    EXPECT_EQ(input.kind, Input::Kind::transport);
    EXPECT_TRUE(input.delivery.to_group);
  }
}

TEST(Ipv4Input, WorksOnLinksWithoutEthernetHeader) {
  TestHost host;
  const Prefix own{IpAddress::v4(10, 9, 0, 1), 24};
  const NicId tun = *host.net.add_interface({.link = {.has_ethernet_header = false}, .addresses = {&own, 1}});
  Packet packet = host.packet_of(ipv4({.dst = own.address}, udp(1, 2, {})));
  EXPECT_EQ(host.net.input(tun, packet, host.now).kind, Input::Kind::transport);
  Packet runt = host.packet_of({0x45});
  EXPECT_EQ(host.net.input(tun, runt, host.now).kind, Input::Kind::consumed);
  EXPECT_EQ(host.count(Counter::ip_truncated), 1U);
}

TEST(Ipv4Input, TakesTcpToAnyAddressWhenTold) {
  TestHost host;
  host.net.accept_any_tcp();
  const auto kind = [&](const IpFields& fields) {
    return host.receive(ip_frame(ipv4(fields, Frame(20)))).kind;
  };
  EXPECT_EQ(kind({.dst = kFarIp, .protocol = kProtocolTcp}), Input::Kind::transport);
  EXPECT_EQ(kind({.dst = kFarIp, .protocol = kProtocolUdp}), Input::Kind::consumed);
  EXPECT_EQ(kind({.dst = IpAddress::v4(127, 0, 0, 1), .protocol = kProtocolTcp}), Input::Kind::consumed);
}

TEST(ArpInput, AnswersWhoAsksForUsAndRemembersIt) {
  TestHost host;
  host.receive(arp({}));
  EXPECT_THAT(host.sent(), ElementsAre("ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28"));
  host.send_udp(kPeerIp, 7);
  EXPECT_THAT(host.sent(), ElementsAre("IP 10.0.0.1.1000 > 10.0.0.2.7: UDP, length 5"));
}

TEST(ArpInput, AnswersAProbeWithoutLearning) {
  TestHost host;
  host.receive(arp({.sender_ip = IpAddress::v4(0)}));
  EXPECT_THAT(host.sent(), ElementsAre("ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28"));
  EXPECT_EQ(host.net.neighbors().size(), 0U);
}

}  // namespace
}  // namespace strata::internet
