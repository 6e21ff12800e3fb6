// RFC 9293 §3.10.7.4, second and fourth check, as RFC 5961 hardened them: RST and SYN inside the window.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct ResetArrives : AnyNumbers {};
struct SynArrives : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, ResetArrives, testing::ValuesIn(kStarts), name_of_start);
INSTANTIATE_TEST_SUITE_P(From, SynArrives, testing::ValuesIn(kStarts), name_of_start);

constexpr State kSynchronized[] = {State::established, State::fin_wait_1, State::fin_wait_2,
                                   State::close_wait,  State::closing,    State::last_ack};

std::string rcv_nxt_of(State state) {
  return is_in(state, State::close_wait, State::closing, State::last_ack) ? "2" : "1";
}

TEST_P(ResetArrives, AtExactlyTheNextNumberItEndsTheConnection) {
  for (const State state : kSynchronized) {
    Script t(state, plain());
    t.peer("R  seq " + rcv_nxt_of(state));
    // CLOSING and LAST-ACK have delivered everything: nothing was lost.
    if (is_in(state, State::closing, State::last_ack)) {
      t.expect_closed(std::nullopt);
    } else {
      t.expect_closed(Errc::connection_reset);
    }
    t.expect_nothing();
    EXPECT_EQ(t.connection().next_deadline(), Instant::never());
    EXPECT_EQ(t.connection().take_events() & Ready::closed, Ready::closed);
  }
}

TEST_P(ResetArrives, ElsewhereInTheWindowItEarnsAChallenge) {  // RFC 5961 §3.2
  for (const State state : kSynchronized) {
    Script t(state, plain());
    t.peer("R  seq 500 win 0");
    t.expect(".  ack " + rcv_nxt_of(state) + " cause ack_challenge");
    t.expect_nothing();
    t.expect_state(state);
    EXPECT_EQ(t.count(Counter::tcp_rst_in_window), 1U);
  }
}

TEST_P(ResetArrives, WhateverItsAckSays) {
  Script t(State::established, plain());
  t.peer("R. seq 1 ack 123456");
  t.expect_closed(Errc::connection_reset);
}

TEST_P(ResetArrives, WithDataItCountsByItsFirstNumber) {
  Script at_next(State::established, plain());
  at_next.peer("R  seq 1 len 30");
  at_next.expect_closed(Errc::connection_reset);
  Script before(State::established, plain());
  before.peer("R  seq 0 len 30");  // RFC 5961 §3.2: begins outside the window
  before.expect_nothing();
  before.expect_state(State::established);
}

TEST_P(ResetArrives, WhatArrivedBeforeCanBeReadThenCallsSayWhy) {
  Script t(State::established, plain());
  t.app_send(5000);
  t.peer("P. len 100");
  t.peer("R  seq 101");
  t.expect_closed(Errc::connection_reset);
  t.app_read(100);
  EXPECT_EQ(t.try_read(10).error(), Errc::connection_reset);
  EXPECT_EQ(t.try_send(10).error(), Errc::connection_reset);
  EXPECT_EQ(t.pools().blocks.in_use(), 0U);
  t.expect_nothing();
}

TEST_P(SynArrives, InTheWindowItEarnsAChallenge) {  // RFC 5961 §4.2
  for (const State state : kSynchronized) {
    for (const char* flags : {"S ", "S.", "SF.", "SP."}) {
      Script t(state, plain());
      t.peer(std::string(flags) + " seq 500 ack 1 mss 1460");
      t.expect(".  ack " + rcv_nxt_of(state) + " cause ack_challenge");
      t.expect_state(state);
      EXPECT_EQ(t.count(Counter::tcp_syn_in_window), 1U);
    }
  }
}

TEST_P(SynArrives, TheOldOneAgainIsAcknowledged) {
  Script t(State::established, plain());
  t.peer("S. seq 0 ack 1 mss 1460");  // our ACK of the SYN-ACK was lost
  t.expect(".  seq 1 ack 1");
  t.expect_state(State::established);
}

// A peer that lost its state sees our challenge as an ACK of nothing, and its RST is then exact.
TEST_P(SynArrives, AHalfOpenConnectionIsFoundOut) {  // RFC 9293 §3.5.1, figure 10
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.peer("S  seq 4000 mss 1460");
  t.expect(".  seq 11 ack 1 cause ack_challenge");
  t.peer("R  seq 1");
  t.expect_closed(Errc::connection_reset);
}

TEST_P(SynArrives, ChallengesAreLimitedPerSecond) {  // RFC 5961 §7
  Scene scene = plain();
  scene.config.challenge_acks_per_second = 10;
  Script t(State::established, scene);
  for (int i = 0; i < 100; ++i) {
    t.peer("S  seq 500");
    (void)t.connection().poll_transmit(t.context());
  }
  const std::uint64_t answered = t.count(Counter::tcp_challenge_acks);
  EXPECT_GE(answered, 5U);
  EXPECT_LT(answered, 15U);
  EXPECT_EQ(t.count(Counter::tcp_challenge_limited), 100 - answered);
  t.advance(Duration::seconds(1));
  t.peer("S  seq 500");
  t.expect(".  cause ack_challenge");
}

}  // namespace
}  // namespace strata::tcp
