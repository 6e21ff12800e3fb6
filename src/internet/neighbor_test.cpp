// The neighbour machine: asking, waiting, failing, refreshing, and what a hostile link cannot do to it.
#include "internet/neighbor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "internet/test_host.hpp"

namespace strata::internet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kAsk = "ARP, Request who-has 10.0.0.2 tell 10.0.0.1, length 28";
const std::string kAskDirectly = "ARP, Request who-has 10.0.0.2 (02:00:00:00:00:02) tell 10.0.0.1, length 28";

std::string datagram(int port) {
  return "IP 10.0.0.1.1000 > 10.0.0.2." + std::to_string(port) + ": UDP, length 5";
}

TEST(Neighbor, PacketsWaitForTheAnswerInOrder) {
  TestHost host;
  host.send_udp(kPeerIp, 1);
  host.send_udp(kPeerIp, 2);
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));
  host.receive(arp_reply());
  EXPECT_THAT(host.sent(), ElementsAre(datagram(1), datagram(2)));
  host.send_udp(kPeerIp, 3);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(3)));
}

TEST(Neighbor, TheRequestOfTheOtherSideAnswersOurs) {
  TestHost host;
  host.send_udp(kPeerIp, 1);
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));
  host.receive(arp({}));
  EXPECT_THAT(host.sent(),
              ElementsAre("ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28", datagram(1)));
}

TEST(Neighbor, TheOldestOfTooManyWaitingPacketsMakesRoom) {
  TestHost host;  // TableLimits::neighbor_queue_max is 3
  for (std::uint16_t port = 1; port <= 5; ++port) host.send_udp(kPeerIp, port);
  EXPECT_EQ(host.count(Counter::neighbor_queue_full), 2U);
  host.sent();
  host.receive(arp_reply());
  EXPECT_THAT(host.sent(), ElementsAre(datagram(3), datagram(4), datagram(5)));
}

TEST(Neighbor, SilenceIsAskedThreeTimesThenReported) {
  TestHost host;
  host.send_udp(kPeerIp, 53);
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));
  EXPECT_GT(host.net.next_deadline(), host.now);
  host.at(Duration::millis(999));
  EXPECT_THAT(host.sent(), IsEmpty());
  host.at(Duration::millis(1000));
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));
  host.at(Duration::millis(2000));
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));
  EXPECT_FALSE(host.net.take_error());
  host.at(Duration::millis(3000));
  EXPECT_THAT(host.sent(), IsEmpty());
  EXPECT_EQ(host.count(Counter::neighbor_failed), 1U);
  const auto error = host.net.take_error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, IcmpErrorKind::host_unreachable);
  EXPECT_EQ(error->protocol, kProtocolUdp);
  EXPECT_EQ(error->src, kOurIp);
  EXPECT_EQ(error->dst, kPeerIp);
  EXPECT_EQ(load_be<std::uint16_t>(error->transport.data() + 2), 53);
  EXPECT_EQ(error->reporter, kOurIp);
  EXPECT_FALSE(host.net.take_error());
}

TEST(Neighbor, AFailedNeighborIsUnreachableAtOnceUntilTheHoldIsOver) {
  TestHost host;
  host.send_udp(kPeerIp, 1);
  for (int second = 1; second <= 3; ++second) host.at(Duration::seconds(second));
  while (host.net.take_error()) {
  }
  host.sent();
  host.at(Duration::millis(3500));
  host.send_udp(kPeerIp, 2);
  EXPECT_THAT(host.sent(), IsEmpty());
  EXPECT_EQ(host.net.next_deadline(), host.now);
  EXPECT_TRUE(host.net.take_error());
  EXPECT_GT(host.net.next_deadline(), host.now);
  host.at(Duration::millis(4000));
  EXPECT_EQ(host.net.neighbors().size(), 0U);
  EXPECT_TRUE(host.net.next_deadline().is_never());
  host.send_udp(kPeerIp, 3);
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));
}

