// Places in a ring against a plain table.
#include "transport/tcp/loss/bit_ring.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.hpp"

namespace strata::tcp {
namespace {

std::optional<std::size_t> next_in(const std::vector<bool>& table, std::size_t place) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::size_t at = (place + i) % table.size();
    if (table[at]) return at;
  }
  return std::nullopt;
}

TEST(BitRing, FindsTheNextOneGoingRound) {
  for (const std::size_t places : {std::size_t{8}, std::size_t{64}, std::size_t{128}, std::size_t{8192}}) {
    BitRing ring(places);
    std::vector<bool> table(places);
    Xoshiro random(places);
    for (int step = 0; step < 2000; ++step) {
      const auto at = static_cast<std::size_t>(random.next_u64() % places);
      if (random.next_u64() % 3 == 0) {
        ring.insert(at);
        table[at] = true;
      } else {
        ring.erase(at);
        table[at] = false;
      }
      const auto from = static_cast<std::size_t>(random.next_u64() % places);
      ASSERT_EQ(ring.next(from), next_in(table, from)) << places << " places, from " << from;
    }
    ring.clear();
    EXPECT_EQ(ring.next(0), std::nullopt);
  }
}

TEST(BitRing, HoldsItsLargest) {
  BitRing ring(BitRing::kLargest);
  ring.insert(BitRing::kLargest - 1);
  EXPECT_EQ(ring.next(0), BitRing::kLargest - 1);
  ring.insert(0);
  EXPECT_EQ(ring.next(1), BitRing::kLargest - 1);
  ring.erase(BitRing::kLargest - 1);
  EXPECT_EQ(ring.next(1), 0U);
}

}  // namespace
}  // namespace strata::tcp
