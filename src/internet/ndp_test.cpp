// Neighbour discovery: asking and answering, and the tables of RFC 4861 §7.2.3 and §7.2.5.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "internet/test_host6.hpp"

namespace strata::internet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kAsk =
    "IP6 fd77::2 > ff02::1:ff00:1: ICMP6, neighbor solicitation, who has fd77::1, length 32";
const std::string kAskDirectly =
    "IP6 fd77::2 > fd77::1: ICMP6, neighbor solicitation, who has fd77::1, length 32";
const std::string kAnswer = "IP6 fd77::2 > fd77::1: ICMP6, neighbor advertisement, tgt is fd77::2, length 32";

std::string datagram(int port) {
  return "IP6 fd77::2.1000 > fd77::1." + std::to_string(port) + ": UDP, length 5";
}

const Neighbor* peer_of(const TestHost6& host) { return host.net.neighbors().find(host.nic, kPeerIp6); }

TEST(Ndp, PacketsWaitForTheAnswerInOrder) {
  TestHost6 host;
  host.send_udp6(kPeerIp6, 1);
  host.send_udp6(kPeerIp6, 2);
  const Frame question = host.next_frame();
  EXPECT_EQ(describe_frame(question, {}), kAsk);
  EXPECT_EQ(EthernetView::parse(question)->dst(), (MacAddress{{0x33, 0x33, 0xff, 0, 0, 1}}));
  EXPECT_EQ(Ipv6View::parse(Bytes(question).subspan(14))->hop_limit(), 255);
  const Frame message(question.begin() + 54, question.end());
  EXPECT_EQ(message, with_icmp6_checksum(message, kOurIp6, solicited_node_group(kPeerIp6)));
  host.receive(advertisement());
  EXPECT_THAT(host.sent(), ElementsAre(datagram(1), datagram(2)));
  EXPECT_EQ(peer_of(host)->state, NeighborState::reachable);
}

TEST(Ndp, AnswersWhoAsksForUsAndRemembersIt) {
  TestHost6 host;
  host.receive(solicitation());
  const Frame answer = host.next_frame();
  EXPECT_EQ(describe_frame(answer, {}), kAnswer);
  EXPECT_EQ(answer[14 + 40 + 4], 0x60);  // solicited, override
  ASSERT_NE(peer_of(host), nullptr);
  EXPECT_EQ(peer_of(host)->mac, kPeerMac);
  host.receive(solicitation(kPeerIp6, kOurIp6, kOtherMac));  // RFC 4861 §7.2.3: the newer word counts
  EXPECT_EQ(peer_of(host)->mac, kOtherMac);
}

TEST(Ndp, ANewNeighborIsTrustedForAWhileThenAsked) {
  TestHost6 host;
  host.receive(solicitation());
  host.sent();
  EXPECT_EQ(peer_of(host)->state, NeighborState::delay);  // our answer used it
  host.at(Duration::seconds(5));
  EXPECT_THAT(host.sent(), ElementsAre(kAskDirectly));
  EXPECT_EQ(peer_of(host)->state, NeighborState::probe);
  host.receive(advertisement());
  EXPECT_EQ(peer_of(host)->state, NeighborState::reachable);
  EXPECT_TRUE(host.net.next_deadline().is_never());
}

TEST(Ndp, WhoProbesForOurAddressHearsItWithAllOthers) {
  TestHost6 host;
  host.receive(nd_frame({.src = IpAddress(), .dst = solicited_node_group(kOurIp6)},
                        NdSolicitation{.target = kOurIp6}));
  const Frame answer = host.next_frame();
  EXPECT_EQ(describe_frame(answer, {}),
            "IP6 fd77::2 > ff02::1: ICMP6, neighbor advertisement, tgt is fd77::2, length 32");
  EXPECT_EQ(answer[14 + 40 + 4], 0x20);
  EXPECT_EQ(host.net.neighbors().size(), 0U);
}