TEST(Neighbor, AFailedNeighborThatSpeaksIsBackAtOnce) {
  TestHost host;
  host.send_udp(kPeerIp, 1);
  for (int second = 1; second <= 3; ++second) host.at(Duration::seconds(second));
  host.sent();
  host.receive(arp({}));
  host.sent();
  host.send_udp(kPeerIp, 2);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(2)));
}

TEST(Neighbor, AnOldEntryIsRefreshedByAskingTheNeighborItselfWhileItIsUsed) {
  TestHost host;
  host.receive(arp({}));
  host.sent();
  host.at(Duration::seconds(29));
  host.send_udp(kPeerIp, 1);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(1)));
  host.at(Duration::seconds(30));
  EXPECT_THAT(host.sent(), IsEmpty());  // nobody uses it, nobody asks
  host.send_udp(kPeerIp, 2);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(2)));
  host.at(Duration::millis(34'999));
  EXPECT_THAT(host.sent(), IsEmpty());
  host.at(Duration::seconds(35));
  EXPECT_THAT(host.sent(), ElementsAre(kAskDirectly));
  host.send_udp(kPeerIp, 3);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(3)));
  host.receive(arp_reply());
  EXPECT_TRUE(host.net.next_deadline().is_never());
}

TEST(Neighbor, WhoIsKnownToBeThereByOtherWordsIsNotAsked) {
  TestHost host;
  host.receive(arp({}));
  host.sent();
  host.at(Duration::seconds(30));
  host.send_udp(kPeerIp, 1);
  host.net.send(host.transport_packet(udp(1000, 2, bytes_of("hello"))),
                {.src = kOurIp, .dst = kPeerIp, .protocol = kProtocolUdp, .confirms_neighbor = true},
                host.now);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(1), datagram(2)));
  EXPECT_TRUE(host.net.next_deadline().is_never());
  host.at(Duration::seconds(59));
  host.send_udp(kPeerIp, 3);
  EXPECT_TRUE(host.net.next_deadline().is_never());
}

TEST(Neighbor, ANeighborThatFallsSilentIsAskedForByBroadcastAtLastAndThenGivenUp) {
  TestHost host;
  host.receive(arp({}));
  host.sent();
  host.at(Duration::seconds(30));
  host.send_udp(kPeerIp, 1);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(1)));
  const std::vector<std::pair<int, std::string>> questions{
      {35, kAskDirectly}, {36, kAskDirectly}, {37, kAskDirectly}, {38, kAsk}, {39, kAsk}, {42, kAsk}};
  for (const auto& [second, question] : questions) {
    host.at(Duration::millis(second * 1000 - 1));
    EXPECT_THAT(host.sent(), IsEmpty()) << second;
    host.at(Duration::seconds(second));
    EXPECT_THAT(host.sent(), ElementsAre(question)) << second;
  }
  host.send_udp(kPeerIp, 1);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(1)));  // RFC 7048: perhaps it hears us
  host.at(Duration::seconds(51));
  host.send_udp(kPeerIp, 2);
  EXPECT_THAT(host.sent(), IsEmpty());
  EXPECT_TRUE(host.net.take_error());
}

TEST(Neighbor, NothingIsLearntFromWhatNobodyAskedFor) {
  TestHost host;
  host.receive(arp_reply());
  host.receive(arp({.target_ip = kPeerIp}));                          // gratuitous request
  host.receive(arp({.operation = kArpReply, .target_ip = kPeerIp}));  // gratuitous reply
  host.receive(arp({.target_ip = kOtherIp}));                         // a request for somebody else
  EXPECT_EQ(host.count(Counter::arp_unsolicited), 3U);
  EXPECT_EQ(host.net.neighbors().size(), 0U);
}

