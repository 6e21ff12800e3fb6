// Amounts that people write, and what they must not write.
#include "obs/quantity.hpp"

#include <gtest/gtest.h>

namespace strata::obs {
namespace {

TEST(Quantity, ReadsPercents) {
  EXPECT_EQ(parse_percent("2%"), 20'000U);
  EXPECT_EQ(parse_percent("0.5%"), 5'000U);
  EXPECT_EQ(parse_percent("0.0001%"), 1U);
  EXPECT_EQ(parse_percent("100%"), 1'000'000U);
  for (const char* text : {"", "2", "%", "-1%", "100.1%", "1e1%", "2 %", "99999999999999999999%"}) {
    EXPECT_FALSE(parse_percent(text)) << text;
  }
}

TEST(Quantity, ReadsSizes) {
  EXPECT_EQ(parse_size("1500"), 1'500U);
  EXPECT_EQ(parse_size("64KiB"), 65'536U);
  EXPECT_EQ(parse_size("1.5MB"), 1'500'000U);
  for (const char* text : {"", "kB", "1 kB", "-1", "1kb"}) EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Quantity, ReadsDurations) {
  EXPECT_EQ(parse_duration("200ms"), Duration::millis(200));
  EXPECT_EQ(parse_duration("1.5s"), Duration::millis(1500));
  EXPECT_EQ(parse_duration("80us"), Duration::micros(80));
  EXPECT_EQ(parse_duration("0s"), Duration());
  for (const char* text : {"", "5", "5 s", "5min", "-5s", ".5s"}) EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Quantity, ReadsRates) {
  EXPECT_EQ(parse_rate("10mbit"), 10'000'000U);
  EXPECT_EQ(parse_rate("1.5gbit"), 1'500'000'000U);
  EXPECT_EQ(parse_rate("500kbit"), 500'000U);
  EXPECT_FALSE(parse_rate("fast"));
}

TEST(Quantity, WritesForPeople) {
  EXPECT_EQ(format_bytes(312), "312 bytes");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(std::uint64_t{1} << 30), "1.0 GiB");
  EXPECT_EQ(format_millis(Duration::micros(12'345)), "12.345");
}

}  // namespace
}  // namespace strata::obs
