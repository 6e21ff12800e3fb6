// Who takes a SYN: an exact address before any address before any port.
#include "stack/listen_table.hpp"

#include <gtest/gtest.h>

namespace strata {
namespace {

constexpr Endpoint at(std::uint8_t host, std::uint16_t port) {
  return {.address = host == 0 ? IpAddress::any(Family::ipv4) : IpAddress::v4(10, 0, 0, host),
          .zone = 0,
          .port = port};
}

TEST(ListenTable, TheMostExactListenerWins) {
  ListenTable table(8);
  const std::uint32_t any_port = table.add(at(0, 0), true);
  const std::uint32_t any_address = table.add(at(0, 80), false);
  EXPECT_EQ(table.find(at(1, 80))->index, any_address);
  EXPECT_EQ(table.find(at(1, 81))->index, any_port);
  table.remove(any_address);
  const std::uint32_t exact = table.add(at(1, 80), false);
  EXPECT_EQ(table.find(at(1, 80))->index, exact);
  EXPECT_EQ(table.find(at(2, 80))->index, any_port);
  table.remove(any_port);
  EXPECT_EQ(table.find(at(2, 80)), nullptr);
}

TEST(ListenTable, PortsThatShareABucketAreToldApart) {
  ListenTable table(8);
  const std::uint32_t first = table.add(at(0, 80), false);
  const std::uint32_t second = table.add(at(0, 80 + 256), false);
  const std::uint32_t third = table.add(at(0, 80 + 512), false);
  EXPECT_EQ(table.find(at(1, 80))->index, first);
  EXPECT_EQ(table.find(at(1, 80 + 256))->index, second);
  table.remove(second);
  EXPECT_EQ(table.find(at(1, 80 + 256)), nullptr);
  EXPECT_EQ(table.find(at(1, 80))->index, first);
  EXPECT_EQ(table.find(at(1, 80 + 512))->index, third);
}

TEST(ListenTable, APlaceIsTakenOnce) {
  ListenTable table(8);
  table.add(at(1, 80), false);
  EXPECT_TRUE(table.is_taken(at(1, 80), false));
  EXPECT_TRUE(table.is_taken(at(0, 80), false));  // would cover it
  EXPECT_FALSE(table.is_taken(at(2, 80), false));
  EXPECT_FALSE(table.is_taken(at(1, 81), false));
  EXPECT_FALSE(table.is_taken(at(0, 0), true));
  table.add(at(0, 0), true);
  EXPECT_TRUE(table.is_taken(at(0, 0), true));
  EXPECT_FALSE(table.is_taken(at(1, 81), false));
}

TEST(ListenTable, SaysNoWhenFull) {
  ListenTable table(2);
  EXPECT_NE(table.add(at(0, 1), false), ListenTable::kNone);
  EXPECT_NE(table.add(at(0, 2), false), ListenTable::kNone);
  EXPECT_EQ(table.add(at(0, 3), false), ListenTable::kNone);
}

}  // namespace
}  // namespace strata
