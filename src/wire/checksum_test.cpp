// The Internet checksum against worked examples, in pieces, and changed in place.
#include "wire/checksum.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace strata {
namespace {

// RFC 1071 §3: the numerical example.
constexpr std::array<std::uint8_t, 8> kExample = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

TEST(Checksum, SumsTheExampleOfTheRfc) {
  InternetChecksum sum;
  sum.add(kExample);
  EXPECT_EQ(sum.folded(), 0xddf2);
  EXPECT_EQ(sum.finish(), 0x220d);
}

TEST(Checksum, OfNothingIsAllOnes) { EXPECT_EQ(InternetChecksum().finish(), 0xffff); }

TEST(Checksum, CountsAnOddLastByteAsTheHighHalfOfAWord) {
  InternetChecksum sum;
  sum.add(Bytes(kExample).first(3));
  EXPECT_EQ(sum.folded(), 0xf201);
}

TEST(Checksum, IsTheSameForEveryCutIntoPieces) {
  for (std::size_t first = 0; first <= kExample.size(); ++first) {
    for (std::size_t second = first; second <= kExample.size(); ++second) {
      InternetChecksum sum;
      sum.add(Bytes(kExample).first(first));
      sum.add(Bytes(kExample).subspan(first, second - first));
      sum.add(Bytes(kExample).subspan(second));
      EXPECT_EQ(sum.folded(), 0xddf2) << first << " " << second;
    }
  }
}

TEST(Checksum, AddsFieldsAsNumbers) {
  InternetChecksum sum;
  sum.add_u16(0x0001);
  sum.add_u32(0xf203'f4f5);
  sum.add_u16(0xf6f7);
  EXPECT_EQ(sum.folded(), 0xddf2);
}

TEST(Checksum, OfDataWithItsChecksumIsValid) {
  std::vector<std::uint8_t> data(kExample.begin(), kExample.end());
  data.push_back(0x22);
  data.push_back(0x0d);
  InternetChecksum sum;
  sum.add(data);
  EXPECT_TRUE(sum.is_valid());
}

TEST(Checksum, OfTheLargestWordsDoesNotOverflow) {
  for (const std::size_t size : {1460U, 65536U, 4U * 1024 * 1024}) {
    const std::vector<std::uint8_t> ones(size, 0xff);
    EXPECT_EQ(fold_checksum(sum_words(ones)), 0xffff) << size;
    EXPECT_EQ(fold_checksum(sum_words_portable(ones)), 0xffff) << size;
    const std::vector<std::uint8_t> zeros(size, 0);
    EXPECT_EQ(sum_words(zeros), 0U) << size;
  }
}

TEST(Checksum, PseudoHeaderOfIpv4) {
  const InternetChecksum sum = pseudo_header(IpAddress::v4(10, 77, 0, 1), IpAddress::v4(10, 77, 0, 2), 6, 20);
  EXPECT_EQ(sum.folded(), 0x0a4d + 0x0001 + 0x0a4d + 0x0002 + 6 + 20);
}

TEST(Checksum, PseudoHeaderOfIpv6CountsWholeAddresses) {
  IpAddress::Octets src{};
  src[0] = 0xfe;
  src[1] = 0x80;
  src[15] = 1;
  IpAddress::Octets dst{};
  dst[15] = 2;
  const InternetChecksum sum = pseudo_header(IpAddress::v6(src), IpAddress::v6(dst), 17, 0x0001'0000);
  EXPECT_EQ(sum.folded(), 0xfe80 + 1 + 2 + 17 + 1);
}

// RFC 1624 §4: the example where the older formula of RFC 1141 gives the wrong zero.
TEST(Checksum, UpdateGivesTheExampleOfTheRfc) { EXPECT_EQ(checksum_update(0xdd2f, 0x5555, 0x3285), 0x0000); }

}  // namespace
}  // namespace strata
