// Packets out: headers, offsets that move with them, super-segments, groups, and bounded queues.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "internet/test_host.hpp"

namespace strata::internet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr IpSend kToPeer{
    .src = kOurIp, .dst = kPeerIp, .protocol = kProtocolTcp, .ttl = 61, .dscp = 10, .ecn = 2};

struct OutputTest : ::testing::Test {
  OutputTest() {
    host.receive(arp({}));
    host.sent();
  }
  Packet wrap(Packet packet, const IpSend& send = kToPeer) {
    return host.net.wrap(std::move(packet), send, *host.net.route(send.dst, send.src), host.now);
  }
  std::uint16_t ip_id(const Packet& frame) { return Ipv4View::parse_quoted(frame.head().subspan(14))->id(); }
  TestHost host;
};

TEST_F(OutputTest, PutsBothHeadersInFront) {
  const Packet frame = wrap(host.transport_packet(Frame(20, 0x11)));
  ASSERT_TRUE(frame);
  const auto ethernet = EthernetView::parse(frame.head());
  EXPECT_EQ(ethernet->dst(), kPeerMac);
  EXPECT_EQ(ethernet->src(), kOurMac);
  EXPECT_EQ(ethernet->type(), kEtherTypeIpv4);
  const auto ip = Ipv4View::parse(ethernet->payload());
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->src(), kOurIp);
  EXPECT_EQ(ip->dst(), kPeerIp);
  EXPECT_EQ(ip->protocol(), kProtocolTcp);
  EXPECT_EQ(ip->ttl(), 61);
  EXPECT_EQ(ip->dscp(), 10);
  EXPECT_EQ(ip->ecn(), 2);
  EXPECT_TRUE(ip->dont_fragment());
  EXPECT_EQ(ip->total_length(), 40U);
}

TEST_F(OutputTest, APartialChecksumsStartMovesWithTheHeaders) {
  Packet packet = host.transport_packet(Frame(20));
  packet.meta().csum = ChecksumState::partial;
  packet.meta().csum_offset = 16;
  const Packet frame = wrap(std::move(packet));
  EXPECT_EQ(frame.meta().csum_start, 34);
  EXPECT_EQ(frame.meta().csum_offset, 16);

  Packet waiting = host.transport_packet(Frame(20));
  waiting.meta().csum = ChecksumState::partial;
  EXPECT_FALSE(wrap(std::move(waiting), {.src = kOurIp, .dst = kOtherIp, .protocol = kProtocolTcp}));
  host.sent();
  host.receive(arp_reply(kOtherIp, kOtherMac));
  EXPECT_EQ(host.net.next_output(host.nic).meta().csum_start, 34);
}

