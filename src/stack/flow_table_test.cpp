// The flow table against a model: collisions, wrap-around of probe chains, growth, deletion that leaves no
// tombstones.
#include "stack/flow_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/rng.hpp"

namespace strata {
namespace {

tcp::FlowKey flow(std::uint32_t remote, std::uint16_t port) {
  return {.local = {.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 80},
          .remote = {.address = IpAddress::v4(remote), .zone = 0, .port = port}};
}

bool contains(const FlowTable& table, std::uint32_t hash, std::uint32_t slot) {
  return table.find(hash, [&](std::uint32_t found) { return found == slot; }) == slot;
}

TEST(FlowHash, DependsOnTheKeyAndOnEveryPart) {
  std::set<std::uint32_t> hashes;
  tcp::FlowKey swapped = flow(1, 2);
  std::swap(swapped.local, swapped.remote);
  tcp::FlowKey zoned = flow(1, 2);
  zoned.local.zone = 1;
  for (const auto& key : {flow(1, 2), flow(1, 3), flow(2, 2), swapped, zoned})
    hashes.insert(flow_hash({3, 5}, key));
  hashes.insert(flow_hash({3, 7}, flow(1, 2)));
  hashes.insert(flow_hash({5, 5}, flow(1, 2)));
  EXPECT_EQ(hashes.size(), 7U);
}

TEST(FlowHash, SpreadsNeighbouringFlows) {
  std::map<std::uint32_t, int> buckets;
  for (std::uint16_t port = 0; port < 8192; ++port) ++buckets[flow_hash({3, 5}, flow(7, port)) % 1024];
  for (const auto& [bucket, count] : buckets) EXPECT_LT(count, 40) << bucket;
}

TEST(FlowTable, EqualHashesAreToldApartByTheirOwner) {
  FlowTable table;
  for (std::uint32_t slot = 0; slot < 10; ++slot) ASSERT_TRUE(table.insert(42, slot));
  for (std::uint32_t slot = 0; slot < 10; ++slot) EXPECT_TRUE(contains(table, 42, slot));
  table.erase(42, 3);
  EXPECT_FALSE(contains(table, 42, 3));
  for (std::uint32_t slot : {0U, 2U, 4U, 9U}) EXPECT_TRUE(contains(table, 42, slot));
  EXPECT_EQ(table.size(), 9U);
}

TEST(FlowTable, ASlotCanBeExchanged) {
  FlowTable table;
  ASSERT_TRUE(table.insert(7, 1));
  table.replace(7, 1, 5 | FlowTable::kTimeWaitBit);
  EXPECT_FALSE(contains(table, 7, 1));
  EXPECT_TRUE(contains(table, 7, 5 | FlowTable::kTimeWaitBit));
}

// Chains that run over the end of the array, and holes in their middle.
TEST(FlowTable, ChainsWrapAndCloseUp) {
  FlowTable table;
  const std::uint32_t last = 1023;
  for (std::uint32_t slot = 0; slot < 8; ++slot) ASSERT_TRUE(table.insert(last - slot % 2, slot));
  ASSERT_TRUE(table.insert(0, 100));  // pushed behind the chain
  ASSERT_TRUE(table.insert(2, 101));
  for (const std::uint32_t gone : {0U, 5U, 2U, 7U}) {
    table.erase(last - gone % 2, gone);
    EXPECT_TRUE(contains(table, 0, 100));
    EXPECT_TRUE(contains(table, 2, 101));
  }
  for (const std::uint32_t left : {1U, 3U, 4U, 6U}) EXPECT_TRUE(contains(table, last - left % 2, left));
  EXPECT_EQ(table.find(5, [](std::uint32_t) { return true; }), FlowTable::kNone);
}

TEST(FlowTable, BehavesLikeAMap) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Xoshiro rng(seed);
    FlowTable table;
    std::map<std::uint32_t, std::uint32_t> model;  // slot to hash
    for (int step = 0; step < 50'000; ++step) {
      const std::uint32_t slot = below(rng, 3000);
      const auto found = model.find(slot);
      if (found == model.end()) {
        const std::uint32_t hash = below(rng, 500) * 7;  // many collisions
        ASSERT_TRUE(table.insert(hash, slot)) << "seed " << seed;
        model[slot] = hash;
      } else {
        ASSERT_TRUE(contains(table, found->second, slot)) << "seed " << seed;
        table.erase(found->second, slot);
        model.erase(found);
      }
      ASSERT_EQ(table.size(), model.size());
    }
    for (const auto& [slot, hash] : model) EXPECT_TRUE(contains(table, hash, slot)) << "seed " << seed;
  }
}

TEST(FlowTable, GrowsWithoutLosingAnybody) {
  FlowTable table;
  Xoshiro rng(1);
  std::map<std::uint32_t, std::uint32_t> model;
  for (std::uint32_t slot = 0; slot < 100'000; ++slot) {
    model[slot] = static_cast<std::uint32_t>(rng.next_u64());
    ASSERT_TRUE(table.insert(model[slot], slot));
  }
  for (const auto& [slot, hash] : model) ASSERT_TRUE(contains(table, hash, slot));
}

}  // namespace
}  // namespace strata
