// ICMPv6, neighbour discovery and multicast listener messages: exact bytes out, every size and lie in.
#include "wire/icmp6.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "wire/ipv6.hpp"
#include "wire/mld.hpp"
#include "wire/ndp.hpp"

namespace strata {
namespace {

using Octets = std::vector<std::uint8_t>;

const IpAddress kSrc = *parse_address("fe80::1");
const IpAddress kDst = *parse_address("ff02::1:ff00:2");
const IpAddress kTarget = *parse_address("fd77::2");
constexpr MacAddress kMac{{2, 0, 0, 0, 0, 1}};

Octets operator+(Octets front, const Octets& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

template <class Message>
Octets written(const Message& message) {
  Octets bytes(message.size());
  message.write(bytes.data());
  return bytes;
}

TEST(Icmp6, TheChecksumCoversTheAddresses) {
  Octets echo{128, 0, 0, 0, 0x12, 0x34, 0, 1};
  finish_icmp6(echo, *parse_address("::1"), *parse_address("::1"));
  InternetChecksum sum = pseudo_header(*parse_address("::1"), *parse_address("::1"), kProtocolIcmp6, 8);
  sum.add(echo);
  EXPECT_TRUE(sum.is_valid());
  EXPECT_EQ(load_be<std::uint16_t>(echo.data() + 2), 0x6d86);
}

TEST(Icmp6, ReadsTheEchoThatItWrites) {
  Octets bytes(8);
  Icmp6Header::echo(true, 77, 3).write(bytes.data());
  const auto view = Icmp6View::parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->type(), icmp6_type::kEchoReply);
  EXPECT_EQ(view->id(), 77);
  EXPECT_EQ(view->sequence(), 3);
  EXPECT_FALSE(view->is_error());
  for (std::size_t size = 0; size < 8; ++size)
    EXPECT_EQ(Icmp6View::parse(Bytes(bytes).first(size)).error(), ParseError::icmp_truncated);
}

TEST(Icmp6, EveryTypeBelow128IsAnError) {
  for (unsigned type = 0; type < 256; ++type) {
    const Octets bytes{static_cast<std::uint8_t>(type), 0, 0, 0, 0, 0, 5, 0xdc};
    EXPECT_EQ(Icmp6View::parse(bytes)->is_error(), type < 128);
    EXPECT_EQ(Icmp6View::parse(bytes)->rest_of_header(), 1500U);
  }
}

TEST(Ndp, WritesTheMessagesOfAHost) {
  const Octets target{0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  const Octets mac{2, 0, 0, 0, 0, 1};
  EXPECT_EQ(written(NdSolicitation{.target = kTarget, .source_mac = kMac}),
            (Octets{135, 0, 0, 0, 0, 0, 0, 0} + target + Octets{1, 1} + mac));
  EXPECT_EQ(written(NdSolicitation{.target = kTarget, .nonce = NdNonce{1, 2, 3, 4, 5, 6}}),
            (Octets{135, 0, 0, 0, 0, 0, 0, 0} + target + Octets{14, 1, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(
      written(NdAdvertisement{.target = kTarget, .solicited = true, .overrides = true, .target_mac = kMac}),
      (Octets{136, 0, 0, 0, 0x60, 0, 0, 0} + target + Octets{2, 1} + mac));
  EXPECT_EQ(written(NdAdvertisement{.target = kTarget, .router = true, .target_mac = kMac})[4], 0x80);
  EXPECT_EQ(written(NdRouterSolicitation{}), (Octets{133, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(written(NdRouterSolicitation{.source_mac = kMac}),
            (Octets{133, 0, 0, 0, 0, 0, 0, 0, 1, 1} + mac));
}

TEST(Ndp, ReadsWhatItWrites) {
  const Octets solicitation =
      written(NdSolicitation{.target = kTarget, .source_mac = kMac, .nonce = NdNonce{6, 5, 4, 3, 2, 1}});
  const auto asked = NdView::parse(solicitation);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->target(), kTarget);
  EXPECT_EQ(asked->options().mac(nd_option::kSourceLinkLayer), kMac);
  EXPECT_EQ(asked->options().nonce(), (NdNonce{6, 5, 4, 3, 2, 1}));
  EXPECT_FALSE(asked->options().has(nd_option::kTargetLinkLayer));
  const Octets advertisement =
      written(NdAdvertisement{.target = kTarget, .solicited = true, .target_mac = kMac});
  const auto told = NdView::parse(advertisement);
  EXPECT_TRUE(told->is_solicited());
  EXPECT_FALSE(told->overrides());
  EXPECT_FALSE(told->is_router());
  EXPECT_EQ(told->options().mac(nd_option::kTargetLinkLayer), kMac);
}

TEST(Ndp, RefusesEveryTruncation) {
  const std::vector<std::pair<std::uint8_t, std::size_t>> fixed{
      {133, 8}, {134, 16}, {135, 24}, {136, 24}, {137, 40}};
  for (const auto& [type, size] : fixed) {
    for (std::size_t cut = 8; cut < size; ++cut) {
      Octets bytes(cut);
      bytes[0] = type;
      EXPECT_EQ(NdView::parse(bytes).error(), ParseError::nd_truncated);
    }
    Octets whole(size);
    whole[0] = type;
    EXPECT_TRUE(NdView::parse(whole));
  }
}

TEST(Ndp, OneBadOptionSpoilsTheMessage) {
  for (unsigned type = 0; type < 256; ++type) {
    for (unsigned length = 0; length < 256; ++length) {
      Octets bytes = Octets{133, 0, 0, 0, 0, 0, 0, 0} +
                     Octets{static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(length)} + Octets(14);
      const bool fits = length == 2;  // behind a length of 1 the zeros are an option without a size
      EXPECT_EQ(NdView::parse(bytes).has_value(), fits) << type << ' ' << length;
      if (!fits) {
        EXPECT_EQ(NdView::parse(bytes).error(), ParseError::nd_bad_option);
      }
    }
  }
  EXPECT_EQ(NdView::parse(Octets{133, 0, 0, 0, 0, 0, 0, 0, 1}).error(), ParseError::nd_bad_option);
}

TEST(Ndp, ReadsARouterAdvertisement) {
  const Octets bytes{134, 0, 0, 0,    63, 0x88, 7, 8, 0, 0, 0x75, 0x30,
                     0,   0, 3, 0xe8, 5,  1,    0, 0, 0, 0, 5,    0xdc};
  const auto view = NdView::parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->hop_limit(), 63);
  EXPECT_EQ(view->preference(), RouterPreference::high);
  EXPECT_EQ(view->router_lifetime(), 0x708);
  EXPECT_EQ(view->reachable_ms(), 30'000U);
  EXPECT_EQ(view->retrans_ms(), 1'000U);
  EXPECT_EQ(view->options().mtu(), 1500U);
}

Octets prefix_option(std::uint8_t length, std::uint8_t flags) {
  return Octets{3, 4, length, flags, 0, 0, 0, 60, 0, 0, 0, 30, 0, 0, 0, 0} +
         Octets{0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 0xff, 0, 0, 0, 0, 0, 0, 9};
}

TEST(Ndp, ReadsAPrefix) {
  const auto prefix = read_nd_prefix(prefix_option(64, 0xc0));
  ASSERT_TRUE(prefix);
  EXPECT_EQ(to_string(prefix->prefix), "2001:db8:0:1::/64");
  EXPECT_TRUE(prefix->on_link && prefix->autonomous);
  EXPECT_EQ(prefix->valid, 60U);
  EXPECT_EQ(prefix->preferred, 30U);
  EXPECT_TRUE(read_nd_prefix(prefix_option(128, 0)));
  for (unsigned length = 129; length < 256; ++length)
    EXPECT_FALSE(read_nd_prefix(prefix_option(static_cast<std::uint8_t>(length), 0)));
  EXPECT_FALSE(read_nd_prefix(Octets{3, 3, 64, 0} + Octets(20)));
  EXPECT_FALSE(read_nd_prefix(Octets{3, 5, 64, 0} + Octets(36)));
  const Octets mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0};
  EXPECT_FALSE(read_nd_prefix(Octets{3, 4, 104, 0xc0, 0, 0, 0, 60, 0, 0, 0, 30, 0, 0, 0, 0} + mapped));
}

TEST(Ndp, ARouteOptionHoldsAsMuchOfThePrefixAsItNeeds) {
  const auto route = [](std::uint8_t units, std::uint8_t length, std::uint8_t flags) {
    Octets option{24, units, length, flags, 0, 0, 0, 9, 0x20, 1, 0xd, 0xb8, 1, 2, 3, 4};
    option.resize(units * 8U);
    return read_nd_route(option);
  };
  EXPECT_EQ(route(1, 0, 0)->preference, RouterPreference::medium);
  EXPECT_EQ(to_string(route(2, 32, 0x08)->prefix), "2001:db8::/32");
  EXPECT_EQ(route(2, 64, 0x18)->preference, RouterPreference::low);
  EXPECT_EQ(to_string(route(3, 128, 0)->prefix), "2001:db8:102:304::/128");
  EXPECT_TRUE(route(3, 0, 0));
  EXPECT_FALSE(route(1, 1, 0));
  EXPECT_FALSE(route(2, 65, 0));
  EXPECT_FALSE(route(3, 129, 0));
  EXPECT_FALSE(route(4, 64, 0));
  EXPECT_FALSE(route(2, 64, 0x10));  // the reserved preference
}

TEST(Ndp, ReadsDnsServersOfEveryLegalSize) {
  for (unsigned units = 1; units < 256; ++units) {
    Octets option(units * 8);
    option[0] = nd_option::kDnsServers;
    option[1] = static_cast<std::uint8_t>(units);
    option[7] = 5;
    const auto servers = read_nd_dns_servers(option);
    EXPECT_EQ(servers.has_value(), units >= 3 && units % 2 == 1) << units;
    if (!servers) continue;
    EXPECT_EQ(servers->size(), (units - 1) / 2);
    EXPECT_EQ(servers->lifetime, 5U);
    EXPECT_TRUE((*servers)[servers->size() - 1].is_unspecified());
  }
}

TEST(Ndp, AQuestionGoesToTheGroupOfTheLastThreeBytes) {
  EXPECT_EQ(to_string(solicited_node_group(*parse_address("2001:db8::1:2:3456:789a"))), "ff02::1:ff56:789a");
}

TEST(Mld, ReadsQueriesOfBothVersions) {
  Octets query = Octets{130, 0, 0, 0, 0x27, 0x10, 0, 0} + Octets(16);
  EXPECT_TRUE(MldQueryView::parse(query)->is_version1());
  EXPECT_EQ(MldQueryView::parse(query)->response_time(), Duration::seconds(10));
  EXPECT_TRUE(MldQueryView::parse(query)->group().is_unspecified());
  query = query + Octets{2, 125, 0, 1} + Octets(15) + Octets{9};
  ASSERT_TRUE(MldQueryView::parse(query));
  EXPECT_FALSE(MldQueryView::parse(query)->is_version1());
  EXPECT_EQ(MldQueryView::parse(query)->source_count(), 1U);
  EXPECT_EQ(to_string(MldQueryView::parse(query)->source(0)), "::9");
  for (std::size_t size = 8; size < query.size(); ++size) {
    if (size == 24) continue;
    EXPECT_EQ(MldQueryView::parse(Bytes(query).first(size)).error(), ParseError::mld_truncated);
  }
  query[4] = 0x92;  // exponent 1, mantissa 0x210
  query[5] = 0x10;
  EXPECT_EQ(MldQueryView::parse(query)->response_time(), Duration::millis(0x1210 << 4));
}

TEST(Mld, WritesReports) {
  std::array<std::uint8_t, 100> buffer{};
  const MldGroupRecord record{.type = MldRecord::to_exclude, .group = kDst};
  ASSERT_EQ(write_mld_report(buffer, {&record, 1}), 28U);
  const Octets expected = Octets{143, 0, 0, 0, 0, 0, 0, 1, 4, 0, 0, 0} +
                          Octets{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0, 0, 2};
  EXPECT_EQ(Octets(buffer.begin(), buffer.begin() + 28), expected);
  const MldGroupRecord sources{.type = MldRecord::allow, .group = kDst, .sources = {&kSrc, 1}};
  EXPECT_EQ(write_mld_report(buffer, {&sources, 1}), 44U);
}

}  // namespace
}  // namespace strata
