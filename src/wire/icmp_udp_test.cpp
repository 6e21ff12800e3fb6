// ICMPv4 and UDP: truncation, lengths that lie, checksums.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "wire/icmp.hpp"
#include "wire/udp.hpp"

namespace strata {
namespace {

TEST(Icmp, ReadsTheEchoThatItWrites) {
  std::array<std::uint8_t, 64> buffer{};
  const IcmpEcho echo{.reply = false, .id = 77, .sequence = 3, .payload = as_bytes("abc")};
  ASSERT_EQ(echo.write(buffer), 11U);
  const auto view = IcmpView::parse(Bytes(buffer).first(11));
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->checksum_ok());
  EXPECT_EQ(view->type(), icmp_type::kEchoRequest);
  EXPECT_EQ(view->id(), 77);
  EXPECT_EQ(view->sequence(), 3);
  EXPECT_EQ(as_text(view->payload()), "abc");
  EXPECT_FALSE(view->is_error());
}

TEST(Icmp, WritesErrorsWithTheirQuote) {
  std::array<std::uint8_t, 64> buffer{};
  const IcmpUnreachable unreachable{
      .code = icmp_code::kFragmentationNeeded, .mtu = 1400, .quoted = as_bytes("quoted!!")};
  ASSERT_EQ(unreachable.write(buffer), 16U);
  const auto view = IcmpView::parse(Bytes(buffer).first(16));
  ASSERT_TRUE(view);
  EXPECT_TRUE(view->checksum_ok());
  EXPECT_TRUE(view->is_error());
  EXPECT_EQ(view->code(), icmp_code::kFragmentationNeeded);
  EXPECT_EQ(view->mtu(), 1400);
  EXPECT_EQ(as_text(view->quoted()), "quoted!!");
}

TEST(Icmp, SendsAnMtuOnlyWhereOneBelongs) {
  std::array<std::uint8_t, 8> buffer{};
  IcmpUnreachable{.code = icmp_code::kPort, .mtu = 1400, .quoted = {}}.write(buffer);
  EXPECT_EQ(IcmpView::parse(buffer)->rest_of_header(), 0U);
  IcmpTimeExceeded{.code = 1, .quoted = {}}.write(buffer);
  EXPECT_EQ(IcmpView::parse(buffer)->type(), icmp_type::kTimeExceeded);
  EXPECT_EQ(IcmpView::parse(buffer)->code(), 1);
}

TEST(Icmp, RefusesEveryTruncationAndSeesEveryBitError) {
  std::array<std::uint8_t, 16> buffer{};
  IcmpEcho{.reply = true, .id = 1, .sequence = 2, .payload = as_bytes("12345678")}.write(buffer);
  for (std::size_t size = 0; size < IcmpView::kHeaderSize; ++size) {
    EXPECT_EQ(IcmpView::parse(Bytes(buffer).first(size)).error(), ParseError::icmp_truncated);
  }
  for (std::size_t bit = 0; bit < buffer.size() * 8; ++bit) {
    std::array<std::uint8_t, 16> broken = buffer;
    broken[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(IcmpView::parse(broken)->checksum_ok()) << bit;
  }
}

std::vector<std::uint8_t> datagram(std::uint16_t length, std::size_t size) {
  std::vector<std::uint8_t> bytes(size, 0x5a);
  UdpHeader{.src_port = 9999, .dst_port = 53, .length = length, .checksum = 0x1234}.write(bytes.data());
  return bytes;
}

TEST(Udp, ReadsWhatItWrites) {
  const std::vector<std::uint8_t> bytes = datagram(12, 12);
  const auto view = UdpView::parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->src_port(), 9999);
  EXPECT_EQ(view->dst_port(), 53);
  EXPECT_EQ(view->length(), 12);
  EXPECT_EQ(view->checksum(), 0x1234);
  EXPECT_EQ(view->payload().size(), 4U);
}

TEST(Udp, RefusesEveryTruncation) {
  const std::vector<std::uint8_t> bytes = datagram(12, 12);
  for (std::size_t size = 0; size < UdpView::kSize; ++size) {
    EXPECT_EQ(UdpView::parse(Bytes(bytes).first(size)).error(), ParseError::udp_truncated);
  }
}

TEST(Udp, RefusesLengthsThatLie) {
  for (const std::uint16_t length : std::vector<std::uint16_t>{0, 1, 7, 13, 65535}) {
    EXPECT_EQ(UdpView::parse(datagram(length, 12)).error(), ParseError::udp_bad_length) << length;
  }
}

TEST(Udp, IgnoresPaddingAndCountsPayloadBehindTheHead) {
  EXPECT_EQ(UdpView::parse(datagram(9, 12))->payload().size(), 1U);
  const std::vector<std::uint8_t> head = datagram(1000, 20);
  const auto view = UdpView::parse(head, 1000);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload_size(), 992U);
  EXPECT_EQ(view->payload().size(), 12U);
}

TEST(Udp, NeverSendsTheChecksumThatMeansNone) {
  EXPECT_EQ(udp_checksum_field(0), 0xffff);
  EXPECT_EQ(udp_checksum_field(1), 1);
}

}  // namespace
}  // namespace strata
