// What is known of narrow paths: what makes sense, how long it is kept, and that it stays bounded.
#include "internet/path_mtu.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "internet/test_host.hpp"

namespace strata::internet {
namespace {

constexpr std::uint32_t kLink = 1500;
constexpr Duration kTenMinutes = Duration::seconds(600);
const IpAddress kV6 = IpAddress::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

IpAddress far(std::uint32_t number) { return IpAddress::v4(0xc000'0200U + number); }

struct Paths : ::testing::Test {
  bool lower(const IpAddress& to, std::uint32_t mtu) { return table.lower(to, mtu, kLink, now); }
  std::uint32_t mtu(const IpAddress& to) {
    const auto path = table.find(to);
    return path ? path->mtu : kLink;
  }
  Counters counters;
  Instant now = Instant::from_nanos(0);
  PathMtuTable table{TableLimits{.path_mtus_max = 4, .path_mtu_falls_max = 3}, TcpConfig{}, 7, counters};
};

TEST_F(Paths, EachDestinationHasItsOwn) {
  EXPECT_FALSE(table.find(far(1)));
  EXPECT_TRUE(lower(far(1), 1400));
  EXPECT_TRUE(lower(kV6, 1300));
  EXPECT_EQ(mtu(far(1)), 1400U);
  EXPECT_EQ(mtu(kV6), 1300U);
  EXPECT_FALSE(table.find(far(2)));
  EXPECT_EQ(counters[Counter::path_mtu_lowered], 2U);
}

TEST_F(Paths, NothingMakesAPathWider) {
  EXPECT_FALSE(lower(far(1), kLink));
  EXPECT_FALSE(lower(far(1), 9000));
  EXPECT_TRUE(lower(far(1), 1300));
  EXPECT_FALSE(lower(far(1), 1400));
  EXPECT_FALSE(lower(far(1), 1300));
  EXPECT_EQ(mtu(far(1)), 1300U);
  EXPECT_EQ(counters[Counter::path_mtu_not_less], 4U);
}

TEST_F(Paths, LessThanTheLeastGoesDownToThatAndWithoutDf) {  // as Linux's min_pmtu
  EXPECT_TRUE(lower(far(1), 68));
  EXPECT_EQ(mtu(far(1)), 552U);
  EXPECT_TRUE(table.find(far(1))->is_narrower);
  EXPECT_FALSE(lower(far(1), 60));
  EXPECT_EQ(counters[Counter::path_mtu_too_small], 1U);
  EXPECT_TRUE(lower(far(2), 552));
  EXPECT_FALSE(table.find(far(2))->is_narrower);
}

TEST_F(Paths, Ipv6NeverGoesBelow1280) {  // RFC 8201 §4
  EXPECT_FALSE(lower(kV6, 1279));
  EXPECT_FALSE(table.find(kV6));
  EXPECT_EQ(counters[Counter::path_mtu_too_small], 1U);
  EXPECT_TRUE(lower(kV6, 1280));
}

TEST_F(Paths, AreForgottenAfterTenMinutesTheOldestFirst) {  // RFC 1191 §6.3
  EXPECT_TRUE(table.next_deadline().is_never());
  lower(far(1), 1400);
  now = now + Duration::seconds(100);
  lower(far(2), 1400);
  lower(far(1), 1300);  // learnt anew
  EXPECT_EQ(table.next_deadline(), now + kTenMinutes);
  EXPECT_FALSE(table.expire(now + kTenMinutes - Duration::nanos(1)));
  EXPECT_TRUE(table.expire(now + kTenMinutes));
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(counters[Counter::path_mtu_expired], 2U);
  table.set_rules({.mtu_expires = Duration::seconds(1)});
  lower(far(1), 1400);
  EXPECT_TRUE(table.expire(now + Duration::seconds(1)));
}

TEST_F(Paths, WhenThereIsNoRoomTheLeastUsedGoes) {
  for (std::uint32_t i = 1; i <= 4; ++i) lower(far(i), 1400);
  EXPECT_TRUE(table.find(far(1)));  // a use
  lower(far(5), 1400);
  EXPECT_EQ(table.size(), 4U);
  EXPECT_TRUE(table.find(far(1)));
  EXPECT_FALSE(table.find(far(2)));
  EXPECT_EQ(counters[Counter::path_mtu_evicted], 1U);
}

TEST_F(Paths, AFloodOfDestinationsLeavesTheTableAsItIs) {
  for (std::uint32_t i = 0; i < 10'000; ++i) lower(IpAddress::v4(0x0a00'0000U + i), 600);
  EXPECT_EQ(table.size(), 4U);
  EXPECT_EQ(mtu(IpAddress::v4(0x0a00'0000U + 9'999)), 600U);
  table.expire(now + kTenMinutes);
  EXPECT_EQ(table.size(), 0U);
}

TEST_F(Paths, OneThatFallsByteByByteIsHeardThreeTimes) {  // path_mtu_falls_max
  for (std::uint32_t mtu = 1499; mtu > 1000; --mtu) lower(far(1), mtu);
  EXPECT_EQ(mtu(far(1)), 1497U);
  EXPECT_EQ(counters[Counter::path_mtu_limited], 496U);
}

TEST_F(Paths, WithoutRoomNothingIsLearnt) {
  PathMtuTable none(TableLimits{.path_mtus_max = 0}, TcpConfig{}, 7, counters);
  EXPECT_FALSE(none.lower(far(1), 1400, kLink, now));
  EXPECT_FALSE(none.find(far(1)));
  EXPECT_EQ(counters[Counter::path_mtu_limited], 1U);
}

TEST(Plateaus, AreThoseOfTheRfc) {  // RFC 1191 §7.1
  EXPECT_EQ(plateau_below(70'000), 65'535U);
  EXPECT_EQ(plateau_below(1500), 1492U);
  EXPECT_EQ(plateau_below(1492), 1006U);
  EXPECT_EQ(plateau_below(576), 508U);
  EXPECT_EQ(plateau_below(69), 68U);
  EXPECT_EQ(plateau_below(20), 68U);
}

// --- In the internet layer ---

TEST(PathMtu, AChoiceKnowsThePathAndTheLink) {
  TestHost host;
  const std::uint32_t before = host.net.routes_version();
  host.net.narrow_path(kFarIp, 1400, host.now);
  EXPECT_NE(host.net.routes_version(), before);
  EXPECT_EQ(host.net.route(kFarIp)->mtu, 1400U);
  EXPECT_EQ(host.net.route(kFarIp)->route_mtu, 1500U);
  EXPECT_EQ(host.net.route(kOtherIp)->mtu, 1500U);
  const std::uint32_t narrow = host.net.routes_version();
  host.net.narrow_path(kFarIp, 1400, host.now);  // no news
  EXPECT_EQ(host.net.routes_version(), narrow);
}

TEST(PathMtu, IsForgottenInTime) {
  TestHost host;
  host.net.narrow_path(kFarIp, 1400, host.now);
  EXPECT_EQ(host.net.next_deadline(), host.now + kTenMinutes);
  const std::uint32_t narrow = host.net.routes_version();
  host.at(kTenMinutes);
  EXPECT_EQ(host.net.route(kFarIp)->mtu, 1500U);
  EXPECT_NE(host.net.routes_version(), narrow);
}

TEST(PathMtu, OfThisHostAndOfNowhereIsNotLearnt) {
  TestHost host;
  host.net.narrow_path(kOurIp, 600, host.now);
  host.net.narrow_path(IpAddress::v4(127, 0, 0, 1), 600, host.now);
  EXPECT_EQ(host.net.route(kOurIp)->mtu, 65'535U);
  EXPECT_EQ(host.count(Counter::path_mtu_lowered), 0U);
}

TEST(PathMtu, ARouteMayKnowItFromTheBeginning) {
  TestHost host;
  const Prefix net{IpAddress::v4(198, 51, 100, 0), 24};
  const Route route{
      .destination = net, .gateway = kGatewayIp, .nic = host.nic, .mtu = 1280, .advertised_mss = 1200};
  ASSERT_TRUE(host.net.add_route(route));
  const auto choice = host.net.route(IpAddress::v4(198, 51, 100, 9));
  EXPECT_EQ(choice->mtu, 1280U);
  EXPECT_EQ(choice->route_mtu, 1280U);
  EXPECT_EQ(choice->advertised_mss, 1200U);
  for (const std::uint32_t mtu : {67U, 1501U, 65'536U}) {
    Route wrong = route;
    wrong.destination.address = IpAddress::v4(198, 51, 101, 0);
    wrong.mtu = mtu;
    EXPECT_EQ(host.net.add_route(wrong).error(), Errc::invalid_argument) << mtu;
  }
}

TEST(PathMtu, BoundsWhatLeavesUnlessTheSenderAsksForTheLink) {
  TestHost host;
  host.receive(arp({.sender_ip = kGatewayIp}));
  host.sent();
  host.net.narrow_path(kFarIp, 600, host.now);
  const Frame big(601 - 20);
  const IpSend send{.src = kOurIp, .dst = kFarIp, .protocol = kProtocolUdp};
  host.net.send(host.transport_packet(Frame(80)), send, host.now);
  EXPECT_EQ(host.sent().size(), 1U);
  Packet packet = host.pools.packets.allocate();
  ASSERT_TRUE(append_copy(host.pools, *packet.raw(), big));
  host.net.send(std::move(packet), send, host.now);
  EXPECT_EQ(host.count(Counter::ip_too_big), 1U);
  packet = host.pools.packets.allocate();
  ASSERT_TRUE(append_copy(host.pools, *packet.raw(), big));
  IpSend probe = send;
  probe.whole_link = true;
  host.net.send(std::move(packet), probe, host.now);
  EXPECT_EQ(host.sent().size(), 1U);
}

}  // namespace
}  // namespace strata::internet
