#include "sim/drill/expectation.hpp"

#include <gtest/gtest.h>

#include "sim/drill/parser.hpp"
#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

Sent data(std::uint32_t seq, std::uint32_t length, std::uint16_t flags = tcp_flag::kAck) {
  WireSegment segment;
  segment.seq = seq;
  segment.length = length;
  segment.flags = flags;
  segment.ack = 1;
  segment.window = 100;
  return {.at = {}, .segment = segment, .flow = nullptr};
}

constexpr std::uint16_t kPush = tcp_flag::kAck | tcp_flag::kPsh;

TEST(DrillBurst, EqualSegmentsAndAShorterLastAreOne) {
  const std::deque<Sent> sent{data(1, 1000), data(1001, 1000), data(2001, 500, kPush), data(2501, 1000)};
  EXPECT_EQ(burst_size(sent, 2500), 3U);
  EXPECT_EQ(burst_size(sent, 1000), 1U);
  EXPECT_EQ(burst_size(sent, 2000), 2U);
  EXPECT_EQ(burst_size(sent, 9000), 3U) << "nothing follows a short one";
  EXPECT_EQ(merge(sent, 3).length, 2500U);
  EXPECT_EQ(merge(sent, 3).flags, kPush);
}

TEST(DrillBurst, AGapAnotherAckOrAnotherWindowEndsIt) {
  EXPECT_EQ(burst_size({data(1, 1000), data(1002, 1000)}, 2000), 1U);
  EXPECT_EQ(burst_size({data(1, 1000), data(1001, 1001)}, 2001), 1U) << "larger than the first";
  std::deque<Sent> sent{data(1, 1000), data(1001, 1000)};
  sent[1].segment.ack = 2;
  EXPECT_EQ(burst_size(sent, 2000), 1U);
  sent = {data(1, 1000), data(1001, 1000)};
  sent[1].segment.window = 99;
  EXPECT_EQ(burst_size(sent, 2000), 1U);
  EXPECT_EQ(burst_size({data(1, 1000), data(1001, 1000, tcp_flag::kAck | tcp_flag::kEce)}, 2000), 1U);
}

TEST(DrillBurst, FinEndsItAndCountsForTheWhole) {
  const std::deque<Sent> sent{data(1, 1000), data(1001, 1000, kPush | tcp_flag::kFin), data(2001, 1000)};
  EXPECT_EQ(burst_size(sent, 3000), 2U);
  EXPECT_EQ(merge(sent, 2).flags, kPush | tcp_flag::kFin);
}

/// How a segment differs from the one event of a script; "" when it does not.
std::string difference_from(std::string_view event, const WireSegment& actual) {
  const auto script = parse_script(event, {});
  const auto d = difference(std::get<PacketSpec>(script->events.at(0).what), actual, actual, nullptr, {});
  return d.value_or("");
}

TEST(DrillDifference, TheWindowCountsWhereItIsWritten) {
  const WireSegment segment = data(1, 10).segment;
  EXPECT_EQ(difference_from("+0 > . 1:11(10) ack 1", segment), "");
  EXPECT_EQ(difference_from("+0 > . 1:11(10) ack 1 win 100", segment), "");
  EXPECT_EQ(difference_from("+0 > . 1:11(10) ack 1 win 101", segment), "win: 100, not 101");
}

TEST(DrillDifference, OptionsHaveAnOrder) {
  WireSegment segment = data(1, 0).segment;
  segment.options = {{.kind = Option::Kind::no_operation},
                     {.kind = Option::Kind::timestamps, .numbers = {5, 6}}};
  EXPECT_EQ(difference_from("+0 > . 1:1(0) ack 1 <nop,TS val 999 ecr 6>", segment), "")
      << "the value is the stack's own";
  EXPECT_EQ(difference_from("+0 > . 1:1(0) ack 1 <nop,TS val 5 ecr 7>", segment), "TS ecr: 6, not 7");
  EXPECT_EQ(difference_from("+0 > . 1:1(0) ack 1 <TS val 5 ecr 6,nop>", segment),
            "options: <nop,TS val 5 ecr 6>, not <TS val 5 ecr 6,nop>");
  EXPECT_EQ(difference_from("+0 > . 1:1(0) ack 1 <...>", segment), "");
  EXPECT_EQ(difference_from("+0 > . 1:1(0) ack 1", segment), "options: <nop,TS val 5 ecr 6>, not <>");
}

TEST(DrillDifference, TheAceCounterIsThreeFlags) {
  WireSegment segment = data(1, 0, tcp_flag::kAck | tcp_flag::kAe | tcp_flag::kEce).segment;
  EXPECT_EQ(difference_from("+0 > .5 1:1(0) ack 1", segment), "");
  EXPECT_EQ(difference_from("+0 > .4 1:1(0) ack 1", segment), "ACE counter: 5, not 4");
  EXPECT_EQ(difference_from("+0 > . 1:1(0) ack 1", segment), "flags: EA., not .");
}

TEST(DrillDifference, AnySequenceNumberStillHasItsLength) {
  EXPECT_EQ(difference_from("+0 > . ...(10) ack 1", data(77, 10).segment), "");
  EXPECT_EQ(difference_from("+0 > . ...(9) ack 1", data(77, 10).segment), "length: 10, not 9");
}

}  // namespace
}  // namespace strata::drill
