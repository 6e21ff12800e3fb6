// The small mechanisms of TCP, each alone: timers, window arithmetic, the timestamp clock, initial sequence
// numbers, the limiter of challenge ACKs, the ACK policy, and the edges of the state diagram.
#include <gtest/gtest.h>

#include <set>

#include "transport/tcp/ack_policy.hpp"
#include "transport/tcp/challenge_ack.hpp"
#include "transport/tcp/isn.hpp"
#include "transport/tcp/state.hpp"
#include "transport/tcp/timers.hpp"
#include "transport/tcp/timestamps.hpp"
#include "transport/tcp/window.hpp"

namespace strata::tcp {
namespace {

constexpr Instant at(Duration d) { return Instant::from_nanos(0) + d; }

TEST(TimerTable, KnowsTheEarliest) {
  TimerTable timers;
  EXPECT_TRUE(timers.next().is_never());
  timers.arm(Timer::retransmit, at(Duration::seconds(5)));
  timers.arm(Timer::delayed_ack, at(Duration::seconds(2)));
  EXPECT_EQ(timers.next(), at(Duration::seconds(2)));
  EXPECT_TRUE(timers.is_due(Timer::delayed_ack, at(Duration::seconds(2))));
  EXPECT_FALSE(timers.is_due(Timer::retransmit, at(Duration::seconds(4))));
  timers.stop(Timer::delayed_ack);
  EXPECT_EQ(timers.next(), at(Duration::seconds(5)));
  EXPECT_FALSE(timers.is_armed(Timer::delayed_ack));
  timers.stop_all();
  EXPECT_TRUE(timers.next().is_never());
}

TEST(WindowShift, IsTheSmallestThatExpressesTheBuffer) {
  struct Row {
    std::uint32_t buffer;
    int shift;
  };
  for (const Row& row : {Row{1, 0}, Row{65'535, 0}, Row{65'536, 1}, Row{131'071, 1}, Row{1U << 20, 5},
                         Row{(1U << 30) - 1, 14}, Row{0xffff'ffff, 14}}) {
    EXPECT_EQ(WindowShift::for_buffer(row.buffer).value(), row.shift) << row.buffer;
  }
}

TEST(WindowShift, LargerShiftsCountAsFourteen) {  // RFC 7323 §2.3
  EXPECT_EQ(WindowShift(15).value(), 14);
  EXPECT_EQ(WindowShift(255).to_bytes(0xffff), 0xffffU << 14);
}

TEST(WindowShift, RoundsDown) {
  const WindowShift shift(7);
  EXPECT_EQ(shift.to_field(127), 0);
  EXPECT_EQ(shift.to_field(1000), 7);
  EXPECT_EQ(shift.to_field(0xffff'ffff), 0xffff);
}

TEST(WindowShift, CanRoundUp) {
  const WindowShift shift(7);
  EXPECT_EQ(shift.to_field_above(127), 1);
  EXPECT_EQ(shift.to_field_above(1024), 8);
  EXPECT_EQ(shift.to_field_above(1025), 9);
}

// RFC 9293 §3.8.6.2.2, on either side of the wrap.
TEST(RightEdge, MovesInStepsWorthASegmentAndNeverBack) {
  for (const std::uint32_t base : {0U, 0xffff'fc00U, 0x7fff'fc00U}) {
    const SeqNum rcv_nxt(base);
    const SeqNum edge(base + 5000);
    EXPECT_EQ(next_right_edge(rcv_nxt, edge, 5000, 10'000, 1460), edge);
    EXPECT_EQ(next_right_edge(rcv_nxt, edge, 4000, 10'000, 1460), edge);
    EXPECT_EQ(next_right_edge(rcv_nxt, edge, 6459, 10'000, 1460), edge);
    EXPECT_EQ(next_right_edge(rcv_nxt, edge, 6460, 10'000, 1460), rcv_nxt + 6460);
    EXPECT_EQ(next_right_edge(rcv_nxt, edge, 5500, 1000, 1460), rcv_nxt + 5500);  // half of a small buffer
  }
}

TEST(TimestampClock, TicksInMilliseconds) {
  EXPECT_EQ(timestamp_value(at(Duration::millis(7)), 100), 107U);
  EXPECT_EQ(timestamp_value(at(Duration::millis(2)), 0xffff'ffff), 1U);
}

TEST(TimestampState, AnOlderStampIsStale) {
  TimestampState ts;
  EXPECT_FALSE(ts.is_stale(5, at({})));
  ts.start(0xffff'fff0, at({}));
  EXPECT_TRUE(ts.is_stale(0xffff'ffef, at({})));
  EXPECT_FALSE(ts.is_stale(0xffff'fff0, at({})));
  EXPECT_FALSE(ts.is_stale(3, at({})));  // beyond the wrap is later
}

TEST(TimestampState, AfterTwentyFourDaysNothingIsStale) {  // RFC 7323 §5.5
  TimestampState ts;
  ts.start(1000, at({}));
  EXPECT_TRUE(ts.is_stale(999, at(Duration::seconds(23LL * 86'400))));
  EXPECT_FALSE(ts.is_stale(999, at(Duration::seconds(24LL * 86'400))));
}

TEST(TimestampState, OnlyASegmentAtTheLastAckPointIsRemembered) {  // RFC 7323 §4.3
  TimestampState ts;
  ts.start(10, at({}));
  ts.update(20, SeqNum(501), SeqNum(500), at({}));
  EXPECT_EQ(ts.recent(), 10U);
  ts.update(20, SeqNum(500), SeqNum(500), at({}));
  EXPECT_EQ(ts.recent(), 20U);
  ts.update(15, SeqNum(500), SeqNum(500), at({}));
  EXPECT_EQ(ts.recent(), 20U);
}

FlowKey flow(std::uint16_t local_port, std::uint16_t remote_port = 80) {
  return {.local = {.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = local_port},
          .remote = {.address = IpAddress::v4(10, 0, 0, 2), .zone = 0, .port = remote_port}};
}

TEST(InitialSequenceNumber, AdvancesByOneEveryFourMicroseconds) {  // RFC 6528 §3
  const SipKey key{1, 2};
  const SeqNum first = initial_sequence_number(key, flow(1000), at({}));
  EXPECT_EQ(initial_sequence_number(key, flow(1000), at(Duration::micros(400))), first + 100);
  EXPECT_EQ(initial_sequence_number(key, flow(1000), at(Duration::seconds(1))), first + 250'000);
}

TEST(InitialSequenceNumber, DependsOnTheKeyAndOnEveryPartOfTheFlow) {
  std::set<std::uint32_t> numbers;
  FlowKey other_address = flow(1000);
  other_address.remote.address = IpAddress::v4(10, 0, 0, 3);
  for (const FlowKey& key : {flow(1000), flow(1001), flow(1000, 81), flow(80, 1000), other_address}) {
    numbers.insert(initial_sequence_number({1, 2}, key, at({})).raw());
    numbers.insert(timestamp_offset({1, 2}, key));
  }
  numbers.insert(initial_sequence_number({1, 3}, flow(1000), at({})).raw());
  EXPECT_EQ(numbers.size(), 11U);
}

TEST(ChallengeLimiter, AllowsABoundedNumberPerSecond) {
  ChallengeLimiter limiter(100, 7);
  for (int second = 0; second < 5; ++second) {
    int allowed = 0;
    for (int i = 0; i < 1000; ++i)
      allowed += limiter.allow(at(Duration::seconds(second) + Duration::micros(i))) ? 1 : 0;
    EXPECT_GE(allowed, 50);
    EXPECT_LT(allowed, 150);
  }
}

TEST(ChallengeLimiter, TheLevelVaries) {  // so that nobody can count what others used
  ChallengeLimiter limiter(1000, 7);
  std::set<int> levels;
  for (int second = 0; second < 10; ++second) {
    int allowed = 0;
    while (limiter.allow(at(Duration::seconds(second)))) ++allowed;
    levels.insert(allowed);
  }
  EXPECT_GT(levels.size(), 5U);
}

TEST(ChallengeLimiter, ZeroMeansNone) {
  ChallengeLimiter limiter(0, 7);
  EXPECT_FALSE(limiter.allow(at({})));
}

TEST(AckPolicy, EightQuickOnesThenEverySecond) {
  AckPolicy policy;
  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(policy.on_data(1, Cause::none));
    EXPECT_EQ(policy.owed(), Cause::ack_push);
    policy.on_ack_sent();
  }
  EXPECT_TRUE(policy.on_data(1, Cause::none));
  EXPECT_EQ(policy.owed(), Cause::none);
  EXPECT_FALSE(policy.on_data(1, Cause::none));
  EXPECT_EQ(policy.owed(), Cause::ack_second_segment);
}

TEST(AckPolicy, TheFirstCauseStays) {
  AckPolicy policy;
  policy.ack_now(Cause::fin_arrived);
  policy.ack_now(Cause::ack_duplicate);
  EXPECT_EQ(policy.owed(), Cause::fin_arrived);
}

TEST(AckPolicy, DuplicatesAreCountedAndBounded) {
  AckPolicy policy;
  for (int i = 0; i < 3; ++i) policy.on_out_of_order();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(policy.duplicate_owed());
    policy.on_duplicate_sent();
  }
  EXPECT_FALSE(policy.duplicate_owed());
  for (int i = 0; i < 100'000; ++i) policy.on_out_of_order();
  int owed = 0;
  for (; policy.duplicate_owed(); ++owed) policy.on_duplicate_sent();
  EXPECT_LE(owed, 1024);
}

TEST(StateDiagram, HasTheEdgesOfTheRfc) {  // RFC 9293 §3.3.2, figure 5
  using enum TcpState;
  int edges = 0;
  for (int from = 0; from <= static_cast<int>(time_wait); ++from) {
    EXPECT_TRUE(is_edge(static_cast<State>(from), closed));
    for (int to = 1; to <= static_cast<int>(time_wait); ++to) {
      edges += is_edge(static_cast<State>(from), static_cast<State>(to)) ? 1 : 0;
    }
  }
  EXPECT_EQ(edges, 18);
  EXPECT_TRUE(is_edge(syn_sent, syn_received));
  EXPECT_FALSE(is_edge(established, time_wait));
  EXPECT_FALSE(is_edge(close_wait, fin_wait_1));
  EXPECT_FALSE(is_edge(time_wait, established));
}

}  // namespace
}  // namespace strata::tcp
