// TCP Fast Open, client side (RFC 7413 §4.2.1): what the SYN carries, and what becomes of it.
#include "transport/tcp/fast_open_syn.hpp"
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

struct FastOpenSyn : AnyNumbers {
  static constexpr FastOpenOption kCookie = {
      .form = FastOpenOption::Form::standard, .size = 4, .cookie = {0xab, 0xcd, 0x12, 0x34}};

  /// In CLOSED, about to connect with a cookie.
  static void connect(Script& t, std::uint16_t peer_mss = 1460) {
    open_active(t.tcb(), t.context(), SeqNum(GetParam().seq));
    FastOpen& fast = t.tcb().rare.make()->fast_open;
    fast.is_on = fast.carries_data = true;
    fast.option = kCookie;
    fast.peer_mss = peer_mss;
  }
};
INSTANTIATE_TEST_SUITE_P(From, FastOpenSyn, testing::ValuesIn(kStarts), name_of_start);

TEST_P(FastOpenSyn, CarriesWhatIsQueued) {
  Script t(State::closed, plain());
  connect(t);
  EXPECT_EQ(syn_room(t.tcb()), 1420U);
  t.app_send(1000);
  EXPECT_EQ(syn_room(t.tcb()), 420U);
  const auto syn = t.connection().poll_transmit(t.context());
  ASSERT_TRUE(syn);
  EXPECT_EQ(syn->payload_size, 1000U);
  EXPECT_EQ(syn->flags, tcp_flag::kSyn);
  EXPECT_EQ(syn->options.fast_open, kCookie);
  EXPECT_EQ(syn_room(t.tcb()), 0U) << "it has left";
}

TEST_P(FastOpenSyn, KeepsToThePeersSegmentSize) {
  Script t(State::closed, plain());
  connect(t, 940);
  EXPECT_EQ(syn_room(t.tcb()), 900U);
}

TEST_P(FastOpenSyn, WhatIsAcknowledgedIsGone) {
  Script t(State::closed, plain());
  connect(t);
  t.app_send(1000);
  t.expect("S  seq 0 len 1000");
  t.peer("S. seq 0 ack 1001 mss 1460");
  t.expect(".  seq 1001 ack 1");
  t.expect_state(State::established);
  EXPECT_EQ(t.connection().info().send_queued, 0U);
  EXPECT_TRUE(t.connection().info().syn_data_acked);
  EXPECT_EQ(t.count(Counter::tcp_fast_open_active), 1U);
  t.app_send(10);
  t.expect("P. 1001:1011(10)");
}

// RFC 7413 §4.2.1: the rest, or all, is sent again as if the SYN had carried none.
TEST_P(FastOpenSyn, WhatIsNotAcknowledgedIsSentAtOnce) {
  for (const std::uint32_t acked : {0U, 400U}) {
    Script t(State::closed, plain());
    connect(t);
    t.app_send(1000);
    t.expect("S  seq 0 len 1000");
    t.peer("S. seq 0 ack " + std::to_string(1 + acked) + " mss 1460");
    t.expect("P. " + std::to_string(1 + acked) + ":1001(" + std::to_string(1000 - acked) + ") ack 1");
    EXPECT_FALSE(t.connection().info().syn_data_acked);
    t.peer(".  ack 1001");
    EXPECT_EQ(t.connection().info().send_queued, 0U);
  }
}

TEST_P(FastOpenSyn, AnAckOfMoreThanTheSynCarriedIsRefused) {
  Script t(State::closed, plain());
  connect(t);
  t.app_send(1000);
  t.expect("S  seq 0 len 1000");
  t.peer("S. seq 0 ack 1002 mss 1460");
  t.expect("R  seq 1002");
  t.expect_state(State::syn_sent);
}

// RFC 7413 §4.1.3.1: something on the way may not like it.
TEST_P(FastOpenSyn, ASecondSynIsAnOrdinaryOne) {
  Script t(State::closed, plain());
  connect(t);
  t.app_send(1000);
  t.expect("S  seq 0 len 1000");
  t.advance(Duration::seconds(1));
  const auto again = t.connection().poll_transmit(t.context());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->payload_size, 0U);
  EXPECT_EQ(again->options.fast_open, FastOpenOption{});
  t.peer("S. seq 0 ack 1 mss 1460");
  t.expect("P. 1:1001(1000) ack 1");
}

TEST_P(FastOpenSyn, WaitsForItsData) {
  Script t(State::closed, plain());
  connect(t);
  t.tcb().rare->fast_open.waits_for_data = true;
  t.tcb().syn_pending = false;
  t.expect_nothing();
  EXPECT_TRUE(holds_syn(t.tcb()));
  t.app_send(10);
  push(t.tcb());
  t.expect("S  seq 0 len 10");
}

TEST_P(FastOpenSyn, TheAnswerIsNoted) {
  Script t(State::closed, plain());
  connect(t);
  t.tcb().rare->fast_open.carries_data = false;
  t.tcb().rare->fast_open.option = {.form = FastOpenOption::Form::standard};
  t.expect("S  seq 0 len 0");
  t.peer("S. seq 0 ack 1 mss 1200");
  const FastOpen& fast = t.tcb().rare->fast_open;
  EXPECT_TRUE(fast.is_answered);
  EXPECT_TRUE(fast.was_ignored);
  EXPECT_EQ(fast.announced_mss, 1200);
  t.expect(".  ack 1");
}

}  // namespace
}  // namespace strata::tcp
