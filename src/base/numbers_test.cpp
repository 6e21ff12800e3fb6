// Sequence numbers, time, random bits, hashes, byte order, token buckets: the values below everything else.
#include <gtest/gtest.h>

#include <array>
#include <type_traits>

#include "base/byte_order.hpp"
#include "base/rng.hpp"
#include "base/seq_num.hpp"
#include "base/siphash.hpp"
#include "base/token_bucket.hpp"
#include "strata/config.hpp"
#include "strata/time.hpp"

namespace strata {
namespace {

template <class T>
concept Ordered = requires(T a, T b) { a < b; };
static_assert(!Ordered<SeqNum>, "modular order is no order to sort by");

TEST(SeqNum, ComparesAcrossTheWrap) {
  const SeqNum high(0xffff'fff0U);
  const SeqNum low(0x10);
  EXPECT_TRUE(high.before(low));
  EXPECT_TRUE(low.after(high));
  EXPECT_EQ(low - high, 0x20);
  EXPECT_EQ(high - low, -0x20);
  EXPECT_EQ(high + 0x20U, low);
  EXPECT_EQ(low - 0x20U, high);
  EXPECT_EQ(bytes_between(high, low), 0x20U);
  EXPECT_EQ(later(high, low), low);
  EXPECT_EQ(earlier(high, low), high);
  EXPECT_TRUE(high.at_or_before(high));
  EXPECT_TRUE(high.at_or_after(high));
  EXPECT_FALSE(high.before(high));
}

TEST(SeqNum, TheFarthestDistanceIsOneWayOnly) {
  const SeqNum zero(0);
  EXPECT_TRUE(zero.before(SeqNum(0x7fff'ffffU)));
  EXPECT_TRUE(zero.after(SeqNum(0x8000'0001U)));
}

TEST(SeqNum, WindowsMayWrap) {
  const SeqNum first(0xffff'ffffU);
  EXPECT_TRUE(first.in_window(first, 1));
  EXPECT_FALSE(SeqNum(0).in_window(first, 1));
  EXPECT_TRUE(SeqNum(0).in_window(first, 2));
  EXPECT_FALSE((first - 1U).in_window(first, 0x7fff'ffffU));
  EXPECT_FALSE(first.in_window(first, 0));
}

TEST(Time, SaturatesInsteadOfWrapping) {
  EXPECT_TRUE((Instant::never() + Duration::seconds(1)).is_never());
  EXPECT_TRUE((Instant::never() + Duration::seconds(-1)).is_never());
  EXPECT_TRUE((Instant::from_nanos(1) + Duration::nanos(INT64_MAX)).is_never());
  EXPECT_EQ(Instant::from_nanos(5) + Duration::nanos(-3), Instant::from_nanos(2));
  EXPECT_EQ(Instant::from_nanos(5) - Instant::from_nanos(8), Duration::nanos(-3));
  EXPECT_EQ(Duration::seconds(2) / 4, Duration::millis(500));
  EXPECT_EQ((Duration::millis(3) * 7).count_micros(), 21'000);
}

// The vectors of the authors' reference implementation: key 00 01 ... 0f, message 00 01 ... of each length.
TEST(SipHash, GivesTheReferenceVectors) {
  constexpr std::uint64_t kExpected[] = {
      0x726f'db47'dd0e'0e31U, 0x74f8'39c5'93dc'67fdU, 0x0d6c'8009'd9a9'4f5aU, 0x8567'6696'd7fb'7e2dU,
      0xcf27'94e0'2771'87b7U, 0x1876'5564'cd99'a68dU, 0xcbc9'466e'58fe'e3ceU, 0xab02'00f5'8b01'd137U,
      0x93f5'f579'9a93'2462U, 0x9e00'82df'0ba9'e4b0U, 0x7a5d'bbc5'94dd'b9f3U, 0xf4b3'2f46'226b'ada7U,
      0x751e'8fbc'860e'e5fbU, 0x14ea'5627'c084'3d90U, 0xf723'ca90'8e7a'f2eeU, 0xa129'ca61'49be'45e5U};
  const SipKey key{.k0 = 0x0706'0504'0302'0100U, .k1 = 0x0f0e'0d0c'0b0a'0908U};
  std::array<std::uint8_t, 16> message;
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(siphash24(key, Bytes(message).first(size)), kExpected[size]) << size;
    message[size] = static_cast<std::uint8_t>(size);
  }
}

// A seed gives the same numbers on every compiler and in every version.
TEST(Rng, ASeedFixesTheNumbers) {
  Xoshiro first(42);
  Xoshiro second(42);
  Xoshiro other(43);
  int equal_to_other = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t value = first.next_u64();
    EXPECT_EQ(value, second.next_u64());
    equal_to_other += value == other.next_u64() ? 1 : 0;
  }
  EXPECT_EQ(equal_to_other, 0);
  EXPECT_EQ(Xoshiro(0).next_u64(), 0x99ec'5f36'cb75'f2b4U);
}

TEST(Rng, BelowStaysBelowAndReachesEverything) {
  Xoshiro rng(7);
  std::array<int, 6> seen{};
  for (int i = 0; i < 6000; ++i) ++seen[below(rng, 6)];
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(below(rng, 1), 0U);
}

TEST(Rng, ChanceIsInPartsPerMillion) {
  Xoshiro rng(7);
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += chance(rng, 20'000) ? 1 : 0;
  EXPECT_NEAR(hits, 2000, 200);
  EXPECT_FALSE(chance(rng, 0));
  EXPECT_TRUE(chance(rng, 1'000'000));
}

TEST(Entropy, FromSeedIsRepeatable) {
  EXPECT_EQ(Entropy::from_seed(1).words, Entropy::from_seed(1).words);
  EXPECT_NE(Entropy::from_seed(1).words, Entropy::from_seed(2).words);
}

TEST(ByteOrder, LoadsAndStoresBigEndianAtAnyAddress) {
  std::array<std::uint8_t, 9> bytes{0xff};
  store_be(bytes.data() + 1, std::uint64_t{0x0102'0304'0506'0708});
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 9>{0xff, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(load_be<std::uint16_t>(bytes.data() + 1), 0x0102);
  EXPECT_EQ(load_be<std::uint32_t>(bytes.data() + 3), 0x0304'0506U);
  EXPECT_EQ(load_be<std::uint8_t>(bytes.data() + 8), 8);
}

TEST(TokenBucket, GivesABurstAndThenTheRate) {
  const auto at = [](std::int64_t millis) { return Instant::from_nanos(0) + Duration::millis(millis); };
  const auto take_all = [](TokenBucket& bucket, Instant now) {
    int taken = 0;
    while (bucket.take(now)) ++taken;
    return taken;
  };
  TokenBucket bucket(100, 5);
  EXPECT_EQ(take_all(bucket, at(0)), 5);
  EXPECT_EQ(take_all(bucket, at(9)), 0);
  EXPECT_EQ(take_all(bucket, at(10)), 1);
  EXPECT_EQ(take_all(bucket, at(25)), 1);  // half a token is kept
  EXPECT_EQ(take_all(bucket, at(30)), 1);
  EXPECT_EQ(take_all(bucket, at(1'000'000)), 5);
  EXPECT_EQ(take_all(bucket, at(500'000)), 0);  // time that runs back earns nothing
  TokenBucket nothing(0, 5);
  EXPECT_FALSE(nothing.take(at(1000)));
  TokenBucket no_burst(5, 0);
  EXPECT_FALSE(no_burst.take(at(1000)));
}

}  // namespace
}  // namespace strata
