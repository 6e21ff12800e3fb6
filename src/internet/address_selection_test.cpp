// RFC 6724: the rules of §5, and the examples of §10.1.
#include "internet/address_selection.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "internet/interface_id.hpp"

namespace strata::internet {
namespace {

Ipv6Address own(std::string_view text, AddressState state = AddressState::preferred) {
  return {.prefix = {*parse_address(text), 64}, .state = state};
}

std::string source(std::string_view dst, const std::vector<Ipv6Address>& candidates) {
  const auto chosen = select_source(candidates, *parse_address(dst));
  return chosen ? to_string(*chosen) : "none";
}

TEST(SourceAddress, TheExamplesOfTheRfc) {
  EXPECT_EQ(source("2001:db8:1::1", {own("2001:db8:3::1"), own("fe80::1")}), "2001:db8:3::1");
  EXPECT_EQ(source("ff05::1", {own("2001:db8:3::1"), own("fe80::1")}), "2001:db8:3::1");
  EXPECT_EQ(source("2001:db8:1::1", {own("2001:db8:1::1", AddressState::deprecated), own("2001:db8:2::1")}),
            "2001:db8:1::1");
  EXPECT_EQ(source("fe80::1", {own("fe80::2", AddressState::deprecated), own("2001:db8:1::1")}), "fe80::2");
  EXPECT_EQ(source("2001:db8:1::1", {own("2001:db8:1::2"), own("2001:db8:3::2")}), "2001:db8:1::2");
  EXPECT_EQ(source("2002:c633:6401::1", {own("2002:c633:6401::d5e3:7953:13eb:22e8"), own("2001:db8:1::2")}),
            "2002:c633:6401:0:d5e3:7953:13eb:22e8");
}

TEST(SourceAddress, OrderDoesNotMatter) {
  EXPECT_EQ(source("2001:db8:1::1", {own("fe80::1"), own("2001:db8:3::1")}), "2001:db8:3::1");
  EXPECT_EQ(source("fd77::1", {own("2001:db8::2"), own("fd77::2")}), "fd77::2");
  EXPECT_EQ(source("fd77::1", {own("fd77::2"), own("2001:db8::2")}), "fd77::2");
}

TEST(SourceAddress, NeverOneThatMayBelongToOthers) {
  EXPECT_EQ(source("fd77::1", {own("fd77::2", AddressState::tentative)}), "none");
  EXPECT_EQ(source("fd77::1", {own("fd77::2", AddressState::tentative), own("fe80::2")}), "fe80::2");
}

TEST(AddressPolicy, IsTheTableOfTheRfc) {
  const auto label = [](const char* text) { return static_cast<int>(policy_of(*parse_address(text)).label); };
  EXPECT_EQ(label("::1"), 0);
  EXPECT_EQ(label("2600::1"), 1);
  EXPECT_EQ(label("2002::1"), 2);
  EXPECT_EQ(label("::5"), 3);
  EXPECT_EQ(label("10.0.0.1"), 4);
  EXPECT_EQ(label("2001::1"), 5);
  EXPECT_EQ(label("fec0::1"), 11);
  EXPECT_EQ(label("3ffe::1"), 12);
  EXPECT_EQ(label("fd00::1"), 13);
  EXPECT_EQ(policy_of(*parse_address("10.0.0.1")).precedence, 35);
}

TEST(StableAddress, DependsOnEverythingThatItShould) {
  const SipKey key{1, 2};
  const Prefix prefix = *parse_prefix("2001:db8::/64");
  const MacAddress mac{{2, 0, 0, 0, 0, 1}};
  const IpAddress address = stable_address(key, prefix, mac, 0);
  EXPECT_TRUE(prefix.contains(address));
  EXPECT_EQ(stable_address(key, prefix, mac, 0), address);
  EXPECT_NE(stable_address({1, 3}, prefix, mac, 0), address);
  EXPECT_NE(stable_address(key, prefix, {{2, 0, 0, 0, 0, 2}}, 0), address);
  EXPECT_NE(stable_address(key, prefix, mac, 1), address);
  const IpAddress elsewhere = stable_address(key, *parse_prefix("2001:db8:0:1::/64"), mac, 0);
  EXPECT_NE(elsewhere.octets()[15], address.octets()[15]);
}

}  // namespace
}  // namespace strata::internet
