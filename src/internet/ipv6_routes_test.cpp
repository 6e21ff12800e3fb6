// Interfaces and ways of IPv6: next hops, sources, zones, and what may be configured.
#include <gtest/gtest.h>

#include "internet/test_host6.hpp"

namespace strata::internet {
namespace {

TEST(Ipv6Routes, ChooseNextHopSourceAndInterface) {
  TestHost6 host;
  const auto to_peer = host.net.route(kPeerIp6);
  EXPECT_EQ(to_peer->next_hop, kPeerIp6);
  EXPECT_EQ(to_peer->source, kOurIp6);
  const auto far = host.net.route(kFarIp6);
  EXPECT_EQ(far->next_hop, kRouterIp6);
  EXPECT_EQ(far->source, kOurIp6);
  const auto neighbor = host.net.route(kPeerLinkLocal);  // the only interface there is
  EXPECT_EQ(neighbor->source, kOurLinkLocal);
  EXPECT_EQ(neighbor->nic, host.nic);
  const auto group = host.net.route(kAllNodes);
  EXPECT_TRUE(group->to_group);
  EXPECT_EQ(group->source, kOurLinkLocal);
  EXPECT_EQ(host.net.route(kOurIp6)->nic, NicId::none);
  EXPECT_EQ(host.net.route(*parse_address("::1"))->nic, NicId::none);
  EXPECT_EQ(host.net.route(kFarIp6, kOurIp).error(), Errc::network_unreachable);
  EXPECT_TRUE(host.net.is_local(kOurLinkLocal));
  EXPECT_FALSE(host.net.is_local(kPeerLinkLocal));
}

TEST(Ipv6Routes, AScopedAddressNeedsItsZoneWhereThereAreSeveral) {
  TestHost6 host;
  const Prefix other{*parse_address("fd78::2"), 64};
  const NicId second = *host.net.add_interface({.mac = kOtherMac, .link = {}, .addresses = {&other, 1}});
  EXPECT_EQ(host.net.route(kPeerLinkLocal).error(), Errc::network_unreachable);
  EXPECT_EQ(host.net.route(kPeerLinkLocal, host.nic)->nic, host.nic);
  const auto choice = host.net.route(kPeerLinkLocal, second);
  EXPECT_EQ(choice->nic, second);
  EXPECT_TRUE(choice->source.is_link_local());
  EXPECT_NE(choice->source, kOurLinkLocal);
  EXPECT_TRUE(host.net.is_local(kOurLinkLocal, host.nic));
  EXPECT_FALSE(host.net.is_local(kOurLinkLocal, second));
}

TEST(Ipv6Routes, FamiliesKeepTheirDefaultRoutesApart) {
  TestHost6 host;
  EXPECT_EQ(host.net.route(kFarIp)->next_hop, kGatewayIp);
  EXPECT_EQ(host.net.route(kFarIp6)->next_hop, kRouterIp6);
  const Internet& net = TestHost().net;
  EXPECT_EQ(net.route(kFarIp6).error(), Errc::network_unreachable);
}

TEST(Ipv6Interface, RefusesImpossibleConfigurations) {
  TestHost6 host;
  const auto error_of = [&](const std::string& own, std::size_t mtu = 1500) {
    const Prefix prefix = *parse_prefix(own);
    return host.net.add_interface({.mac = kOtherMac, .link = {.mtu = mtu}, .addresses = {&prefix, 1}})
        .error();
  };
  for (const char* bad : {"::/64", "::1/128", "ff02::5/64", "fd00::1/0"})
    EXPECT_EQ(error_of(bad), Errc::invalid_argument) << bad;
  EXPECT_EQ(error_of("fd80::1/64", 1279), Errc::invalid_argument);
  EXPECT_EQ(error_of("fd77::9/64"), Errc::address_in_use);
  EXPECT_EQ(error_of("fd77::9/128"), Errc::address_in_use);
  EXPECT_EQ(host.net
                .add_route({.destination = *parse_prefix("2001:db8::/32"),
                            .gateway = *parse_address("fd78::1"),
                            .nic = host.nic})
                .error(),
            Errc::invalid_argument);
  EXPECT_EQ(
      host.net.add_route({.destination = *parse_prefix("2001:db8::/32"), .gateway = kOurIp6, .nic = host.nic})
          .error(),
      Errc::invalid_argument);
}

TEST(Ipv6Interface, HasAStableLinkLocalAddress) {
  const auto link_local = [](const Config& config, const MacAddress& mac) {
    TestHost host(config);
    const NicId nic = *host.net.add_interface({.mac = mac, .link = {}, .ipv6 = true});
    return host.net.interface(nic)->ipv6.front().prefix.address;
  };
  Config keyed = small_config();
  keyed.ipv6.stable_secret = {1, 2};
  const IpAddress address = link_local(keyed, kOtherMac);
  EXPECT_TRUE(Prefix(*parse_address("fe80::"), 64).contains(address));
  EXPECT_EQ(link_local(keyed, kOtherMac), address);
  EXPECT_NE(link_local(keyed, kPeerMac), address);
  EXPECT_NE(link_local(small_config(), kOtherMac), address);
  EXPECT_NE(address.octets()[11], 0xff);  // tells nothing of the MAC (RFC 7217)
}

}  // namespace
}  // namespace strata::internet
