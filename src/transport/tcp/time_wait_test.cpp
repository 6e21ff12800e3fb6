// TIME-WAIT as a compact record: what it answers (RFC 9293 §3.10.7.4, RFC 1337, RFC 6191) and the table that
// holds it.
#include "transport/tcp/time_wait.hpp"

#include <gtest/gtest.h>

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {
namespace {

using namespace tcp_flag;

constexpr Instant at(std::int64_t seconds) { return Instant::from_nanos(0) + Duration::seconds(seconds); }

class TimeWait : public testing::TestWithParam<std::uint32_t> {
 protected:
  static SeqNum number(std::int32_t offset) {
    return SeqNum(GetParam() + static_cast<std::uint32_t>(offset));
  }
  static TimeWaitRecord record(bool stamped = false) {
    TimeWaitRecord result;
    result.snd_nxt = SeqNum(5000);
    result.rcv_nxt = number(0);
    if (stamped) {
      result.ts_recent = 700;
      result.ts_offset = 1;
    }
    return result;
  }
  static Segment segment(std::uint16_t flags, std::int32_t offset, std::uint32_t size = 0) {
    Segment result;
    result.seq = number(offset);
    result.flags = flags;
    result.payload_size = size;
    return result;
  }
  static Segment syn(std::int32_t offset, std::optional<std::uint32_t> stamp = std::nullopt) {
    Segment result = segment(kSyn, offset);
    if (stamp) result.options.timestamps = TcpTimestamps{.value = *stamp, .echo = 0};
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(From, TimeWait, testing::Values(1000U, 0xffff'ffffU, 0x8000'0000U));

TEST_P(TimeWait, ARepeatedFinIsAnsweredAndWaitsAnew) {
  EXPECT_EQ(process_time_wait(record(), segment(kFin | kAck, -1)), TimeWaitVerdict::answer);
  EXPECT_EQ(process_time_wait(record(), segment(kFin | kAck, -101, 100)), TimeWaitVerdict::answer);
}

TEST_P(TimeWait, AResetDoesNotEndIt) {  // RFC 1337 §3, fix F1
  for (const std::int32_t offset : {-1, 0, 1}) {
    EXPECT_EQ(process_time_wait(record(), segment(kRst, offset)), TimeWaitVerdict::drop);
    EXPECT_EQ(process_time_wait(record(), segment(kRst | kAck, offset)), TimeWaitVerdict::drop);
  }
}

TEST_P(TimeWait, TheLastAckIsTheLastWord) {
  EXPECT_EQ(process_time_wait(record(), segment(kAck, 0)), TimeWaitVerdict::drop);
}

TEST_P(TimeWait, WhatHasNoAckIsDropped) {  // RFC 9293 §3.10.7.4, fifth check
  EXPECT_EQ(process_time_wait(record(), segment(0, 0, 10)), TimeWaitVerdict::drop);
  EXPECT_EQ(process_time_wait(record(), segment(kFin, 0)), TimeWaitVerdict::drop);
}

TEST_P(TimeWait, AnythingOutOfPlaceIsAcknowledged) {
  EXPECT_EQ(process_time_wait(record(), segment(kAck, -5)), TimeWaitVerdict::acknowledge);
  EXPECT_EQ(process_time_wait(record(), segment(kAck, 5)), TimeWaitVerdict::acknowledge);
  EXPECT_EQ(process_time_wait(record(), segment(kAck, 0, 10)), TimeWaitVerdict::acknowledge);
  EXPECT_EQ(process_time_wait(record(), segment(kFin | kAck, 100)), TimeWaitVerdict::acknowledge);
  EXPECT_EQ(process_time_wait(record(), segment(kSyn | kAck, 1000)), TimeWaitVerdict::acknowledge);
}

TEST_P(TimeWait, ANewSynIsToldByItsNumber) {  // RFC 9293 §3.6.1
  EXPECT_EQ(process_time_wait(record(), syn(1)), TimeWaitVerdict::reuse);
  EXPECT_EQ(process_time_wait(record(), syn(1'000'000)), TimeWaitVerdict::reuse);
  EXPECT_EQ(process_time_wait(record(), syn(0)), TimeWaitVerdict::acknowledge);
  EXPECT_EQ(process_time_wait(record(), syn(-10)), TimeWaitVerdict::acknowledge);
}

TEST_P(TimeWait, OrByItsStamp) {  // RFC 6191 §2
  EXPECT_EQ(process_time_wait(record(true), syn(-10, 701)), TimeWaitVerdict::reuse);
  EXPECT_EQ(process_time_wait(record(true), syn(10, 699)), TimeWaitVerdict::acknowledge);
  EXPECT_EQ(process_time_wait(record(true), syn(10, 700)), TimeWaitVerdict::reuse);
  EXPECT_EQ(process_time_wait(record(true), syn(-10, 700)), TimeWaitVerdict::acknowledge);
  EXPECT_EQ(process_time_wait(record(true), syn(10)), TimeWaitVerdict::reuse);
}

TEST_P(TimeWait, TheAnswerSaysWhatWeHave) {
  const TxSegment bare = time_wait_ack(record(), at(2));
  EXPECT_EQ(bare.flags, kAck);
  EXPECT_EQ(bare.seq, SeqNum(5000));
  EXPECT_EQ(bare.ack, number(0));
  EXPECT_FALSE(bare.options.timestamps);
  const TxSegment stamped = time_wait_ack(record(true), at(2));
  EXPECT_EQ(stamped.options.timestamps, (TcpTimestamps{.value = 2001, .echo = 700}));
}

FlowKey flow(std::uint16_t port) {
  return {.local = {.address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = 80},
          .remote = {.address = IpAddress::v4(10, 0, 0, 2), .zone = 0, .port = port}};
}

TEST(TimeWaitTable, ExpiresInTheOrderOfTheList) {
  TimeWaitTable table(10);
  const TcpConfig config;
  EXPECT_TRUE(table.next_expiry().is_never());
  std::uint32_t index[3];
  for (std::uint16_t i = 0; i < 3; ++i) index[i] = table.add(Tcb(flow(i), {}, config), i, at(60 + i));
  EXPECT_EQ(table.next_expiry(), at(60));
  EXPECT_EQ(table.oldest(), index[0]);
  table.restart(index[0], at(100));
  EXPECT_EQ(table.oldest(), index[1]);
  table.remove(index[1]);
  EXPECT_EQ(table.next_expiry(), at(62));
  table.remove(index[2]);
  EXPECT_EQ(table.next_expiry(), at(100));
  table.remove(index[0]);
  EXPECT_EQ(table.size(), 0U);
  EXPECT_TRUE(table.next_expiry().is_never());
}

TEST(TimeWaitTable, RestartingTheOnlyOneKeepsTheList) {
  TimeWaitTable table(10);
  const std::uint32_t index = table.add(Tcb(flow(1), {}, {}), 1, at(60));
  table.restart(index, at(70));
  EXPECT_EQ(table.oldest(), index);
  EXPECT_EQ(table.next_expiry(), at(70));
}

TEST(TimeWaitTable, SaysNoWhenFull) {
  TimeWaitTable table(2);
  EXPECT_NE(table.add(Tcb(flow(1), {}, {}), 1, at(60)), TimeWaitTable::kNone);
  EXPECT_NE(table.add(Tcb(flow(2), {}, {}), 2, at(60)), TimeWaitTable::kNone);
  EXPECT_EQ(table.add(Tcb(flow(3), {}, {}), 3, at(60)), TimeWaitTable::kNone);
}

TEST(TimeWaitTable, RemembersBothEndsAndNumbers) {
  TimeWaitTable table(2);
  Tcb tcb(flow(4711), {}, {});
  tcb.snd_nxt = SeqNum(10);
  tcb.rcv_nxt = SeqNum(20);
  tcb.flow_number = 3;
  const TimeWaitRecord& record = table[table.add(tcb, 77, at(60))];
  EXPECT_EQ(record.key(), flow(4711));
  EXPECT_EQ(record.snd_nxt, SeqNum(10));
  EXPECT_EQ(record.rcv_nxt, SeqNum(20));
  EXPECT_EQ(record.hash, 77U);
  EXPECT_EQ(record.flow_number, 3U);
}

}  // namespace
}  // namespace strata::tcp
