// Urgent data (RFC 9293 §3.8.5, RFC 6093).
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/urgent_data.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

struct UrgentData : AnyNumbers {
  static Scene with_stdurg() {
    Scene scene = plain();
    scene.config.stdurg = true;
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, UrgentData, testing::ValuesIn(kStarts), name_of_start);

std::uint32_t before_mark(Script& t) {
  return urgent_mark(t.tcb()).value_or(UrgentMark{.before = 9999}).before;
}

// MUST-62.
TEST_P(UrgentData, ThePointerLeadsBehindTheLastOctet) {
  Script t(State::established, plain());
  EXPECT_EQ(t.try_send(10, {.urgent = true}), std::size_t{10});
  t.expect("PU. 1:11(10) urg 10");
}

TEST_P(UrgentData, EverySegmentBeforeTheMarkShowsIt) {
  Script t(State::established, plain());
  EXPECT_EQ(t.try_send(4000, {.urgent = true}), std::size_t{4000});
  t.expect("U. 1:1461(1460) urg 4000");
  t.expect("U. 1461:2921(1460) urg 2540");
  t.expect("PU. 2921:4001(1080) urg 1080");
}

TEST_P(UrgentData, IsNotLeftToADeviceToCut) {
  Scene scene = plain();
  scene.path.gso_max = 65'535;
  Script t(State::established, scene);
  EXPECT_EQ(t.try_send(4000, {.urgent = true}), std::size_t{4000});
  t.expect("U. 1:1461(1460) urg 4000");
  t.expect("U. 1461:2921(1460) urg 2540");
  t.expect("PU. 2921:4001(1080) urg 1080");
  t.peer(".  ack 4001");
  t.app_send(3000);
  t.expect("P. 4001:7001(3000) gso 1460");
}

// RFC 9293 §3.7.4: what is urgent does not wait for more, nor for an acknowledgment.
TEST_P(UrgentData, IsNotHeldBack) {
  Script t(State::established, plain());
  t.app_send(5);
  t.expect("P. 1:6(5)");
  EXPECT_EQ(t.try_send(1, {.more = true, .urgent = true}), std::size_t{1});
  t.expect("U. 6:7(1) urg 1");
  t.set([](TcpSettings& own) { own.cork = true; });
  EXPECT_EQ(t.try_send(1, {.urgent = true}), std::size_t{1});
  t.expect("PU. 7:8(1) urg 1");
}

TEST_P(UrgentData, DataBehindTheMarkHasNoPointer) {
  Script t(State::established, plain());
  EXPECT_EQ(t.try_send(3, {.urgent = true}), std::size_t{3});
  t.expect("PU. 1:4(3) urg 3");
  t.set([](TcpSettings& own) { own.nodelay = true; });
  t.app_send(3);
  t.expect("P. 4:7(3)");
  t.peer(".  ack 7");
  t.app_send(3);
  t.expect("P. 7:10(3)");
  EXPECT_FALSE(t.tcb().rare) << "paid for as long as it is used";
}

TEST_P(UrgentData, IsRetransmittedAsUrgent) {
  Script t(State::established, plain());
  EXPECT_EQ(t.try_send(10, {.urgent = true}), std::size_t{10});
  t.expect("PU. 1:11(10) urg 10");
  t.advance(t.rto());
  t.expect("PU. 1:11(10) urg 10 cause retransmit_rto");
}

// What cannot leave is announced all the same, by the ACKs and probes that do.
TEST_P(UrgentData, AClosedWindowDoesNotHideIt) {
  Script t(State::established, plain());
  t.peer(".  ack 1 win 0");
  EXPECT_EQ(t.try_send(100, {.urgent = true}), std::size_t{100});
  t.expect_nothing();
  t.peer("P. seq 1 len 10 win 0");
  t.expect("U. seq 1 len 0 ack 11 urg 100");
  t.app_read(10);
  t.advance(t.rto());
  t.expect("U. 1:2(1) urg 100 cause probe_zero_window");
}

// The field reaches 65535 octets far. As long as what it would mark has not left it may say so much.
TEST_P(UrgentData, AMarkBeyondThePointersReachIsShownAsFarAsItReaches) {
  Scene scene = plain();
  scene.config.send_buffer = 1U << 20;
  Script t(State::established, scene);
  EXPECT_EQ(t.try_send(100'000, {.urgent = true}), std::size_t{100'000});
  t.expect("U. 1:1461(1460) urg 65535");
}

// MUST-32: told at once, though the data is still on its way; and told again when the mark moves on.
TEST_P(UrgentData, TheReaderIsToldOfTheMarkBeforeTheData) {
  Script t(State::established, plain());
  (void)t.connection().take_events();
  t.peer("U. seq 1 len 10 urg 50");
  EXPECT_TRUE(any(t.connection().take_events() & Ready::urgent));
  EXPECT_TRUE(any(readiness(t.tcb(), t.context()) & Ready::urgent));
  EXPECT_EQ(before_mark(t), 49U);
  EXPECT_FALSE(urgent_mark(t.tcb())->is_here);
  t.peer("U. seq 11 len 10 urg 40");
  EXPECT_FALSE(any(t.connection().take_events() & Ready::urgent)) << "the same mark";
  EXPECT_EQ(t.count(Counter::tcp_urgent_old), 1U);
  t.peer("U. seq 21 len 10 urg 100");
  EXPECT_TRUE(any(t.connection().take_events() & Ready::urgent));
  EXPECT_EQ(before_mark(t), 119U);
  EXPECT_EQ(t.count(Counter::tcp_urgent_in), 2U);
  t.app_read(30);
  EXPECT_EQ(before_mark(t), 89U);  // MUST-33
}

TEST_P(UrgentData, TheOctetIsThereAndStaysInTheStream) {
  Script t(State::established, plain());
  t.peer("PU. 1:11(10) urg 4");
  const auto mark = urgent_mark(t.tcb());
  ASSERT_TRUE(mark && mark->is_here);
  EXPECT_EQ(mark->before, 3U);
  std::array<std::uint8_t, 10> stream{};
  EXPECT_EQ(peek(t.tcb(), stream, 0), std::size_t{10});
  EXPECT_EQ(mark->octet, stream[3]);
  t.app_read(4);
  EXPECT_FALSE(t.tcb().rare);
  t.app_read(6);
}

TEST_P(UrgentData, TheHostRequirementsPointAtTheLastOctet) {  // RFC 1122 §4.2.2.4
  Script t(State::established, with_stdurg());
  t.peer("PU. 1:11(10) urg 4");
  EXPECT_EQ(before_mark(t), 4U);
  t.app_read(10);
}

TEST_P(UrgentData, APointerOfZeroMarksTheFirstOctet) {
  Script t(State::established, plain());
  t.peer("PU. 1:11(10) urg 0");
  EXPECT_EQ(before_mark(t), 0U);
  t.app_read(10);
}

TEST_P(UrgentData, ArrivesBeforeTheHoleIsFilled) {
  Script t(State::established, plain());
  t.peer("PU. seq 101 len 10 urg 10");
  t.expect(".  ack 1");
  ASSERT_TRUE(urgent_mark(t.tcb()));
  EXPECT_TRUE(urgent_mark(t.tcb())->is_here);
  EXPECT_EQ(before_mark(t), 109U);
}

TEST_P(UrgentData, ThePointerMayComeAfterTheOctet) {
  Script t(State::established, plain());
  t.peer("P. seq 101 len 100");
  t.expect(".  ack 1");
  t.peer("PU. seq 1 len 50 urg 150");
  EXPECT_FALSE(urgent_mark(t.tcb())->is_here);
  t.peer("P. seq 51 len 50");
  ASSERT_TRUE(urgent_mark(t.tcb())->is_here);
  EXPECT_EQ(before_mark(t), 149U);
  std::array<std::uint8_t, 200> stream{};
  EXPECT_EQ(peek(t.tcb(), stream, 0), std::size_t{200});
  EXPECT_EQ(urgent_mark(t.tcb())->octet, stream[149]);
  t.app_read(200);
}

TEST_P(UrgentData, WhatWasConsumedIsNotUrgentAnyMore) {
  Script t(State::established, plain());
  t.peer("P. 1:11(10)");
  t.peer("U. seq 11 len 0 urg 0");
  EXPECT_EQ(before_mark(t), 10U);
  t.app_read(10);
  t.peer("U. seq 5 len 10 urg 6");  // 5:15, whose tenth octet was read
  EXPECT_EQ(before_mark(t), 0U);
  EXPECT_EQ(t.count(Counter::tcp_urgent_old), 1U);
}

TEST_P(UrgentData, CountsAtAZeroWindow) {  // MUST-66
  Scene scene = plain();
  scene.config.receive_buffer = 1000;
  Script t(State::established, scene);
  t.peer("P. 1:1001(1000)");
  t.expect(".  ack 1001 win 0");
  t.peer("U. seq 1001 len 0 urg 20");
  t.expect_nothing();
  EXPECT_EQ(before_mark(t), 1019U);
  t.peer("U. seq 1001 len 1 urg 30");
  t.expect(".  ack 1001");
  EXPECT_EQ(before_mark(t), 1029U);
}

// As Linux: who takes octets out of band does not meet in line what stands before the reader when the next
// mark comes.
TEST_P(UrgentData, AnOctetThatWasPassedOverLeavesTheStream) {
  Script t(State::established, plain());
  t.tcb().urgent_out_of_band = true;
  t.peer("PU. 1:2(1) urg 1");
  take_urgent(t.tcb());
  EXPECT_TRUE(urgent_mark(t.tcb())->is_taken);
  EXPECT_FALSE(any(readiness(t.tcb(), t.context()) & Ready::urgent));
  t.peer("PU. 2:3(1) urg 1");
  EXPECT_EQ(before_mark(t), 0U);
  EXPECT_EQ(t.connection().info().receive_queued, 1U);
}

TEST_P(UrgentData, MeansNothingAfterThePeersFin) {
  Script t(State::close_wait, plain());
  t.peer("U. len 0 urg 5");
  EXPECT_FALSE(t.tcb().rare);
}

}  // namespace
}  // namespace strata::tcp
