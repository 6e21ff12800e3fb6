// The Range field: what is asked for, what is ignored, what cannot be had.
#include "application/http/byte_range.hpp"

#include <gtest/gtest.h>

namespace strata::http {
namespace {

using Ranges = std::vector<ByteRange>;

void expect_partial(std::string_view field, std::uint64_t size, const Ranges& ranges) {
  const RangeRequest request = parse_range(field, size);
  EXPECT_EQ(request.verdict, RangeVerdict::partial) << field;
  EXPECT_EQ(request.ranges, ranges) << field;
}

TEST(ByteRange, ReadsTheThreeForms) {
  expect_partial("bytes=0-0", 1000, {{0, 1}});
  expect_partial("bytes=500-999", 1000, {{500, 500}});
  expect_partial("bytes=500-", 1000, {{500, 500}});
  expect_partial("bytes=-1", 1000, {{999, 1}});
}

TEST(ByteRange, CutsWhatReachesBeyondTheEnd) {
  expect_partial("bytes=990-5000", 1000, {{990, 10}});
  expect_partial("bytes=-5000", 1000, {{0, 1000}});
}

TEST(ByteRange, ReadsAList) {
  expect_partial("bytes=0-1, ,5-6,-2", 1000, {{0, 2}, {5, 2}, {998, 2}});
  expect_partial("bytes=0-1,2000-", 1000, {{0, 2}});
}

TEST(ByteRange, SaysWhenNothingLiesInTheFile) {
  for (const char* field : {"bytes=1000-", "bytes=1000-1001", "bytes=-0", "bytes=1000-,5000-6000"}) {
    EXPECT_EQ(parse_range(field, 1000).verdict, RangeVerdict::unsatisfiable) << field;
  }
  EXPECT_EQ(parse_range("bytes=0-", 0).verdict, RangeVerdict::unsatisfiable);
}

TEST(ByteRange, IgnoresWhatItCannotRead) {
  for (const char* field :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "lines=0-1", "bytes=1", "bytes=0-1;2-3",
        "bytes=99999999999999999999-", "bytes=+1-2", "bytes= 1 - 2"}) {
    EXPECT_EQ(parse_range(field, 1000).verdict, RangeVerdict::whole) << field;
  }
}

TEST(ByteRange, IgnoresRequestsThatWouldMultiplyTheFile) {
  EXPECT_EQ(parse_range("bytes=0-,0-", 1000).verdict, RangeVerdict::whole);
  std::string many = "bytes=0-0";
  for (int i = 0; i < 20; ++i) many += ",1-1";
  EXPECT_EQ(parse_range(many, 1000).verdict, RangeVerdict::whole);
}

}  // namespace
}  // namespace strata::http
