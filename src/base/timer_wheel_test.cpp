// The timing wheel against a sorted list: everything fires, nothing early, nothing late, whatever the order
// of calls.
#include "base/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/rng.hpp"

namespace strata {
namespace {

Instant at(std::int64_t nanos) { return Instant::from_nanos(nanos); }

std::vector<std::uint32_t> pop_all(TimerWheel& wheel, Instant now) {
  std::vector<std::uint32_t> owners;
  while (const WheelNode* node = wheel.pop_due(now)) owners.push_back(node->owner);
  std::ranges::sort(owners);
  return owners;
}

TEST(TimerWheel, FiresExactlyOnTheNanosecond) {
  for (const std::int64_t when :
       {std::int64_t{1}, std::int64_t{63}, std::int64_t{64}, std::int64_t{65}, std::int64_t{4096},
        std::int64_t{1'000'000'007}, std::int64_t{7'200'000'000'001}}) {
    TimerWheel wheel;
    WheelNode node;
    wheel.file(node, at(when));
    EXPECT_EQ(wheel.pop_due(at(when - 1)), nullptr) << when;
    EXPECT_EQ(wheel.pop_due(at(when)), &node) << when;
    EXPECT_FALSE(node.linked);
    EXPECT_TRUE(wheel.next_deadline().is_never());
  }
}

TEST(TimerWheel, APastDeadlineIsDueAtOnce) {
  TimerWheel wheel;
  WheelNode node;
  EXPECT_EQ(wheel.pop_due(at(1'000'000)), nullptr);
  wheel.file(node, at(5));
  EXPECT_LE(wheel.next_deadline(), at(1'000'000));
  EXPECT_EQ(wheel.pop_due(at(1'000'000)), &node);
}

TEST(TimerWheel, FilingAgainMoves) {
  TimerWheel wheel;
  WheelNode node;
  wheel.file(node, at(100));
  wheel.file(node, at(50));
  EXPECT_EQ(wheel.size(), 1U);
  EXPECT_EQ(wheel.pop_due(at(50)), &node);
  wheel.file(node, at(200));
  wheel.file_if_earlier(node, at(300));
  wheel.file_if_earlier(node, Instant::never());
  EXPECT_EQ(node.filed, at(200));
  wheel.file_if_earlier(node, at(150));
  EXPECT_EQ(node.filed, at(150));
  wheel.remove(node);
  EXPECT_EQ(wheel.size(), 0U);
  EXPECT_EQ(wheel.pop_due(at(1000)), nullptr);
}

TEST(TimerWheel, WaitsBeyondItsHorizon) {
  TimerWheel wheel;
  WheelNode node;
  const Instant century = at(0) + Duration::seconds(std::int64_t{100} * 365 * 86'400);
  wheel.file(node, century);
  EXPECT_LE(wheel.next_deadline(), century);
  EXPECT_EQ(wheel.pop_due(century - Duration::nanos(1)), nullptr);
  EXPECT_EQ(wheel.pop_due(century), &node);
}

TEST(TimerWheel, IsExactAcrossTheEndOfItsTopLevel) {
  TimerWheel wheel;
  const Instant end = at(std::int64_t{1} << 60);
  EXPECT_EQ(wheel.pop_due(end - Duration::millis(1)), nullptr);
  WheelNode node;
  wheel.file(node, end + Duration::millis(1));
  EXPECT_EQ(wheel.pop_due(end + Duration::nanos(999'999)), nullptr);
  EXPECT_EQ(wheel.pop_due(end + Duration::millis(1)), &node);
}

/// The model: deadlines in a sorted map.
class WheelModel {
 public:
  explicit WheelModel(std::uint64_t seed) : rng_(seed), nodes_(64) {
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) nodes_[i].owner = i;
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFatalFailure(); ++i) step();
  }

 private:
  void step() {
    const std::uint32_t owner = below(rng_, static_cast<std::uint32_t>(nodes_.size()));
    switch (below(rng_, 4)) {
      case 0:
      case 1: {
        const std::uint32_t bits = below(rng_, 45);
        const Instant when =
            now_ + Duration::nanos(static_cast<std::int64_t>(rng_.next_u64() >> (63 - bits)) - 10);
        wheel_.file(nodes_[owner], when);
        deadlines_[owner] = when;
        break;
      }
      case 2:
        if (nodes_[owner].linked) wheel_.remove(nodes_[owner]);
        deadlines_.erase(owner);
        break;
      default: advance();
    }
    ASSERT_EQ(wheel_.size(), deadlines_.size());
    check_next_deadline();
  }

  void advance() {
    const std::uint32_t bits = below(rng_, 45);
    now_ = below(rng_, 3) == 0
               ? std::max(now_, earliest())
               : now_ + Duration::nanos(static_cast<std::int64_t>(rng_.next_u64() >> (63 - bits)));
    if (now_.is_never()) now_ = last_;
    last_ = now_;
    std::vector<std::uint32_t> expected;
    for (const auto& [owner, when] : deadlines_) {
      if (when <= now_) expected.push_back(owner);
    }
    for (const std::uint32_t owner : expected) deadlines_.erase(owner);
    ASSERT_EQ(pop_all(wheel_, now_), expected);
  }

  Instant earliest() const {
    Instant first = Instant::never();
    for (const auto& [owner, when] : deadlines_) first = std::min(first, when);
    return first;
  }

  void check_next_deadline() const {
    ASSERT_EQ(wheel_.next_deadline().is_never(), deadlines_.empty());
    if (deadlines_.empty()) return;
    ASSERT_LE(wheel_.next_deadline(), std::max(earliest(), now_)) << "late";
    if (earliest() > now_) {
      ASSERT_GT(wheel_.next_deadline(), now_) << "no progress";
    }
  }

  Xoshiro rng_;
  TimerWheel wheel_;
  std::vector<WheelNode> nodes_;
  std::map<std::uint32_t, Instant> deadlines_;
  Instant now_;
  Instant last_;
};

TEST(TimerWheel, EqualsASortedListUnderRandomUse) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    WheelModel(seed).run(2000);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace strata
