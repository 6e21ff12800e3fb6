// Ethernet and ARP: what is accepted, what is refused and why, and that writing and reading agree.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "wire/arp.hpp"
#include "wire/ethernet.hpp"

namespace strata {
namespace {

constexpr MacAddress kOurs{{2, 0, 0, 0, 0, 2}};
constexpr MacAddress kTheirs{{2, 0, 0, 0, 0, 1}};

TEST(Ethernet, ReadsWhatItWrites) {
  std::vector<std::uint8_t> frame(EthernetHeader::kSize + 3, 0xaa);
  EthernetHeader{.dst = kOurs, .src = kTheirs, .type = kEtherTypeArp}.write(frame.data());
  const auto view = EthernetView::parse(frame);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->dst(), kOurs);
  EXPECT_EQ(view->src(), kTheirs);
  EXPECT_EQ(view->type(), kEtherTypeArp);
  EXPECT_EQ(view->payload().size(), 3U);
}

TEST(Ethernet, RefusesEveryRunt) {
  const std::array<std::uint8_t, EthernetHeader::kSize> frame{};
  for (std::size_t size = 0; size < frame.size(); ++size) {
    const auto view = EthernetView::parse(Bytes(frame).first(size));
    ASSERT_FALSE(view) << size;
    EXPECT_EQ(view.error(), ParseError::eth_runt);
  }
}

class Arp : public testing::Test {
 protected:
  Arp() { packet_.write(bytes_.data()); }
  ParseError error() const {
    const auto view = ArpView::parse(bytes_);
    EXPECT_FALSE(view);
    return view ? ParseError::eth_runt : view.error();
  }

  ArpPacket packet_{.operation = kArpReply,
                    .sender_mac = kTheirs,
                    .sender_ip = IpAddress::v4(10, 77, 0, 1),
                    .target_mac = kOurs,
                    .target_ip = IpAddress::v4(10, 77, 0, 2)};
  std::array<std::uint8_t, ArpPacket::kSize> bytes_{};
};

TEST_F(Arp, ReadsWhatItWrites) {
  const auto view = ArpView::parse(bytes_);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->operation(), kArpReply);
  EXPECT_EQ(view->sender_mac(), packet_.sender_mac);
  EXPECT_EQ(view->sender_ip(), packet_.sender_ip);
  EXPECT_EQ(view->target_mac(), packet_.target_mac);
  EXPECT_EQ(view->target_ip(), packet_.target_ip);
}

TEST_F(Arp, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < bytes_.size(); ++size) {
    const auto view = ArpView::parse(Bytes(bytes_).first(size));
    ASSERT_FALSE(view) << size;
    EXPECT_EQ(view.error(), ParseError::arp_truncated);
  }
}

TEST_F(Arp, RefusesForeignAddressSizes) {
  for (const std::size_t field : {4U, 5U}) {
    for (int size = 0; size < 256; ++size) {
      packet_.write(bytes_.data());
      if (bytes_[field] == size) continue;
      bytes_[field] = static_cast<std::uint8_t>(size);
      EXPECT_EQ(error(), ParseError::arp_bad_format);
    }
  }
}

TEST_F(Arp, RefusesOtherHardwareProtocolAndOperation) {
  for (const std::size_t field : {1U, 3U, 7U}) {
    packet_.write(bytes_.data());
    bytes_[field] = 9;
    EXPECT_EQ(error(), ParseError::arp_bad_format) << field;
  }
}

TEST(ParseErrors, EachHasACounterOfItsOwnName) {
  EXPECT_EQ(counter_of(ParseError::eth_runt), Counter::eth_runt);
  EXPECT_EQ(counter_of(ParseError::ip_bad_option), Counter::ip_bad_option);
  EXPECT_EQ(counter_of(ParseError::tcp_bad_option), Counter::tcp_bad_option);
}

}  // namespace
}  // namespace strata
