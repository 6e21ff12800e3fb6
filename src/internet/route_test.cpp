// Interfaces and routes: what may be configured, and which way a packet takes.
#include "internet/route.hpp"

#include <gtest/gtest.h>

#include "internet/test_host.hpp"

namespace strata::internet {
namespace {

Prefix prefix(std::string_view text) { return *parse_prefix(text); }
IpAddress address(std::string_view text) { return *parse_address(text); }

Result<NicId> add(Internet& net, std::vector<Prefix> addresses, const MacAddress& mac = kOtherMac,
                  const LinkCapabilities& link = {}) {
  return net.add_interface({.mac = mac, .link = link, .addresses = addresses});
}

TEST(RouteTable, TakesTheLongestPrefixThenTheLowestMetric) {
  RouteTable routes(8);
  const auto put = [&](std::string_view text, std::uint32_t metric, std::uint32_t nic) {
    EXPECT_TRUE(routes.add({prefix(text), IpAddress::v4(0), NicId{nic}, metric}));
  };
  put("0.0.0.0/0", 0, 1);
  put("10.0.0.0/8", 20, 2);
  put("10.0.0.0/8", 10, 3);
  put("10.1.0.0/16", 50, 4);
  put("10.1.2.3/32", 99, 5);
  const auto nic_for = [&](std::string_view text) {
    return static_cast<std::uint32_t>(routes.find(address(text))->nic);
  };
  EXPECT_EQ(nic_for("192.0.2.1"), 1U);
  EXPECT_EQ(nic_for("10.2.0.1"), 3U);
  EXPECT_EQ(nic_for("10.1.0.1"), 4U);
  EXPECT_EQ(nic_for("10.1.2.3"), 5U);
  EXPECT_EQ(routes.find(address("10.1.2.3"), NicId{2})->metric, 20U);
  EXPECT_EQ(routes.find(address("192.0.2.1"), NicId{2}), nullptr);
}

TEST(RouteTable, KeepsTheFamiliesApart) {
  RouteTable routes(2);
  EXPECT_TRUE(routes.add({prefix("0.0.0.0/0"), IpAddress::v4(0), NicId{1}, 0}));
  EXPECT_EQ(routes.find(address("2001:db8::1")), nullptr);
  EXPECT_TRUE(routes.add({prefix("2001:db8::/32"), IpAddress(), NicId{2}, 0}));
  EXPECT_EQ(routes.find(address("2001:db8::1"))->nic, NicId{2});
  EXPECT_EQ(routes.find(address("2001:db9::1")), nullptr);
}

TEST(RouteTable, RefusesDuplicatesAndHasABound) {
  RouteTable routes(1);
  EXPECT_TRUE(routes.add({prefix("10.0.0.0/8"), IpAddress::v4(0), NicId{1}, 0}));
  EXPECT_EQ(routes.add({prefix("10.9.9.9/8"), IpAddress::v4(0), NicId{1}, 5}).error(), Errc::address_in_use);
  EXPECT_EQ(routes.add({prefix("11.0.0.0/8"), IpAddress::v4(0), NicId{1}, 0}).error(), Errc::no_memory);
}

TEST(Interface, RefusesImpossibleConfigurations) {
  TestHost host;
  const auto error_of = [&](std::vector<Prefix> addresses, const MacAddress& mac = kOtherMac,
                            std::size_t mtu = 1500) {
    return add(host.net, std::move(addresses), mac, {.mtu = mtu}).error();
  };
  EXPECT_EQ(error_of({}, MacAddress::broadcast()), Errc::invalid_argument);
  EXPECT_EQ(error_of({}, MacAddress{}), Errc::invalid_argument);
  EXPECT_EQ(error_of({}, kOtherMac, 67), Errc::invalid_argument);
  EXPECT_EQ(error_of({}, kOtherMac, 65536), Errc::invalid_argument);
  for (const char* bad : {"0.0.0.0/8", "127.0.0.1/8", "224.0.0.1/24", "255.255.255.255/32", "10.1.0.0/24",
                          "10.1.0.255/24", "10.1.0.1/0", "::1/64"}) {
    EXPECT_EQ(error_of({prefix(bad)}), Errc::invalid_argument) << bad;
  }
  EXPECT_EQ(error_of({prefix("10.1.0.1/24"), prefix("10.1.0.1/25")}), Errc::address_in_use);
  EXPECT_EQ(error_of({prefix("10.0.0.1/32")}), Errc::address_in_use);
  EXPECT_EQ(error_of({prefix("10.0.0.99/16")}), Errc::address_in_use);
  EXPECT_EQ(error_of(std::vector<Prefix>(17, prefix("10.1.0.1/24"))), Errc::no_memory);
  EXPECT_EQ(host.net.interface(NicId{2}), nullptr);
}

TEST(Interface, AcceptsPointToPointAndHostPrefixesAndLoopbackDevices) {
  TestHost host;
  EXPECT_TRUE(add(host.net, {prefix("10.1.0.0/31")}));
  EXPECT_TRUE(add(host.net, {prefix("10.2.0.1/32")}));
  EXPECT_TRUE(add(host.net, {prefix("127.0.0.1/8")}, {}, {.mtu = 65535, .has_ethernet_header = false}));
  EXPECT_TRUE(add(host.net, {prefix("10.3.0.1/24"), prefix("10.3.0.2/24")}));
}

TEST(Interface, TheirNumberIsBounded) {
  Config config = small_config();
  config.tables.interfaces_max = 2;
  TestHost host(config);
  EXPECT_TRUE(add(host.net, {}));
  EXPECT_EQ(add(host.net, {}).error(), Errc::no_memory);
}

TEST(Routes, AGatewayMustBeOnTheLink) {
  TestHost host;
  const auto via = [&](std::string_view gateway, NicId nic) {
    return host.net.add_route({prefix("198.51.100.0/24"), address(gateway), nic, 0});
  };
  EXPECT_EQ(via("192.0.2.1", host.nic).error(), Errc::invalid_argument);
  EXPECT_EQ(via("10.0.0.1", host.nic).error(), Errc::invalid_argument);
  EXPECT_EQ(via("10.0.0.255", host.nic).error(), Errc::invalid_argument);
  EXPECT_EQ(via("10.0.0.9", NicId{7}).error(), Errc::invalid_argument);
  EXPECT_TRUE(via("10.0.0.9", host.nic));
}

TEST(Routes, ChooseNextHopSourceAndInterface) {
  TestHost host;
  const NicId second =
      *add(host.net, {prefix("10.5.0.1/24"), prefix("10.6.0.1/24")}, kOtherMac, {.mtu = 9000});
  const auto near = host.net.route(address("10.6.0.9"));
  ASSERT_TRUE(near);
  EXPECT_EQ(near->nic, second);
  EXPECT_EQ(near->next_hop, address("10.6.0.9"));
  EXPECT_EQ(near->source, address("10.6.0.1"));
  EXPECT_EQ(near->mtu, 9000U);
  EXPECT_EQ(near->link, &host.net.interface(second)->link);
  const auto far = host.net.route(kFarIp);
  ASSERT_TRUE(far);
  EXPECT_EQ(far->nic, host.nic);
  EXPECT_EQ(far->next_hop, kGatewayIp);
  EXPECT_EQ(far->source, kOurIp);
  EXPECT_EQ(host.net.route(kFarIp, address("10.5.0.1"))->source, address("10.5.0.1"));
}

TEST(Routes, AFixedSourcePrefersItsOwnInterface) {
  TestHost host;
  const NicId second = *add(host.net, {prefix("10.5.0.1/24")});
  ASSERT_TRUE(host.net.add_route({prefix("0.0.0.0/0"), address("10.5.0.254"), second, 100}));
  EXPECT_EQ(host.net.route(kFarIp)->nic, host.nic);
  EXPECT_EQ(host.net.route(kFarIp, address("10.5.0.1"))->nic, second);
}

TEST(Routes, OurOwnAddressesAndLoopbackStayHere) {
  TestHost host;
  for (const IpAddress& own : {kOurIp, address("127.0.0.1"), address("127.9.9.9")}) {
    const auto choice = host.net.route(own);
    ASSERT_TRUE(choice);
    EXPECT_EQ(choice->nic, NicId::none);
    EXPECT_EQ(choice->source, own);
    EXPECT_EQ(choice->mtu, 65535U);
  }
  EXPECT_EQ(host.net.route(kFarIp, address("127.0.0.1")).error(), Errc::network_unreachable);
}

TEST(Routes, GroupsAreOnTheLinkAndTheRestNeedsARoute) {
  TestHost host;
  for (const char* group : {"255.255.255.255", "224.0.0.251", "10.0.0.255"}) {
    const auto choice = host.net.route(address(group));
    ASSERT_TRUE(choice) << group;
    EXPECT_EQ(choice->next_hop, address(group));
    EXPECT_TRUE(choice->to_group);
  }
  EXPECT_EQ(host.net.route(IpAddress::v4(0)).error(), Errc::network_unreachable);
  EXPECT_EQ(host.net.route(address("2001:db8::1")).error(), Errc::network_unreachable);
  EXPECT_EQ(host.net.route(address("::1"))->nic, NicId::none);
  EXPECT_TRUE(host.net.is_local(address("::1")));
}

}  // namespace
}  // namespace strata::internet
