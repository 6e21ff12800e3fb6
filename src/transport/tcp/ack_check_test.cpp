// RFC 9293 §3.10.7.4, fifth check: which acknowledgments count, and which window they bring.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct AckCheck : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, AckCheck, testing::ValuesIn(kStarts), name_of_start);

TEST_P(AckCheck, ASegmentWithoutAckIsDropped) {
  Script t(State::established, plain());
  t.peer("P  seq 1 len 100");
  t.expect_nothing();
  EXPECT_EQ(t.try_read(1).error(), Errc::would_block);
  EXPECT_EQ(t.count(Counter::tcp_no_ack_flag), 1U);
}

TEST_P(AckCheck, AnAckOfWhatWasNeverSentIsAnsweredNotApplied) {
  for (const State state : {State::established, State::fin_wait_1, State::close_wait, State::last_ack}) {
    Script t(state, plain());
    t.peer("P. ack 500 len 10");
    t.expect_state(state);
    t.expect(".  cause ack_challenge");
    EXPECT_EQ(t.count(Counter::tcp_bad_ack), 1U);
  }
}

TEST_P(AckCheck, AnAckOfAPartKeepsTheRest) {
  Script t(State::established, plain());
  t.app_send(1000);
  t.expect("P. 1:1001(1000)");
  t.peer(".  ack 400");
  EXPECT_EQ(t.connection().info().send_queued, 601U);
  t.advance(t.rto());
  t.expect("P. 400:1001(601) cause retransmit_rto");
}

// RFC 5961 §5.2: down to one window back.
TEST_P(AckCheck, AnAckFromLongAgoIsAnswered) {
  Script t(State::established, plain());
  t.peer(".  ack 1 win 1000");  // the largest window ever was that of the SYN
  t.peer("P. seq 1 ack -65534 len 5");
  t.expect(".  ack 6");
  t.peer("P. seq 6 ack -65535 len 5");
  t.expect(".  ack 6 cause ack_challenge");
  t.app_read(5);
}

TEST_P(AckCheck, AnOldAckStillDeliversItsData) {
  Script t(State::established, plain());
  t.app_send(100);
  t.expect("P. 1:101(100)");
  t.peer(".  ack 101");
  t.peer("P. seq 1 ack 1 len 50");
  t.app_read(50);
  EXPECT_EQ(t.connection().info().snd_una, t.connection().info().snd_nxt);
}

TEST_P(AckCheck, AnOldAckDoesNotBringItsWindow) {
  Script t(State::established, plain());
  t.app_send(100);
  t.expect("P. 1:101(100)");
  t.peer(".  ack 101 win 8000");
  t.peer(".  ack 1 win 5");
  EXPECT_EQ(t.connection().info().snd_wnd, 8000U);
}

// RFC 9293 §3.10.7.4: SND.WL1 and SND.WL2 keep an older segment from undoing a newer one's window.
TEST_P(AckCheck, AnOlderSegmentDoesNotBringItsWindow) {
  Script t(State::established, plain());
  t.peer("P. seq 1 len 10 win 9000");
  t.peer("P. seq 11 len 10 win 8000");
  t.peer("P. seq 1 len 20 win 20");  // sent before the last one, and late
  EXPECT_EQ(t.connection().info().snd_wnd, 8000U);
  t.peer(".  seq 21 win 7000");
  EXPECT_EQ(t.connection().info().snd_wnd, 7000U);
  t.peer(".  seq 21 win 7500");  // the same numbers: the later arrival counts
  EXPECT_EQ(t.connection().info().snd_wnd, 7500U);
  t.app_read(20);
}

TEST_P(AckCheck, EveryAckFreesItsPartOfTheSendQueue) {
  Scene scene = plain();
  scene.config.send_buffer = scene.config.send_buffer_max = 4096;
  Script t(State::established, scene);
  EXPECT_EQ(t.try_send(5000), std::size_t{4096});
  EXPECT_EQ(t.try_send(1).error(), Errc::would_block);
  t.expect_data(1, 1460, 2);
  (void)t.connection().take_events();
  t.peer(".  ack 1461");
  EXPECT_EQ(t.connection().take_events(), Ready::writable);
  EXPECT_EQ(t.try_send(5000), std::size_t{1460});
}

}  // namespace
}  // namespace strata::tcp