TEST(Ndp, SilenceIsReportedAsUnreachable) {
  TestHost6 host;
  host.send_udp6(kPeerIp6, 53);
  EXPECT_THAT(host.sent(), ElementsAre(kAsk));
  for (int second = 1; second <= 3; ++second) host.at(Duration::seconds(second));
  EXPECT_THAT(host.sent(), ElementsAre(kAsk, kAsk));
  const auto error = host.net.take_error();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->kind, IcmpErrorKind::host_unreachable);
  EXPECT_EQ(error->dst, kPeerIp6);
}

struct Row {
  bool solicited;
  bool overrides;
  bool other_mac;
  NeighborState then;
  MacAddress mac;
};

/// RFC 4861 §7.2.5, and Appendix C: what an advertisement makes of a neighbour that is known.
TEST(Ndp, AdvertisementsOfKnownNeighbors) {
  using enum NeighborState;
  const auto run = [](NeighborState before, const Row& row) {
    TestHost6 host;
    host.send_udp6(kPeerIp6, 1);
    host.receive(advertisement());
    if (before == stale) {
      host.receive(nd_frame({}, NdAdvertisement{.target = kPeerIp6, .target_mac = kOtherMac}));
    }
    if (before == delay || before == probe) {
      host.at(Duration::seconds(30));
      host.send_udp6(kPeerIp6, 2);
    }
    if (before == probe) host.at(Duration::seconds(35));
    ASSERT_EQ(peer_of(host)->state, before);
    host.receive(nd_frame({}, NdAdvertisement{.target = kPeerIp6,
                                              .solicited = row.solicited,
                                              .overrides = row.overrides,
                                              .target_mac = row.other_mac ? kOtherMac : kPeerMac}));
    EXPECT_EQ(peer_of(host)->state, row.then);
    EXPECT_EQ(peer_of(host)->mac, row.mac);
  };
  for (const NeighborState before : {reachable, stale, delay, probe}) {
    SCOPED_TRACE(static_cast<int>(before));
    const NeighborState doubted = before == reachable ? stale : before;
    const std::vector<Row> rows{
        {false, false, false, before, kPeerMac},   {false, false, true, doubted, kPeerMac},
        {false, true, false, before, kPeerMac},    {false, true, true, stale, kOtherMac},
        {true, false, false, reachable, kPeerMac}, {true, false, true, doubted, kPeerMac},
        {true, true, false, reachable, kPeerMac},  {true, true, true, reachable, kOtherMac}};
    for (const Row& row : rows) {
      SCOPED_TRACE(testing::Message()
                   << "S" << row.solicited << " O" << row.overrides << " other " << row.other_mac);
      run(before, row);
    }
  }
}

TEST(Ndp, AnAdvertisementThatNobodyWaitsForMakesNoEntry) {
  TestHost6 host;
  host.receive(advertisement());
  EXPECT_EQ(host.net.neighbors().size(), 0U);
  EXPECT_EQ(host.count(Counter::nd_unsolicited), 1U);
}

TEST(Ndp, AnAnswerWithoutALinkAddressDoesNotHelp) {
  TestHost6 host;
  host.send_udp6(kPeerIp6, 1);
  host.sent();
  Frame bare(24);
  bare[0] = 136;
  bare[4] = 0x60;
  store_ipv6(bare.data() + 8, kPeerIp6);
  host.receive(icmp6_frame({.hop_limit = 255}, bare));
  EXPECT_THAT(host.sent(), IsEmpty());
  EXPECT_EQ(peer_of(host)->state, NeighborState::incomplete);
}

