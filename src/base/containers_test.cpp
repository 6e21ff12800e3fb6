// The slab and the intrusive list: names that go stale, bounds, order, constant-time removal.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/rng.hpp"
#include "base/slab.hpp"

namespace strata {
namespace {

TEST(Slab, AStaleNameFindsNothing) {
  Slab<int, 4> slab(8);
  const std::uint32_t index = slab.emplace(5);
  const std::uint32_t generation = slab.generation(index);
  ASSERT_NE(slab.find(index, generation), nullptr);
  EXPECT_EQ(*slab.find(index, generation), 5);
  slab.erase(index);
  EXPECT_EQ(slab.find(index, generation), nullptr);
  EXPECT_EQ(slab.emplace(6), index);  // the slot is used again under a new name
  EXPECT_EQ(slab.find(index, generation), nullptr);
  EXPECT_EQ(*slab.find(index, slab.generation(index)), 6);
  EXPECT_EQ(slab.find(7, 0), nullptr);
  EXPECT_EQ(slab.find(Slab<int, 4>::kNone, 0), nullptr);
}

TEST(Slab, HasABoundAndSaysNo) {
  Slab<int, 4> slab(6);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(slab.emplace(i), static_cast<std::uint32_t>(i));
  EXPECT_EQ(slab.emplace(6), (Slab<int, 4>::kNone));
  EXPECT_EQ(slab.size(), slab.max_size());
  slab.erase(3);
  EXPECT_EQ(slab.emplace(7), 3U);
  Slab<int> none(0);
  EXPECT_EQ(none.emplace(1), Slab<int>::kNone);
}

TEST(Slab, AddressesAreStableAndObjectsAreDestroyed) {
  const auto alive = std::make_shared<int>(0);
  {
    Slab<std::shared_ptr<int>, 2> slab(100);
    const std::shared_ptr<int>* first = &slab[slab.emplace(alive)];
    for (int i = 0; i < 99; ++i) slab.emplace(alive);
    EXPECT_EQ(first, &slab[0]);
    slab.erase(50);
    EXPECT_EQ(alive.use_count(), 100);
    std::set<std::uint32_t> visited;
    slab.for_each([&](std::uint32_t index, std::shared_ptr<int>&) { visited.insert(index); });
    EXPECT_EQ(visited.size(), 99U);
    EXPECT_FALSE(visited.contains(50));
  }
  EXPECT_EQ(alive.use_count(), 1);
}

struct Item {
  int value = 0;
  ListHook<Item> hook;
};
using List = IntrusiveList<Item, &Item::hook>;

std::vector<int> values(const List& list) {
  std::vector<int> found;
  for (const Item* item = list.front(); item != nullptr; item = List::next(*item))
    found.push_back(item->value);
  return found;
}

TEST(IntrusiveList, KeepsOrderAndRemovesFromAnywhere) {
  Item items[5];
  List list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.pop_front(), nullptr);
  for (int i = 0; i < 5; ++i) {
    items[i].value = i;
    list.push_back(items[i]);
  }
  list.remove(items[2]);
  EXPECT_EQ(values(list), (std::vector{0, 1, 3, 4}));
  EXPECT_FALSE(List::contains(items[2]));
  list.remove(items[4]);
  list.push_back(items[2]);
  EXPECT_EQ(list.pop_front(), &items[0]);
  EXPECT_EQ(values(list), (std::vector{1, 3, 2}));
  while (list.pop_front() != nullptr) {
  }
  EXPECT_TRUE(list.empty());
  list.push_back(items[0]);
  EXPECT_EQ(values(list), (std::vector{0}));
}

TEST(IntrusiveListDeathTest, LinkingTwiceAborts) {
  Item item;
  List list;
  list.push_back(item);
  EXPECT_DEATH(list.push_back(item), "internal check failed");
}

}  // namespace
}  // namespace strata
