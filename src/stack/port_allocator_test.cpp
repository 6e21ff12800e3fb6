// Ephemeral ports (RFC 6056 §3.3.3): within the range, each once, from a start that nobody can guess.
#include "stack/port_allocator.hpp"

#include <gtest/gtest.h>

#include <set>

namespace strata {
namespace {

tcp::FlowKey to(std::uint8_t host) {
  return {.local = {.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 0},
          .remote = {.address = IpAddress::v4(10, 0, 1, host), .zone = 0, .port = 80}};
}

constexpr auto kAnyPort = [](std::uint16_t) { return true; };

TEST(PortAllocator, GivesEveryPortOfTheRangeOnce) {
  PortAllocator ports({1, 2}, 50'000, 50'099);
  std::set<std::uint16_t> given;
  for (int i = 0; i < 100; ++i) given.insert(*ports.choose(to(1), kAnyPort));
  EXPECT_EQ(given.size(), 100U);
  EXPECT_EQ(*given.begin(), 50'000);
  EXPECT_EQ(*given.rbegin(), 50'099);
}

TEST(PortAllocator, SkipsWhatIsTaken) {
  PortAllocator ports({1, 2}, 50'000, 50'099);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(ports.choose(to(1), [](std::uint16_t port) { return port == 50'042; }), 50'042);
}

TEST(PortAllocator, SaysWhenNoneIsLeft) {
  PortAllocator ports({1, 2}, 50'000, 50'099);
  int asked = 0;
  EXPECT_EQ(ports.choose(to(1), [&](std::uint16_t) { return ++asked == 0; }), std::nullopt);
  EXPECT_EQ(asked, 100);
}

TEST(PortAllocator, StartsElsewhereForEachDestinationAndKey) {
  std::set<std::uint16_t> firsts;
  for (std::uint8_t host = 0; host < 20; ++host)
    firsts.insert(*PortAllocator({1, 2}, 32'768, 60'999).choose(to(host), kAnyPort));
  for (std::uint64_t key = 0; key < 20; ++key)
    firsts.insert(*PortAllocator({key, 9}, 32'768, 60'999).choose(to(1), kAnyPort));
  EXPECT_GT(firsts.size(), 35U);
}

TEST(PortAllocator, ARangeOfOnePort) {
  PortAllocator ports({1, 2}, 65'535, 65'535);
  EXPECT_EQ(ports.choose(to(1), kAnyPort), 65'535);
}

TEST(PortAllocator, TheWholeRange) {
  PortAllocator ports({1, 2}, 0, 65'535);
  std::set<std::uint16_t> given;
  for (int i = 0; i < 65'536; ++i) given.insert(*ports.choose(to(1), kAnyPort));
  EXPECT_EQ(given.size(), 65'536U);
}

}  // namespace
}  // namespace strata
