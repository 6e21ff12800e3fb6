// Addresses and prefixes: text in both directions, and what a prefix contains.
#include "strata/address.hpp"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(AddressText, RoundTrips) {
  for (const char* text :
       {"0.0.0.0", "10.77.0.2", "255.255.255.255", "::", "::1", "1::", "2001:db8::1", "2001:db8:1:2:3:4:5:6",
        "fe80::1:0:0:2", "2001:db8:0:1:1:1:1:1", "64:ff9b::102:304"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_string(*address), text);
  }
}

TEST(AddressText, PrintsAsRfc5952Says) {
  const auto normal = [](std::string_view text) { return to_string(parse_address(text).value()); };
  EXPECT_EQ(normal("2001:DB8::0001"), "2001:db8::1");
  EXPECT_EQ(normal("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");  // the first of equal runs
  EXPECT_EQ(normal("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");        // the longest run
  EXPECT_EQ(normal("::ffff:10.0.0.1"), "10.0.0.1");                // one form for IPv4
  EXPECT_EQ(normal("64:ff9b::1.2.3.4"), "64:ff9b::102:304");
}

TEST(AddressText, RefusesWhatIsNotExactlyOneAddress) {
  for (const char* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.-4",
                           "1..2.3",
                           "1.2.3.",
                           ".1.2.3",
                           "+1.2.3.4",
                           "1.2.3.0x4",
                           "localhost",
                           ":",
                           ":::",
                           "1:::2",
                           "::1::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7::8",
                           "12345::",
                           "g::",
                           "1:",
                           ":1",
                           "::1.2.3",
                           "::1.2.3.4.5",
                           "1.2.3.4::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::1%eth0"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

TEST(AddressText, PrefixesMacsAndEndpoints) {
  EXPECT_EQ(to_string(parse_prefix("10.77.0.2/24").value()), "10.77.0.2/24");
  EXPECT_EQ(to_string(parse_prefix("2001:db8::/128").value()), "2001:db8::/128");
  for (const char* text :
       {"10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "::/129", "/8", "10.0.0.1/8/8", "10.0.0.1/-1"}) {
    EXPECT_FALSE(parse_prefix(text)) << text;
  }
  EXPECT_EQ(to_string(parse_mac("02:00:5E:10:0a:ff").value()), "02:00:5e:10:0a:ff");
  for (const char* text : {"", "02:00:5e:10:0a", "02:00:5e:10:0a:f", "02-00-5e-10-0a-ff", "02:00:5e:10:0a:fg",
                           "02:00:5e:10:0a:ff:00"}) {
    EXPECT_FALSE(parse_mac(text)) << text;
  }
  EXPECT_EQ(to_string(Endpoint{IpAddress::v4(10, 77, 0, 2), 0, 80}), "10.77.0.2:80");
  EXPECT_EQ(to_string(Endpoint{parse_address("fe80::1").value(), 3, 80}), "[fe80::1%3]:80");
}

TEST(Address, KnowsItsKind) {
  EXPECT_TRUE(IpAddress::v4(127, 9, 9, 9).is_loopback());
  EXPECT_TRUE(parse_address("::1")->is_loopback());
  EXPECT_TRUE(IpAddress::v4(239, 0, 0, 1).is_multicast());
  EXPECT_TRUE(parse_address("ff02::1")->is_multicast());
  EXPECT_FALSE(IpAddress::v4(240, 0, 0, 1).is_multicast());
  EXPECT_TRUE(IpAddress::v4(0).is_unspecified());
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_NE(IpAddress::v4(0), IpAddress());
  EXPECT_EQ(IpAddress::v4(0x0a4d0001).v4_value(), 0x0a4d0001U);
}

TEST(Prefix, ContainsItsAddressesAndNoOthers) {
  const auto contains = [](std::string_view prefix, std::string_view address) {
    return parse_prefix(prefix)->contains(*parse_address(address));
  };
  EXPECT_TRUE(contains("10.77.0.2/24", "10.77.0.255"));
  EXPECT_FALSE(contains("10.77.0.2/24", "10.77.1.0"));
  EXPECT_TRUE(contains("10.77.0.0/31", "10.77.0.1"));
  EXPECT_FALSE(contains("10.77.0.2/32", "10.77.0.3"));
  EXPECT_TRUE(contains("0.0.0.0/0", "255.1.2.3"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_FALSE(contains("::/0", "1.2.3.4"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("2001:db8::1/128", "2001:db8::1"));
}

TEST(Prefix, NetworkAndBroadcast) {
  EXPECT_EQ(to_string(parse_prefix("10.77.3.2/22")->network()), "10.77.0.0/22");
  EXPECT_EQ(to_string(parse_prefix("2001:db8::ffff/112")->network()), "2001:db8::/112");
  EXPECT_EQ(parse_prefix("192.168.1.7/24")->directed_broadcast(), IpAddress::v4(192, 168, 1, 255));
  EXPECT_EQ(parse_prefix("192.168.1.7/30")->directed_broadcast(), IpAddress::v4(192, 168, 1, 7));
  EXPECT_FALSE(parse_prefix("192.168.1.7/31")->directed_broadcast());
  EXPECT_FALSE(parse_prefix("2001:db8::/64")->directed_broadcast());
}

}  // namespace
}  // namespace strata