/// RFC 4861 §7.1 and what else nobody honest sends.
TEST(Ndp, RefusesWhatNoNeighborSends) {
  const NdSolicitation ask{.target = kOurIp6, .source_mac = kPeerMac};
  const auto frame = [](Ip6Fields fields, const Frame& message) { return icmp6_frame(fields, message); };
  Frame bytes(ask.size());
  ask.write(bytes.data());
  const IpAddress group = solicited_node_group(kOurIp6);
  const Ip6Fields good{.src = kPeerIp6, .dst = group, .hop_limit = 255};
  Frame bad_code = bytes;
  bad_code[1] = 1;
  Frame empty_option = bytes;
  empty_option[25] = 0;
  Frame long_option = bytes;
  long_option[25] = 2;
  Frame short_message = bytes;
  short_message.resize(23);
  Frame group_target = bytes;
  store_ipv6(group_target.data() + 8, group);
  Frame group_answer(32);
  NdAdvertisement{.target = kPeerIp6, .solicited = true, .target_mac = kPeerMac}.write(group_answer.data());
  const Frame fragment =
      ip6_frame({.src = kPeerIp6, .dst = group, .next = 44, .hop_limit = 255},
                Frame{58, 0, 0, 0, 0, 0, 0, 1} + with_icmp6_checksum(bytes, kPeerIp6, group));
  struct {
    const char* what;
    Frame frame;
    Counter counter;
  } const rows[] = {
      {"hop limit 254", frame({.src = kPeerIp6, .dst = group, .hop_limit = 254}, bytes),
       Counter::nd_bad_hop_limit},
      {"code 1", frame(good, bad_code), Counter::nd_bad_code},
      {"option of no size", frame(good, empty_option), Counter::nd_bad_option},
      {"option beyond the end", frame(good, long_option), Counter::nd_bad_option},
      {"23 bytes", frame(good, short_message), Counter::nd_truncated},
      {"asks for a group", frame(good, group_target), Counter::nd_bad_target},
      {"no address, but a link address", nd_frame({.src = IpAddress(), .dst = group}, ask),
       Counter::nd_bad_source},
      {"no address, to us alone", nd_frame({.src = IpAddress()}, NdSolicitation{.target = kOurIp6}),
       Counter::nd_bad_source},
      {"from far away", nd_frame({.src = kFarIp6, .dst = group}, ask), Counter::nd_bad_source},
      {"for somebody else", nd_frame({}, NdSolicitation{.target = kOtherIp6, .source_mac = kPeerMac}),
       Counter::nd_not_for_us},
      {"an answer to everybody", icmp6_frame({.dst = kAllNodes, .hop_limit = 255}, group_answer),
       Counter::nd_bad_target},
      {"in a fragment", fragment, Counter::nd_fragmented},
      {"a claim of our address", nd_frame({}, NdAdvertisement{.target = kOurIp6, .target_mac = kPeerMac}),
       Counter::address_conflict},
      {"a router that is elsewhere", icmp6_frame({.hop_limit = 255}, icmp6({.type = 134}, Frame(8))),
       Counter::nd_bad_source},
      {"a redirect from elsewhere", icmp6_frame({.hop_limit = 255}, icmp6({.type = 137}, Frame(32))),
       Counter::nd_bad_source},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    TestHost6 host;
    host.receive(row.frame);
    EXPECT_EQ(host.count(row.counter), 1U) << name(row.counter);
    EXPECT_THAT(host.sent(), IsEmpty());
    EXPECT_EQ(host.net.neighbors().size(), 0U);
  }
}

TEST(Ndp, NobodyHasAGroupsOrOurOwnLinkAddress) {
  for (const MacAddress& mac : {MacAddress::broadcast(), MacAddress{}, kOurMac}) {
    TestHost6 host;
    host.receive(solicitation(kPeerIp6, kOurIp6, mac));
    EXPECT_TRUE(peer_of(host) == nullptr || !peer_of(host)->has_mac());
  }
}

TEST(Ndp, ARouterThatFallsSilentIsPassedBy) {
  TestHost6 host;
  const IpAddress second = *parse_address("fe80::fd");
  ASSERT_TRUE(
      host.net.add_route({.destination = {IpAddress(), 0}, .gateway = second, .nic = host.nic, .metric = 5}));
  const std::uint32_t version = host.net.routes_version();
  EXPECT_EQ(host.net.route(kFarIp6)->next_hop, kRouterIp6);
  host.send_udp6(kFarIp6, 1);
  for (int second_of = 1; second_of <= 3; ++second_of) host.at(Duration::seconds(second_of));
  EXPECT_NE(host.net.routes_version(), version);
  EXPECT_EQ(host.net.route(kFarIp6)->next_hop, second);
}

}  // namespace
}  // namespace strata::internet