TEST_F(OutputTest, ASuperSegmentUsesUpTheNumbersOfItsSegments) {
  const std::uint16_t first = ip_id(wrap(host.transport_packet(Frame(20))));
  Packet super = host.transport_packet(Frame(20));
  ASSERT_TRUE(append_copy(host.pools, *super.raw(), Frame(10'000)));
  super.meta().gso_size = 1460;
  const Packet frame = wrap(std::move(super));
  ASSERT_TRUE(frame);
  EXPECT_EQ(Ipv4View::parse(frame.head().subspan(14), frame.size() - 14)->total_length(), 10'040U);
  EXPECT_EQ(ip_id(frame), static_cast<std::uint16_t>(first + 1));
  EXPECT_EQ(ip_id(wrap(host.transport_packet(Frame(20)))), static_cast<std::uint16_t>(first + 1 + 7));
}

TEST_F(OutputTest, RefusesADatagramLargerThanTheLink) {
  Packet packet = host.transport_packet(Frame(8));
  ASSERT_TRUE(append_copy(host.pools, *packet.raw(), Frame(1473)));
  EXPECT_FALSE(wrap(std::move(packet)));
  EXPECT_EQ(host.count(Counter::ip_too_big), 1U);
  EXPECT_EQ(host.pools.packets.in_use(), 0U);
}

TEST_F(OutputTest, GroupsHaveTheirOwnEthernetAddresses) {
  const auto mac_for = [&](const IpAddress& dst) {
    const Packet frame =
        wrap(host.transport_packet(Frame(8)), {.src = kOurIp, .dst = dst, .protocol = kProtocolUdp});
    return EthernetView::parse(frame.head())->dst();
  };
  EXPECT_EQ(mac_for(IpAddress::v4(0xffff'ffffU)), MacAddress::broadcast());
  EXPECT_EQ(mac_for(IpAddress::v4(10, 0, 0, 255)), MacAddress::broadcast());
  EXPECT_EQ(mac_for(IpAddress::v4(239, 129, 2, 3)), (MacAddress{{1, 0, 0x5e, 1, 2, 3}}));
}

TEST_F(OutputTest, LinksWithoutEthernetGetBareIp) {
  const Prefix own{IpAddress::v4(10, 9, 0, 1), 24};
  ASSERT_TRUE(host.net.add_interface({.link = {.has_ethernet_header = false}, .addresses = {&own, 1}}));
  const Packet frame =
      wrap(host.transport_packet(Frame(8)),
           {.src = own.address, .dst = IpAddress::v4(10, 9, 0, 2), .protocol = kProtocolUdp});
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame.size(), 28U);
}

TEST_F(OutputTest, PacketsToOurselvesComeBackAsInput) {
  host.send_udp(kOurIp, 7);
  EXPECT_FALSE(host.net.has_output(host.nic));
  Packet packet = host.net.next_local();
  ASSERT_TRUE(packet);
  const Input input = host.net.input_local(packet, host.now);
  ASSERT_EQ(input.kind, Input::Kind::transport);
  EXPECT_EQ(input.delivery.nic, NicId::none);
  EXPECT_EQ(input.delivery.src, kOurIp);
  EXPECT_EQ(packet.size(), 13U);

  host.net.send_unreachable(IcmpErrorKind::port_unreachable, input.delivery, packet, host.now);
  Packet error = host.net.next_local();
  ASSERT_TRUE(error);
  EXPECT_EQ(host.net.input_local(error, host.now).error->kind, IcmpErrorKind::port_unreachable);
}

TEST_F(OutputTest, AReturnedFrameIsTheNextOne) {
  host.send_udp(kPeerIp, 1);
  host.send_udp(kPeerIp, 2);
  host.net.return_output(host.nic, host.net.next_output(host.nic));
  EXPECT_TRUE(host.net.has_output(host.nic));
  EXPECT_THAT(host.sent(), ElementsAre("IP 10.0.0.1.1000 > 10.0.0.2.1: UDP, length 5",
                                       "IP 10.0.0.1.1000 > 10.0.0.2.2: UDP, length 5"));
  EXPECT_FALSE(host.net.has_output(host.nic));
}

TEST_F(OutputTest, QueuesAreBounded) {
  Config config = small_config();
  config.tables.output_queue_max = 2;
  TestHost small(config);
  small.receive(arp({}));
  small.sent();
  for (std::uint16_t port = 1; port <= 3; ++port) small.send_udp(kPeerIp, port);
  EXPECT_EQ(small.count(Counter::ip_output_queue_full), 1U);
  EXPECT_EQ(small.sent().size(), 2U);
}

TEST_F(OutputTest, WithoutARouteAPacketIsDropped) {
  host.net.send(host.transport_packet(Frame(8)), {.src = kOurIp, .dst = *parse_address("2001:db8::1")},
                host.now);
  EXPECT_EQ(host.count(Counter::ip_no_route), 1U);
  EXPECT_EQ(host.pools.packets.in_use(), 0U);
}

TEST_F(OutputTest, AnExhaustedPoolIsCounted) {
  std::vector<Packet> hoard;
  while (Packet packet = host.pools.packets.allocate()) hoard.push_back(std::move(packet));
  hoard.pop_back();  // one for the request to come
  host.receive(arp({}));
  EXPECT_THAT(host.sent(), IsEmpty());
  EXPECT_EQ(host.count(Counter::no_packet), 1U);
}

}  // namespace
}  // namespace strata::internet
