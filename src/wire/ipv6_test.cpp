// IPv6 headers byte by byte, and chains of extension headers: every order, every lie about a size, every
// bound.
#include "wire/ipv6.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "wire/icmp6.hpp"

namespace strata {
namespace {

using Octets = std::vector<std::uint8_t>;
using Answer = Ipv6Refusal::Answer;

const IpAddress kSrc = *parse_address("fd77::1");
const IpAddress kDst = *parse_address("fd77::2");

Octets operator+(Octets front, const Octets& back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

/// A packet whose payload begins with `chain` and whose first header is of kind `next`.
Octets packet(std::uint8_t next, const Octets& chain) {
  Octets header(Ipv6Header::kSize);
  Ipv6Header{.src = kSrc,
             .dst = kDst,
             .next_header = next,
             .payload_length = static_cast<std::uint16_t>(chain.size())}
      .write(header.data());
  return header + chain;
}

Result<Ipv6Chain, Ipv6Refusal> walk(std::uint8_t next, const Octets& chain, const Ipv6Limits& limits = {}) {
  const Octets bytes = packet(next, chain);
  // Exactly as large as the packet, so that a sanitizer sees every read behind it.
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  return walk_ipv6(exact, limits);
}

Octets options(std::uint8_t next, const Octets& list) {
  Octets header{next, static_cast<std::uint8_t>((list.size() + 2) / 8 - 1)};
  return header + list;
}
Octets padded(std::uint8_t next) { return options(next, {1, 4, 0, 0, 0, 0}); }

TEST(Ipv6, WritesTheHeaderOfTheRfc) {
  Octets bytes(Ipv6Header::kSize);
  Ipv6Header{.src = kSrc,
             .dst = kDst,
             .next_header = 6,
             .hop_limit = 63,
             .dscp = 0x2e,
             .ecn = 2,
             .flow_label = 0xabcde,
             .payload_length = 0x1234}
      .write(bytes.data());
  const Octets expected{0x6b, 0xaa, 0xbc, 0xde, 0x12, 0x34, 6, 63, 0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                        0,    0,    0,    1,    0xfd, 0x77, 0, 0,  0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  EXPECT_EQ(bytes, expected);
  const auto view = Ipv6View::parse(bytes, 40 + 0x1234);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->dscp(), 0x2e);
  EXPECT_EQ(view->ecn(), 2);
  EXPECT_EQ(view->flow_label(), 0xabcdeU);
  EXPECT_EQ(view->total_length(), 40U + 0x1234U);
  EXPECT_EQ(view->next_header(), 6);
  EXPECT_EQ(view->hop_limit(), 63);
  EXPECT_EQ(view->src(), kSrc);
  EXPECT_EQ(view->dst(), kDst);
}

TEST(Ipv6, RefusesWhatIsNoHeader) {
  const Octets good = packet(59, {1, 2, 3});
  for (std::size_t size = 0; size < 40; ++size)
    EXPECT_EQ(Ipv6View::parse(Bytes(good).first(size)).error(), ParseError::ip_truncated);
  for (std::size_t size = 40; size < 43; ++size)
    EXPECT_EQ(Ipv6View::parse(Bytes(good).first(size)).error(), ParseError::ip_bad_total_length);
  EXPECT_TRUE(Ipv6View::parse(good));
  for (unsigned version = 0; version < 16; ++version) {
    Octets other = good;
    other[0] = static_cast<std::uint8_t>(version << 4);
    EXPECT_EQ(Ipv6View::parse(other).has_value(), version == 6);
  }
  const Octets padded_frame = good + Octets(20);
  EXPECT_EQ(Ipv6View::parse(padded_frame)->bytes().size(), 43U);
}

TEST(Ipv6, AnErrorsQuoteMayEndEarly) {
  EXPECT_TRUE(Ipv6View::parse_quoted(Bytes(packet(6, Octets(100))).first(48)));
  EXPECT_FALSE(Ipv6View::parse_quoted(Bytes(packet(6, {})).first(39)));
}

TEST(Ipv6Chain, IsEmptyMostly) {
  const auto chain = walk(6, Octets(20));
  ASSERT_TRUE(chain);
  EXPECT_EQ(chain->protocol, 6);
  EXPECT_EQ(chain->size, 40);
  EXPECT_EQ(chain->named_at, 6);
  EXPECT_FALSE(chain->fragment);
}

TEST(Ipv6Chain, ComesInAnyOrderBehindTheHopByHopOptions) {
  const Octets routing{60, 0, 4, 0, 0, 0, 0, 0};
  const auto chain = walk(0, options(60, {5, 2, 0, 0, 1, 0}) + padded(43) + routing + padded(17) + Octets(8));
  ASSERT_TRUE(chain);
  EXPECT_EQ(chain->protocol, 17);
  EXPECT_EQ(chain->size, 40 + 32);
  EXPECT_EQ(chain->named_at, 40 + 24);
  EXPECT_TRUE(chain->router_alert);
  EXPECT_TRUE(walk(43, routing + padded(58)));
}

TEST(Ipv6Chain, HopByHopOptionsComeFirstOrNotAtAll) {
  const auto refused = walk(60, padded(0) + padded(6));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, ParseError::ip6_misplaced_header);
  EXPECT_EQ(refused.error().answer, Answer::to_unicast);
  EXPECT_EQ(refused.error().code, icmp6_code::kUnknownNextHeader);
  EXPECT_EQ(refused.error().pointer, 40);
  EXPECT_EQ(walk(0, padded(0) + padded(6)).error().reason, ParseError::ip6_misplaced_header);
}

TEST(Ipv6Chain, EveryHeaderEndsInsideThePacket) {
  for (const std::uint8_t kind : {kProtocolHopByHop, kProtocolDestinationOptions, kProtocolRouting}) {
    for (std::size_t size = 0; size < 8; ++size)
      EXPECT_EQ(walk(kind, Octets(size)).error().reason, ParseError::ip6_bad_extension);
    for (unsigned length = 1; length < 256; ++length) {
      const auto chain = walk(kind, {6, static_cast<std::uint8_t>(length), 1, 4, 0, 0, 0, 0});
      EXPECT_EQ(chain.error().reason, ParseError::ip6_bad_extension) << length;
    }
  }
  for (std::size_t size = 0; size < 8; ++size)
    EXPECT_EQ(walk(kProtocolFragment, Octets(size)).error().reason, ParseError::ip6_bad_extension);
}

TEST(Ipv6Chain, OptionsEndInsideTheirHeader) {
  for (const Octets& list :
       {Octets{1, 5, 0, 0, 0, 0}, Octets{0x1e, 255, 0, 0, 0, 0}, Octets{0, 1, 2, 0, 0, 0x1e},
        Octets{5, 1, 0, 1, 1, 0}, Octets{5, 0xfe, 0, 0, 0, 0}}) {
    EXPECT_EQ(walk(0, options(6, list)).error().reason, ParseError::ip6_bad_option);
  }
}

TEST(Ipv6Chain, UnknownOptionsSayWhatToDoAboutThem) {
  const auto of_type = [](std::uint8_t type) { return walk(60, options(6, {1, 0, type, 2, 7, 7})); };
  EXPECT_TRUE(of_type(0x1e));
  const std::vector<std::pair<std::uint8_t, Answer>> rows{{std::uint8_t{0x5e}, Answer::none},
                                                          {std::uint8_t{0x9e}, Answer::always},
                                                          {std::uint8_t{0xde}, Answer::to_unicast}};
  for (const auto& [type, answer] : rows) {
    const auto refused = of_type(type);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().reason, ParseError::ip6_unknown_option);
    EXPECT_EQ(refused.error().answer, answer);
    EXPECT_EQ(refused.error().code, icmp6_code::kUnknownOption);
    EXPECT_EQ(refused.error().pointer, 44);
  }
}

TEST(Ipv6Chain, AJumboPayloadIsAnUnknownOption) {
  const auto refused = walk(0, options(6, {0xc2, 4, 0, 1, 0, 0}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().answer, Answer::to_unicast);
  EXPECT_EQ(refused.error().pointer, 42);
}

TEST(Ipv6Chain, PaddingIsShortAndBlank) {
  EXPECT_TRUE(walk(60, options(6, {0, 0, 0, 0, 0, 0})));
  EXPECT_EQ(walk(60, options(6, {1, 4, 0, 0, 0, 1})).error().reason, ParseError::ip6_bad_option);
  EXPECT_EQ(walk(60, options(6, Octets{1, 12} + Octets(12))).error().reason, ParseError::ip6_bad_option);
  EXPECT_EQ(walk(60, options(6, Octets(14))).error().reason, ParseError::ip6_bad_option);
  // Seven bytes before an option and seven behind it are fine.
  EXPECT_TRUE(walk(60, options(6, {1, 5, 0, 0, 0, 0, 0, 0x1e, 0, 1, 3, 0, 0, 0})));
}

TEST(Ipv6Chain, ARouteThatGoesOnEndsHere) {
  for (unsigned type = 0; type < 256; ++type) {
    const auto routed = walk(43, {6, 0, static_cast<std::uint8_t>(type), 1, 0, 0, 0, 0});
    ASSERT_FALSE(routed);
    EXPECT_EQ(routed.error().reason, ParseError::ip6_routed);
    EXPECT_EQ(routed.error().answer, Answer::to_unicast);
    EXPECT_EQ(routed.error().code, icmp6_code::kErroneousField);
    EXPECT_EQ(routed.error().pointer, 42);
    EXPECT_TRUE(walk(43, {6, 0, static_cast<std::uint8_t>(type), 0, 0, 0, 0, 0}));
  }
}

TEST(Ipv6Chain, StopsBehindAFragmentHeader) {
  const auto chain = walk(60, padded(44) + Octets{60, 0, 0x05, 0xa1, 0xde, 0xad, 0xbe, 0xef} + Octets(8));
  ASSERT_TRUE(chain);
  ASSERT_TRUE(chain->fragment);
  EXPECT_EQ(chain->fragment->id, 0xdeadbeefU);
  EXPECT_EQ(chain->fragment->offset, 1440);
  EXPECT_TRUE(chain->fragment->more);
  EXPECT_EQ(chain->fragment->at, 48);
  EXPECT_EQ(chain->fragment->named_at, 40);
  EXPECT_EQ(chain->protocol, 60);
  EXPECT_EQ(chain->size, 56);
}

TEST(Ipv6Chain, GoesOnBehindAnAtomicFragment) {
  const Octets atomic{60, 0, 0, 0, 0, 0, 0, 7};
  const auto chain = walk(44, atomic + padded(17));
  ASSERT_TRUE(chain);
  EXPECT_TRUE(chain->fragment->is_atomic());
  EXPECT_EQ(chain->protocol, 17);
  EXPECT_EQ(chain->size, 56);
  EXPECT_EQ(walk(44, Octets{44, 0, 0, 0, 0, 0, 0, 7} + atomic).error().reason,
            ParseError::ip6_nested_fragment);
}

TEST(Ipv6Chain, IsBounded) {
  Octets eight;
  for (int i = 0; i < 7; ++i) eight = eight + padded(60);
  EXPECT_TRUE(walk(60, eight + padded(6)));
  EXPECT_EQ(walk(60, eight + padded(60) + padded(6)).error().reason, ParseError::ip6_chain_too_long);
  const auto large = [](std::uint8_t next) {
    Octets list = Octets{0x1e, 253} + Octets(253) + Octets{0x1e, 250} + Octets(250);
    return options(next, list + Octets{1, 1, 0});
  };
  const Octets kib = large(60) + large(6);
  ASSERT_EQ(kib.size(), 1024U);
  EXPECT_TRUE(walk(60, kib, {.extension_bytes_max = 1024}));
  EXPECT_EQ(walk(60, kib, {.extension_bytes_max = 1023}).error().reason, ParseError::ip6_chain_too_long);
  Octets nine;
  for (int i = 0; i < 9; ++i) nine = nine + Octets{0x1e, 0};
  EXPECT_EQ(walk(60, options(6, nine + Octets{1, 2, 0, 0})).error().reason, ParseError::ip6_chain_too_long);
}

TEST(Ipv6Chain, KnowsNoFurtherHeaders) {
  // Authentication and encapsulation (RFC 4302, RFC 4303), mobility and what was never assigned.
  for (const std::uint8_t kind : {std::uint8_t{50}, std::uint8_t{51}, std::uint8_t{135}, std::uint8_t{200}}) {
    const auto chain = walk(60, padded(kind) + Octets(16));
    ASSERT_TRUE(chain);
    EXPECT_EQ(chain->protocol, kind);
    EXPECT_EQ(chain->size, 48);
    EXPECT_EQ(chain->named_at, 40);
  }
}

}  // namespace
}  // namespace strata
