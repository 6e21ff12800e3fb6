// Whose address is it: the table against what was put in.
#include "internet/address_table.hpp"

#include <gtest/gtest.h>

namespace strata::internet {
namespace {

TEST(AddressTable, KnowsItsAddressesAndNoOthers) {
  constexpr std::uint32_t kFirst = 0x0a63'0001;
  AddressTable table(256);
  for (std::uint32_t i = 0; i < 256; ++i) {
    table.add(IpAddress::v4(kFirst + i), static_cast<NicId>(1 + i % 3));
  }
  for (std::uint32_t i = 0; i < 256; ++i) {
    EXPECT_EQ(table.owner_of(IpAddress::v4(kFirst + i)), static_cast<NicId>(1 + i % 3)) << i;
    EXPECT_EQ(table.owner_of(IpAddress::v4(kFirst + 256 + i)), NicId::none) << i;
  }
  EXPECT_EQ(table.owner_of(IpAddress()), NicId::none);
}

TEST(AddressTable, FamiliesDoNotMeet) {
  AddressTable table(2);
  IpAddress::Octets octets{};
  octets[0] = 0xfd;
  octets[15] = 1;
  table.add(IpAddress::v6(octets), NicId{1});
  table.add(IpAddress::v4(0, 0, 0, 1), NicId{2});
  EXPECT_EQ(table.owner_of(IpAddress::v6(octets)), NicId{1});
  EXPECT_EQ(table.owner_of(IpAddress::v4(0, 0, 0, 1)), NicId{2});
  EXPECT_EQ(table.owner_of(IpAddress::v4(253, 0, 0, 1)), NicId::none);
}

}  // namespace
}  // namespace strata::internet
