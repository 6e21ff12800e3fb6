// IPv4: lengths that lie, wrong checksums, padding, super-segments, options.
#include "wire/ipv4.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strata {
namespace {

using Octets = std::vector<std::uint8_t>;

constexpr Ipv4Header kHeader{.src = IpAddress::v4(10, 77, 0, 1),
                             .dst = IpAddress::v4(10, 77, 0, 2),
                             .protocol = kProtocolTcp,
                             .ttl = 63,
                             .dscp = 10,
                             .ecn = 1,
                             .id = 0x1234,
                             .dont_fragment = true,
                             .total_length = 28};

Octets packet_of(const Ipv4Header& header, std::size_t size) {
  Octets packet(size, 0x5a);
  header.write(packet.data());
  return packet;
}

void fix_checksum(Octets& packet) {
  const std::size_t header = std::size_t{packet[0] & 0x0fU} * 4;
  store_be(packet.data() + 10, std::uint16_t{0});
  InternetChecksum sum;
  sum.add(Bytes(packet).first(std::min(header, packet.size())));
  store_be(packet.data() + 10, sum.finish());
}

/// The reason why a packet is refused after one byte was set and the checksum put right.
ParseError error_with(std::size_t at, std::uint8_t value) {
  Octets packet = packet_of(kHeader, 28);
  packet[at] = value;
  fix_checksum(packet);
  const auto view = Ipv4View::parse(packet);
  EXPECT_FALSE(view);
  return view ? ParseError::eth_runt : view.error();
}

TEST(Ipv4, ReadsWhatItWrites) {
  const Octets packet = packet_of(kHeader, 28);
  const auto view = Ipv4View::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->src(), kHeader.src);
  EXPECT_EQ(view->dst(), kHeader.dst);
  EXPECT_EQ(view->protocol(), kProtocolTcp);
  EXPECT_EQ(view->ttl(), 63);
  EXPECT_EQ(view->dscp(), 10);
  EXPECT_EQ(view->ecn(), 1);
  EXPECT_EQ(view->id(), 0x1234);
  EXPECT_TRUE(view->dont_fragment());
  EXPECT_FALSE(view->is_fragment());
  EXPECT_EQ(view->header_size(), 20U);
  EXPECT_EQ(view->total_length(), 28U);
  EXPECT_EQ(view->payload_size(), 8U);
  EXPECT_EQ(view->payload().size(), 8U);
  EXPECT_TRUE(view->options().empty());
}

TEST(Ipv4, RefusesEveryTruncationOfItsHeader) {
  const Octets packet = packet_of(kHeader, 28);
  for (std::size_t size = 0; size < 20; ++size) {
    const auto view = Ipv4View::parse(Bytes(packet).first(size));
    ASSERT_FALSE(view);
    EXPECT_EQ(view.error(), ParseError::ip_truncated);
  }
}

TEST(Ipv4, RefusesOtherVersions) {
  for (const int version : {0, 3, 5, 6, 15}) {
    EXPECT_EQ(error_with(0, static_cast<std::uint8_t>(version << 4 | 5)), ParseError::ip_bad_version);
  }
}

TEST(Ipv4, RefusesHeaderLengthsBelowFive) {
  for (std::uint8_t words = 0; words < 5; ++words) {
    EXPECT_EQ(error_with(0, 0x40 | words), ParseError::ip_bad_header_length);
  }
}

TEST(Ipv4, RefusesAHeaderThatEndsBehindThePacket) {
  EXPECT_EQ(error_with(0, 0x4f), ParseError::ip_truncated);
}

TEST(Ipv4, RefusesATotalLengthThatLies) {
  for (const std::uint8_t total : Octets{0, 19, 29, 255}) {
    EXPECT_EQ(error_with(3, total), ParseError::ip_bad_total_length) << int{total};
  }
}

TEST(Ipv4, RefusesEverySingleBitErrorInItsHeader) {
  for (std::size_t bit = 0; bit < 20 * 8; ++bit) {
    Octets packet = packet_of(kHeader, 28);
    packet[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(Ipv4View::parse(packet)) << bit;
  }
}

TEST(Ipv4, TrimsLinkPadding) {
  const Octets packet = packet_of(kHeader, 46);
  const auto view = Ipv4View::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload().size(), 8U);
}

TEST(Ipv4, CountsPayloadBehindTheHeadOfASuperSegment) {
  Ipv4Header header = kHeader;
  header.total_length = 60000;
  const Octets head = packet_of(header, 52);
  const auto view = Ipv4View::parse(head, 60000);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload_size(), 59980U);
  EXPECT_EQ(view->payload().size(), 32U);
  EXPECT_EQ(Ipv4View::parse(head, 59999).error(), ParseError::ip_bad_total_length);
}

TEST(Ipv4, TakesTotalLengthZeroOnlyBeyond65535) {
  Ipv4Header header = kHeader;
  header.total_length = 0;
  const Octets head = packet_of(header, 52);
  EXPECT_EQ(Ipv4View::parse(head, 65535).error(), ParseError::ip_bad_total_length);
  EXPECT_EQ(Ipv4View::parse(head, 70000)->payload_size(), 69980U);
}

TEST(Ipv4, KnowsFragments) {
  Octets packet = packet_of(kHeader, 28);
  store_be(packet.data() + 6, std::uint16_t{0x2003});
  fix_checksum(packet);
  const auto view = Ipv4View::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->is_fragment());
  EXPECT_TRUE(view->more_fragments());
  EXPECT_EQ(view->fragment_offset(), 24U);
}

TEST(Ipv4, ShowsItsOptions) {
  Octets packet = packet_of(kHeader, 28);
  packet[0] = 0x46;
  fix_checksum(packet);
  const auto view = Ipv4View::parse(packet);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->options().size(), 4U);
  EXPECT_EQ(view->payload_size(), 4U);
}

TEST(Ipv4Options, AcceptsPaddingAndSkipsUnknownKinds) {
  for (const Octets& options :
       {Octets{}, Octets{0, 0xff}, Octets{1, 1, 1, 0}, Octets{7, 3, 4, 1}, Octets{94, 2, 94, 2}}) {
    const auto found = parse_ipv4_options(options);
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->source_route);
  }
}

TEST(Ipv4Options, FindsSourceRoutes) {
  EXPECT_TRUE(parse_ipv4_options(Octets{1, 131, 7, 4, 10, 0, 0, 1})->source_route);
  EXPECT_TRUE(parse_ipv4_options(Octets{137, 3, 4, 0})->source_route);
}

TEST(Ipv4Options, RefusesLengthsThatWouldLoopOrLeadPastTheEnd) {
  for (const Octets& options :
       {Octets{7, 0, 0, 0}, Octets{7, 1, 0, 0}, Octets{7, 5, 0, 0}, Octets{1, 1, 1, 7}}) {
    const auto found = parse_ipv4_options(options);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error(), ParseError::ip_bad_option);
  }
}

}  // namespace
}  // namespace strata
