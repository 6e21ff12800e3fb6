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
  const std::uint32_t any_port = table.add({.local = at(0, 0), .any_port = true});
  const std::uint32_t any_address = table.add({.local = at(0, 80)});
  EXPECT_EQ(table.find(at(1, 80))->index, any_address);
  EXPECT_EQ(table.find(at(1, 81))->index, any_port);
  table.remove(any_address);
  const std::uint32_t exact = table.add({.local = at(1, 80)});
  EXPECT_EQ(table.find(at(1, 80))->index, exact);
  EXPECT_EQ(table.find(at(2, 80))->index, any_port);
  table.remove(any_port);
  EXPECT_EQ(table.find(at(2, 80)), nullptr);
}

TEST(ListenTable, PortsThatShareABucketAreToldApart) {
  ListenTable table(8);
  const std::uint32_t first = table.add({.local = at(0, 80)});
  const std::uint32_t second = table.add({.local = at(0, 80 + 256)});
  const std::uint32_t third = table.add({.local = at(0, 80 + 512)});
  EXPECT_EQ(table.find(at(1, 80))->index, first);
  EXPECT_EQ(table.find(at(1, 80 + 256))->index, second);
  table.remove(second);
  EXPECT_EQ(table.find(at(1, 80 + 256)), nullptr);
  EXPECT_EQ(table.find(at(1, 80))->index, first);
  EXPECT_EQ(table.find(at(1, 80 + 512))->index, third);
}

TEST(ListenTable, APlaceIsTakenOnce) {
  ListenTable table(8);
  table.add({.local = at(1, 80)});
  EXPECT_TRUE(table.is_taken({.local = at(1, 80)}));
  EXPECT_TRUE(table.is_taken({.local = at(0, 80)}));  // would cover it
  EXPECT_FALSE(table.is_taken({.local = at(2, 80)}));
  EXPECT_FALSE(table.is_taken({.local = at(1, 81)}));
  EXPECT_FALSE(table.is_taken({.local = at(0, 0), .any_port = true}));
  table.add({.local = at(0, 0), .any_port = true});
  EXPECT_TRUE(table.is_taken({.local = at(0, 0), .any_port = true}));
  EXPECT_FALSE(table.is_taken({.local = at(1, 81)}));
}

TEST(ListenTable, SaysNoWhenFull) {
  ListenTable table(2);
  EXPECT_NE(table.add({.local = at(0, 1)}), ListenTable::kNone);
  EXPECT_NE(table.add({.local = at(0, 2)}), ListenTable::kNone);
  EXPECT_EQ(table.add({.local = at(0, 3)}), ListenTable::kNone);
}

}  // namespace
}  // namespace strata
