// How an interface comes to its addresses: questions before use, what routers say, and what a flood of them
// cannot do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "internet/test_host6.hpp"

namespace strata::internet {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const IpAddress kStatic = *parse_address("2001:db8::99");

Config asking_config() {
  Config config = small_config();
  config.ipv6.dad_transmits = 1;
  config.ipv6.stable_secret = {1, 2};
  config.tables.routes_max = 64;
  return config;
}

/// An interface that is to configure itself, beside the usual one.
struct Autoconf : ::testing::Test {
  explicit Autoconf(Config with = asking_config()) : config(with), host(config) {
    const Prefix own{kStatic, 64};
    nic = *host.net.add_interface({.mac = kOtherMac, .link = {}, .addresses = {&own, 1}, .autoconf = true});
  }

  std::vector<std::string> sent() {
    std::vector<std::string> lines;
    while (const Packet packet = host.net.next_output(nic)) {
      Frame frame(packet.size());
      packet.copy_to(frame);
      last = frame;
      lines.push_back(describe_frame(frame, {}));
    }
    return lines;
  }
  /// Runs to `millis`, timer by timer; everything that was sent.
  std::vector<std::string> run_to(std::int64_t millis) {
    std::vector<std::string> lines;
    const Instant end = Instant() + Duration::millis(millis);
    while (host.net.next_deadline() <= end) {
      host.now = std::max(host.now, host.net.next_deadline());
      host.net.advance(host.now);
      for (std::string& line : sent()) lines.push_back(std::move(line));
    }
    host.now = end;
    return lines;
  }
  void receive(const Frame& frame) {
    Frame to_us = frame;
    if ((to_us[0] & 1) == 0) store_mac(to_us.data(), kOtherMac);
    Packet packet = host.packet_of(to_us);
    host.net.input(nic, packet, host.now);
  }
  const std::vector<Ipv6Address>& addresses() { return host.net.interface(nic)->ipv6; }
  const Ipv6Address* find(AddressOrigin origin) {
    for (const Ipv6Address& own : addresses()) {
      if (own.origin == origin) return &own;
    }
    return nullptr;
  }
  std::uint64_t count(Counter counter) { return host.count(counter); }