TEST(Neighbor, AClaimOfAnotherMacMakesUsAskInsteadOfBelieve) {
  TestHost host;
  host.receive(arp({}));
  host.send_udp(kPeerIp, 1);
  host.sent();
  for (const Frame& claim :
       {arp_reply(kPeerIp, kOtherMac), arp({.sender_mac = kOtherMac, .target_ip = kPeerIp})}) {
    host.receive(claim);
    EXPECT_EQ(host.net.neighbors().find(host.nic, kPeerIp)->mac, kPeerMac);
  }
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));  // asked once
  host.receive(arp_reply(kPeerIp, kOtherMac));
  EXPECT_EQ(host.net.neighbors().find(host.nic, kPeerIp)->mac, kOtherMac);
}

TEST(Neighbor, ARequestFromAnotherMacIsAnsweredButNotBelieved) {
  TestHost host;
  host.receive(arp({}));
  host.sent();
  host.receive(arp({.sender_mac = kOtherMac}));
  EXPECT_THAT(host.sent(), ElementsAre("ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28", kAsk));
  EXPECT_EQ(host.net.neighbors().find(host.nic, kPeerIp)->mac, kPeerMac);
}

TEST(Neighbor, AFloodOfRequestsDoesNotPushOutWhatWeUse) {
  TestHost host;  // room for 8
  host.receive(arp({}));
  host.send_udp(kPeerIp, 1);
  for (std::uint8_t i = 10; i < 200; ++i) {
    host.receive(arp({.sender_mac = {{2, 0, 0, 0, 1, i}}, .sender_ip = IpAddress::v4(10, 0, 0, i)}));
  }
  host.sent();
  EXPECT_EQ(host.net.neighbors().size(), 8U);
  EXPECT_EQ(host.count(Counter::neighbor_table_full), 183U);
  host.send_udp(kPeerIp, 2);
  EXPECT_THAT(host.sent(), ElementsAre(datagram(2)));
}

TEST(Neighbor, AFloodOfRequestsCannotGrowATableThatIsFullOfWhatWeUse) {
  TestHost host;
  for (std::uint8_t i = 10; i < 18; ++i) {
    const IpAddress ip = IpAddress::v4(10, 0, 0, i);
    host.send_udp(ip, 1);
    host.receive(arp_reply(ip, {{2, 0, 0, 0, 1, i}}));
  }
  host.sent();
  host.receive(arp({}));
  EXPECT_THAT(host.sent(), ElementsAre("ARP, Reply 10.0.0.1 is-at 02:00:00:00:00:01, length 28"));
  EXPECT_EQ(host.net.neighbors().find(host.nic, kPeerIp), nullptr);
  EXPECT_EQ(host.count(Counter::neighbor_table_full), 1U);
}

TEST(Neighbor, LookingForManySilentHostsTakesAtMostHalfOfTheTable) {
  TestHost host;
  for (std::uint8_t i = 10; i < 18; ++i) {
    const IpAddress ip = IpAddress::v4(10, 0, 0, i);
    host.send_udp(ip, 1);
    host.receive(arp_reply(ip, {{2, 0, 0, 0, 1, i}}));
  }
  for (std::uint8_t i = 100; i < 250; ++i) host.send_udp(IpAddress::v4(10, 0, 0, i), 1);
  int kept = 0;
  for (std::uint8_t i = 10; i < 18; ++i) {
    const Neighbor* neighbor = host.net.neighbors().find(host.nic, IpAddress::v4(10, 0, 0, i));
    if (neighbor != nullptr && neighbor->state == NeighborState::reachable) ++kept;
  }
  EXPECT_GE(kept, 3);
  EXPECT_EQ(host.net.neighbors().find(host.nic, IpAddress::v4(10, 0, 0, 10)),
            nullptr);  // least recently used
  EXPECT_EQ(host.net.neighbors().size(), 8U);
}

TEST(Neighbor, TheGatewayIsAskedForPacketsToOtherNetworks) {
  TestHost host;
  host.send_udp(kFarIp, 1);
  EXPECT_THAT(host.sent(), ElementsAre("ARP, Request who-has 10.0.0.254 tell 10.0.0.1, length 28"));
}

}  // namespace
}  // namespace strata::internet
