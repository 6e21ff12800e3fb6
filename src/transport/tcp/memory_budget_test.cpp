// The marks on the memory of a stack (Linux's tcp_mem), without a connection.
#include "transport/tcp/memory_budget.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "buf/slice.hpp"

namespace strata::tcp {
namespace {

/// A pool of 1600 blocks of 1024 bytes, of which the test takes as many as it likes.
class Blocks {
 public:
  buf::BlockPool pool{1024, 1600};
  Counters counters;

  void take(std::size_t count) {
    held_.resize(std::min(held_.size(), count));
    while (held_.size() < count) held_.push_back(buf::Slice::adopt(pool.allocate(), 0, 0));
  }

 private:
  std::vector<buf::Slice> held_;
};

TEST(MemoryBudget, KnowsItsLevels) {
  Blocks blocks;
  MemoryBudget budget(blocks.pool, {.low = 50, .pressure = 100, .high = 200}, blocks.counters);
  struct Row {
    std::size_t blocks;
    MemoryLevel level;
  };
  for (const Row& row :
       {Row{0, MemoryLevel::ample}, Row{400, MemoryLevel::ample}, Row{401, MemoryLevel::pressure},
        Row{800, MemoryLevel::pressure}, Row{801, MemoryLevel::full}, Row{1500, MemoryLevel::full},
        Row{1501, MemoryLevel::exhausted}}) {
    blocks.take(row.blocks);
    EXPECT_EQ(budget.level(), row.level) << row.blocks;
  }
}

TEST(MemoryBudget, PressureLastsUntilItIsBelowTheFirstMark) {
  Blocks blocks;
  MemoryBudget budget(blocks.pool, {.low = 50, .pressure = 100, .high = 200}, blocks.counters);
  blocks.take(300);
  EXPECT_TRUE(budget.may_grow());
  blocks.take(500);
  EXPECT_FALSE(budget.may_grow());
  blocks.take(300);
  EXPECT_FALSE(budget.may_grow());
  blocks.take(200);
  EXPECT_TRUE(budget.may_grow());
  blocks.take(300);
  EXPECT_TRUE(budget.may_grow());
  EXPECT_EQ(blocks.counters[Counter::tcp_memory_pressures], 1U);
}

TEST(MemoryBudget, MarksBeyondThePoolAreCutToIt) {
  Blocks blocks;
  MemoryBudget budget(blocks.pool, {.low = 1U << 20, .pressure = 1U << 20, .high = 1U << 20},
                      blocks.counters);
  blocks.take(1000);
  EXPECT_EQ(budget.level(), MemoryLevel::ample);
  blocks.take(1001);
  EXPECT_EQ(budget.level(), MemoryLevel::pressure);
  blocks.take(1201);
  EXPECT_EQ(budget.level(), MemoryLevel::full);
}

TEST(MemoryBudget, MarksMayChangeWhileItRuns) {
  Blocks blocks;
  MemoryBudget budget(blocks.pool, {.low = 50, .pressure = 100, .high = 200}, blocks.counters);
  blocks.take(300);
  EXPECT_EQ(budget.level(), MemoryLevel::ample);
  EXPECT_EQ(budget.room(), 500U * 1024);
  EXPECT_EQ(budget.share(), 200U * 1024);
  budget.set_marks({.low = 10, .pressure = 20, .high = 30});
  EXPECT_EQ(budget.level(), MemoryLevel::full);
  EXPECT_EQ(budget.room(), 0U);
}

}  // namespace
}  // namespace strata::tcp
