// The search tree against a sorted set, in random and in adverse orders.
#include "base/ordered_tree.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "base/rng.hpp"

namespace strata {
namespace {

struct Item {
  int key = 0;
  TreeHook<Item> hook;
};
struct Before {
  bool operator()(const Item& a, const Item& b) const { return a.key < b.key; }
};
using Tree = OrderedTree<Item, &Item::hook, Before>;

/// The largest key of the set that is at most `key`; -1: there is none.
int last_at_most(const std::set<int>& keys, int key) {
  const auto after = keys.upper_bound(key);
  return after == keys.begin() ? -1 : *std::prev(after);
}

void expect_equal(const Tree& tree, const std::set<int>& keys, int probes) {
  ASSERT_EQ(tree.empty(), keys.empty());
  if (keys.empty()) return;
  EXPECT_EQ(tree.first()->key, *keys.begin());
  EXPECT_EQ(tree.last()->key, *keys.rbegin());
  for (int probe = 0; probe < probes; ++probe) {
    const Item* const found = tree.last_that([probe](const Item& item) { return item.key <= probe; });
    EXPECT_EQ(found == nullptr ? -1 : found->key, last_at_most(keys, probe));
  }
}

TEST(OrderedTree, HoldsWhatASetHolds) {
  constexpr int kItems = 200;
  std::vector<Item> items(kItems);
  for (int i = 0; i < kItems; ++i) items[static_cast<std::size_t>(i)].key = i;
  Tree tree;
  std::set<int> keys;
  Xoshiro random(1);
  for (int step = 0; step < 5000; ++step) {
    const auto at = static_cast<std::size_t>(random.next_u64() % kItems);
    if (keys.insert(items[at].key).second) {
      tree.insert(items[at]);
    } else {
      tree.erase(items[at]);
      keys.erase(items[at].key);
    }
    if (step % 50 == 0) expect_equal(tree, keys, kItems);
  }
  for (const int key : std::set<int>(keys)) {
    tree.erase(items[static_cast<std::size_t>(key)]);
    keys.erase(key);
    expect_equal(tree, keys, 0);
  }
}

TEST(OrderedTree, IsShallowWhateverTheOrder) {
  constexpr int kItems = 1 << 15;
  for (const int stride : {1, kItems - 1, 7919}) {
    std::vector<Item> items(kItems);
    Tree tree;
    for (int i = 0; i < kItems; ++i) {
      items[static_cast<std::size_t>(i)].key = static_cast<int>(std::int64_t{i} * stride % kItems);
      tree.insert(items[static_cast<std::size_t>(i)]);
    }
    int looks = 0;
    (void)tree.last_that([&looks](const Item& item) {
      ++looks;
      return item.key <= kItems / 2;
    });
    EXPECT_LE(looks, 30) << stride;
  }
}

}  // namespace
}  // namespace strata