  Config config;
  TestHost host;
  NicId nic = NicId::none;
  Frame last;
};

struct RaOptions {
  std::uint16_t lifetime = 1800;
  std::uint8_t hop_limit = 64;
  std::uint8_t flags = 0;
  IpAddress router = kRouterIp6;
};

Frame router_advertisement(const RaOptions& ra, const Frame& options) {
  Frame message{134, 0, 0, 0, ra.hop_limit, ra.flags, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  store_be(message.data() + 6, ra.lifetime);
  return icmp6_frame({.src = ra.router, .dst = kAllNodes, .hop_limit = 255}, message + options);
}

Frame prefix_option(std::string_view prefix, std::uint32_t valid, std::uint32_t preferred,
                    std::uint8_t flags = 0xc0) {
  const Prefix parsed = *parse_prefix(prefix);
  Frame option(32);
  option[0] = 3;
  option[1] = 4;
  option[2] = parsed.length;
  option[3] = flags;
  store_be(option.data() + 4, valid);
  store_be(option.data() + 8, preferred);
  store_ipv6(option.data() + 16, parsed.address);
  return option;
}

TEST_F(Autoconf, EveryAddressIsAskedForBeforeItIsOurs) {
  EXPECT_EQ(host.net.route(*parse_address("2001:db8::1")).error(), Errc::network_unreachable);
  const auto lines = run_to(2500);
  EXPECT_THAT(lines, Contains("IP6 :: > ff02::1:ff00:99: ICMP6, neighbor solicitation, who has 2001:db8::99, "
                              "length 32"));
  EXPECT_THAT(lines, Contains(HasSubstr("who has fe80::")));
  EXPECT_TRUE(host.net.is_local(kStatic));
  EXPECT_EQ(host.net.route(*parse_address("2001:db8::1"))->source, kStatic);
  ASSERT_NE(find(AddressOrigin::link_local), nullptr);
  EXPECT_TRUE(find(AddressOrigin::link_local)->is_usable());
}

TEST_F(Autoconf, AnAnswerToOurQuestionTakesTheAddressAway) {
  run_to(1000);
  receive(nd_frame({.src = kStatic, .dst = kAllNodes},
                   NdAdvertisement{.target = kStatic, .overrides = true, .target_mac = kPeerMac}));
  run_to(5000);
  EXPECT_FALSE(host.net.is_local(kStatic));
  EXPECT_EQ(count(Counter::address_conflict), 1U);
}

TEST_F(Autoconf, SomebodyElsesProbeIsAConflictAndOurOwnIsNot) {
  run_to(1000);
  const Frame own_probe = last;
  ASSERT_THAT(describe_frame(own_probe, {}), HasSubstr(":: > "));
  const IpAddress asked = load_ipv6(own_probe.data() + 14 + 40 + 8);
  receive(own_probe);  // a loop in the link
  EXPECT_EQ(count(Counter::nd_looped_back), 1U);
  EXPECT_EQ(count(Counter::address_conflict), 0U);
  receive(nd_frame({.src = IpAddress(), .dst = solicited_node_group(asked)},
                   NdSolicitation{.target = asked, .nonce = NdNonce{9, 9, 9, 9, 9, 9}}));
  EXPECT_EQ(count(Counter::address_conflict), 1U);
}

TEST_F(Autoconf, AMadeUpAddressIsMadeUpAnewThreeTimesAtMost) {
  std::vector<IpAddress> tried;
  for (int round = 0; round < 10 && find(AddressOrigin::link_local) != nullptr; ++round) {
    run_to((host.now - Instant()).count_millis() + 1001);
    const Ipv6Address* own = find(AddressOrigin::link_local);
    if (own == nullptr || own->is_usable()) break;
    tried.push_back(own->prefix.address);
    receive(nd_frame({.src = tried.back(), .dst = kAllNodes},
                     NdAdvertisement{.target = tried.back(), .target_mac = kPeerMac}));
  }
  EXPECT_EQ(find(AddressOrigin::link_local), nullptr);  // given up, not for ever
  EXPECT_EQ(tried.size(), 4U);
  EXPECT_EQ(std::set<IpAddress>(tried.begin(), tried.end()).size(), 4U);
}

TEST_F(Autoconf, RoutersAreAskedForThreeTimes) {
  const auto lines = run_to(60'000);
  EXPECT_EQ(std::ranges::count_if(
                lines, [](const std::string& l) { return l.find("router solicitation") != l.npos; }),
            3);
  EXPECT_TRUE(host.net.next_deadline().is_never());
}

TEST_F(Autoconf, ARouterGivesAWayAndAPrefixGivesAnAddress) {
  run_to(3000);
  receive(router_advertisement({.hop_limit = 60}, prefix_option("2001:db8:5::/64", 86'400, 14'400) +
                                                      Frame{5, 1, 0, 0, 0, 0, 5, 0x78} +  // MTU 1400
                                                      Frame{1, 1, 2, 0, 0, 0, 0, 9}));
  EXPECT_THAT(run_to(6000), Not(Contains(HasSubstr("router solicitation"))));
  const Ipv6Address* own = find(AddressOrigin::stable);
  ASSERT_NE(own, nullptr);
  EXPECT_TRUE(own->is_usable());
  EXPECT_TRUE(Prefix(*parse_address("2001:db8:5::"), 64).contains(own->prefix.address));
  const auto far = host.net.route(*parse_address("2001:db8:5:1::1"));
  ASSERT_TRUE(far);
  EXPECT_EQ(far->next_hop, kRouterIp6);
  EXPECT_EQ(far->source, own->prefix.address);
  EXPECT_EQ(far->mtu, 1400U);
  EXPECT_EQ(far->hop_limit, 60);
  EXPECT_EQ(host.net.route(*parse_address("2001:db8:5::1"))->next_hop, *parse_address("2001:db8:5::1"));
  EXPECT_EQ(host.net.neighbors().find(nic, kRouterIp6)->mac, (MacAddress{{2, 0, 0, 0, 0, 9}}));
}

TEST_F(Autoconf, EverythingEndsInItsTime) {
  run_to(3000);
  receive(router_advertisement({.lifetime = 10}, prefix_option("2001:db8:5::/64", 30, 20)));
  run_to(14'000);
  EXPECT_FALSE(host.net.route(*parse_address("2600::1")));  // 10 s: no router any more
  ASSERT_NE(find(AddressOrigin::stable), nullptr);
  run_to(24'000);
  EXPECT_EQ(find(AddressOrigin::stable)->state, AddressState::deprecated);
  run_to(40'000);
  EXPECT_EQ(find(AddressOrigin::stable), nullptr);
  EXPECT_FALSE(host.net.route(*parse_address("2001:db8:5::1")));
  EXPECT_TRUE(host.net.learned().all().empty());
}

TEST_F(Autoconf, ALifetimeIsCutToTwoHoursAtMost) {
  run_to(3000);
  receive(router_advertisement({}, prefix_option("2001:db8:5::/64", 86'400, 14'400)));
  run_to(6000);
  receive(router_advertisement({}, prefix_option("2001:db8:5::/64", 0, 0)));
  const Ipv6Address* own = find(AddressOrigin::stable);
  EXPECT_EQ(own->valid_until, host.now + Duration::seconds(7200));
  EXPECT_EQ(own->state, AddressState::deprecated);
}

struct Temporary : Autoconf {
  static Config with_temporary() {
    Config config = asking_config();
    config.ipv6.temporary_addresses = true;
    config.ipv6.temporary_preferred = Duration::seconds(100);
    return config;
  }
  Temporary() : Autoconf(with_temporary()) {}
};

TEST_F(Temporary, ComesFirstAndIsReplacedInTime) {
  run_to(3000);
  receive(router_advertisement({}, prefix_option("2001:db8:5::/64", 86'400, 14'400)));
  run_to(6000);
  ASSERT_NE(find(AddressOrigin::temporary), nullptr);
  const IpAddress first = find(AddressOrigin::temporary)->prefix.address;
  EXPECT_EQ(host.net.route(*parse_address("2600::1"))->source, first);
  run_to(110'000);
  const auto second = host.net.route(*parse_address("2600::1"));
  EXPECT_NE(second->source, first);
  EXPECT_NE(second->source, find(AddressOrigin::stable)->prefix.address);
  EXPECT_TRUE(host.net.is_local(first));  // for what uses it already
}

TEST_F(Autoconf, RoutersOfHigherPreferenceAndFurtherRoutes) {
  run_to(3000);
  const IpAddress second = *parse_address("fe80::fd");
  receive(router_advertisement({}, {}));
  receive(router_advertisement({.flags = 0x08, .router = second}, {}));
  EXPECT_EQ(host.net.route(*parse_address("2600::1"), nic)->next_hop, second);
  Frame route{24, 2, 16, 0, 0, 0, 1, 0, 0x26, 1, 0, 0, 0, 0, 0, 0};
  receive(router_advertisement({}, route));
  EXPECT_EQ(host.net.route(*parse_address("2601::1"), nic)->next_hop, kRouterIp6);
  receive(router_advertisement({.lifetime = 0, .router = second}, {}));
  EXPECT_EQ(host.net.route(*parse_address("2600::1"), nic)->next_hop, kRouterIp6);
  // RFC 4861 §7.2.5: it says that it is none any more.
  receive(nd_frame({.src = kRouterIp6, .dst = kAllNodes},
                   NdAdvertisement{.target = kRouterIp6, .overrides = true, .target_mac = kPeerMac}));
  EXPECT_FALSE(host.net.route(*parse_address("2600::1"), nic));
}

TEST_F(Autoconf, NameServersAreKept) {
  run_to(3000);
  Frame servers(24);
  servers[0] = 25;
  servers[1] = 3;
  servers[7] = 60;
  store_ipv6(servers.data() + 8, *parse_address("2001:db8::53"));
  receive(router_advertisement({}, servers));
  const auto is_server = [](const Learned& entry) { return entry.kind == LearnedKind::dns_server; };
  EXPECT_EQ(std::ranges::count_if(host.net.learned().all(), is_server), 1);
  run_to(64'000);
  EXPECT_EQ(std::ranges::count_if(host.net.learned().all(), is_server), 0);
}

TEST_F(Autoconf, AFloodOfAdvertisementsFillsNothingButItsBounds) {
  run_to(3000);
  const std::size_t limit = config.tables.addresses_per_interface_max;
  for (unsigned i = 0; i < 20'000; ++i) {
    IpAddress::Octets router = kRouterIp6.octets();
    router[12] = static_cast<std::uint8_t>(i >> 8);
    router[13] = static_cast<std::uint8_t>(i);
    Frame prefix = prefix_option("2001:db8::/64", 86'400, 14'400);
    prefix[16 + 6] = static_cast<std::uint8_t>(i >> 8);
    prefix[16 + 7] = static_cast<std::uint8_t>(i);
    receive(router_advertisement({.router = IpAddress::v6(router)}, prefix + Frame{1, 1, 2, 0, 0, 0, 1, 1}));
  }
  const auto of = [&](LearnedKind kind) {
    return static_cast<std::size_t>(std::ranges::count(host.net.learned().all(), kind, &Learned::kind));
  };
  EXPECT_EQ(of(LearnedKind::default_router), config.ipv6.routers_max);
  EXPECT_EQ(of(LearnedKind::on_link_prefix), config.ipv6.prefixes_max);
  EXPECT_LE(addresses().size(), limit);
  EXPECT_GT(count(Counter::nd_table_full), 20'000U);
  EXPECT_LE(host.net.neighbors().size(), config.tables.neighbors_max);
}

TEST_F(Autoconf, RefusesWhatNoRouterSays) {
  run_to(3000);
  const std::size_t before = addresses().size();
  receive(router_advertisement({.hop_limit = 1}, {}));
  EXPECT_EQ(host.net.interface(nic)->hop_limit, 0);
  receive(router_advertisement({}, Frame{5, 1, 0, 0, 0, 0, 4, 0xff}));  // MTU 1279
  receive(router_advertisement({}, Frame{5, 1, 0, 0, 0, 0, 5, 0xdd}));  // MTU 1501
  EXPECT_EQ(host.net.interface(nic)->ipv6_mtu, 1500U);
  for (const Frame& option :
       {prefix_option("fe80::/64", 100, 50), prefix_option("2001:db8:5::/64", 50, 100),
        prefix_option("2001:db8:5::/63", 100, 50, 0x40), Frame{3, 3} + Frame(22),
        prefix_option("ff00::/64", 100, 50), Frame{25, 2} + Frame(14), Frame{24, 1, 64, 0, 0, 0, 1, 0}}) {
    receive(router_advertisement({}, option));
  }
  EXPECT_EQ(count(Counter::nd_bad_prefix), 7U);
  EXPECT_EQ(addresses().size(), before);
}

TEST_F(Autoconf, NobodyConfiguresAnInterfaceThatDidNotAsk) {
  TestHost6 plain;
  plain.receive(router_advertisement({}, prefix_option("2001:db8:5::/64", 86'400, 14'400)));
  EXPECT_EQ(plain.count(Counter::nd_not_for_us), 1U);
  EXPECT_EQ(plain.net.interface(plain.nic)->ipv6.size(), 2U);
  EXPECT_TRUE(plain.net.learned().all().empty());
}

TEST_F(Autoconf, ARedirectIsBelievedOfTheRouterThatWeUse) {
  const IpAddress far = *parse_address("2600::7");
  run_to(3000);
  receive(router_advertisement({}, {}));
  const auto redirect = [&](const IpAddress& from, const IpAddress& target) {
    Frame message(40);
    message[0] = 137;
    store_ipv6(message.data() + 8, target);
    store_ipv6(message.data() + 24, far);
    receive(icmp6_frame({.src = from, .dst = kStatic, .hop_limit = 255}, message));
  };
  const IpAddress better = *parse_address("fe80::bb");
  redirect(kPeerLinkLocal, better);
  redirect(kRouterIp6, *parse_address("2001:db8:9::1"));
  EXPECT_EQ(count(Counter::nd_bad_redirect), 2U);
  redirect(kRouterIp6, better);
  EXPECT_EQ(host.net.route(far, nic)->next_hop, better);
  redirect(better, far);  // and it is on the link itself
  EXPECT_EQ(host.net.route(far, nic)->next_hop, far);
}

}  // namespace
}  // namespace strata::internet
