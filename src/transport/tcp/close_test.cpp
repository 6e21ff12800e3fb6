// RFC 9293 §3.6: every order of close, half-close both ways, and connections that their application gave up.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct Close : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, Close, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Close, WeFirst) {  // figure 12
  Script t(State::established, plain());
  t.app_close();
  t.expect_state(State::fin_wait_1);
  t.expect("F. seq 1 ack 1 cause app_close");
  t.peer(".  seq 1 ack 2");
  t.expect_state(State::fin_wait_2);
  t.expect_nothing();
  t.peer("F. seq 1 ack 2");
  t.expect_state(State::time_wait);
  t.expect(".  seq 2 ack 2");
  t.expect_nothing();
}

TEST_P(Close, ThePeerFirst) {
  Script t(State::close_wait, plain());
  t.app_close();
  t.expect_state(State::last_ack);
  t.expect("F. seq 1 ack 2");
  t.peer(".  seq 2 ack 2");
  t.expect_closed(std::nullopt);
  t.expect_nothing();
  EXPECT_TRUE(t.connection().is_finished());
}

TEST_P(Close, BothAtOnce) {  // figure 13
  Script t(State::established, plain());
  t.app_close();
  t.expect("F. seq 1 ack 1");
  t.peer("F. seq 1 ack 1");
  t.expect_state(State::closing);
  t.expect(".  seq 2 ack 2");
  t.peer(".  seq 2 ack 2");
  t.expect_state(State::time_wait);
}

// Where the FINs crossed, FreeBSD acknowledges ours by its own FIN again, which is left of the window now.
TEST_P(Close, ARepeatedFinMayAcknowledgeOurs) {
  Script closing(State::closing, plain());
  closing.peer("F. seq 1 ack 2");
  closing.expect(".  seq 2 ack 2");
  closing.expect_state(State::time_wait);
  Script last_ack(State::last_ack, plain());
  last_ack.peer("F. seq 1 ack 2");
  last_ack.expect_closed(std::nullopt);
}

TEST_P(Close, InThreeSegments) {
  Script t(State::established, plain());
  t.app_close();
  t.expect("F. seq 1 ack 1");
  t.peer("F. seq 1 ack 2");
  t.expect_state(State::time_wait);
  t.expect(".  seq 2 ack 2");
}

TEST_P(Close, FinRidesOnTheLastData) {
  Script t(State::established, plain());
  t.app_send(2000);
  t.app_close();
  t.expect(".  1:1461(1460)");
  t.expect("FP. 1461:2001(540)");
  t.expect_nothing();
  t.peer(".  ack 2001");  // all but the FIN
  t.expect_state(State::fin_wait_1);
  t.peer(".  ack 2002");
  t.expect_state(State::fin_wait_2);
}

TEST_P(Close, ALostFinIsSentAgain) {
  Script t(State::established, plain());
  t.app_close();
  t.expect("F. seq 1 ack 1");
  t.advance(Duration::millis(300));
  t.expect("F. seq 1 ack 1 cause retransmit_rto");
  t.advance(Duration::millis(600));
  t.expect("F. seq 1 ack 1");
  t.peer(".  ack 2");
  t.expect_state(State::fin_wait_2);
}

TEST_P(Close, OurHalfIsClosedAndTheirsGoesOn) {
  Script t(State::established, plain());
  t.app_shutdown();
  t.expect("F. seq 1");
  t.peer(".  ack 2");
  for (int i = 0; i < 5; ++i) {
    t.peer("P. len 1000");
    t.expect(".  seq 2");
    t.app_read(1000);
  }
  EXPECT_EQ(t.try_send(1).error(), Errc::broken_pipe);
  t.advance(Duration::seconds(3600));  // without limit: somebody still reads
  t.expect_state(State::fin_wait_2);
  t.peer("F. ");
  t.expect_state(State::time_wait);
}

TEST_P(Close, TheirHalfIsClosedAndOursGoesOn) {
  Script t(State::close_wait, plain());
  for (std::uint32_t seq = 1; seq < 5000; seq += 1000) {
    t.app_send(1000);
    t.expect("P. seq " + std::to_string(seq) + " len 1000 ack 2");
    t.peer(".  ack " + std::to_string(seq + 1000));
  }
  t.expect_state(State::close_wait);
  t.app_shutdown();
  t.expect("F. seq 5001 ack 2");
  t.expect_state(State::last_ack);
}

TEST_P(Close, ShutdownTwiceIsOnce) {
  Script t(State::established, plain());
  t.app_shutdown();
  t.expect("F. seq 1");
  t.app_shutdown();
  t.app_close();
  t.expect_nothing();
}

TEST_P(Close, DataAfterCloseIsAnsweredWithReset) {  // RFC 1122 §4.2.2.13
  for (const bool fin_acked : {false, true}) {
    Script t(State::established, plain());
    t.app_close();
    t.expect("F. seq 1 ack 1");
    if (fin_acked) t.peer(".  ack 2");
    t.peer("P. seq 1 len 10 ack 2");
    t.expect("R  seq 2 cause rst_data_after_close");
    t.expect_nothing();
    t.expect_state(State::closed);
    EXPECT_EQ(t.count(Counter::tcp_data_after_close), 1U);
    EXPECT_TRUE(t.connection().is_finished());
  }
}

TEST_P(Close, OldDataAfterCloseIsNot) {
  Script t(State::established, plain());
  t.peer("P. 1:11(10)");
  t.expect(".  ack 11");
  t.app_read(10);
  t.app_close();
  t.expect("F. seq 1 ack 11");
  t.peer("P. 1:11(10) ack 2");
  t.expect(".  ack 11");
  t.expect_state(State::fin_wait_1);
}

TEST_P(Close, WithUnreadDataIsAReset) {  // RFC 2525 §2.17
  for (const State state : {State::established, State::fin_wait_1}) {
    Script t(state, plain());
    t.peer("P. seq 1 len 10");
    t.expect(".  ack 11");
    t.app_close();
    t.expect(state == State::established ? "R. seq 1 ack 11 cause rst_unread_data" : "R. seq 2 ack 11");
    t.expect_closed(Errc::connection_aborted);
    EXPECT_TRUE(t.connection().is_finished());
  }
}

TEST_P(Close, AnOrphanLeavesFinWait2AfterAWhile) {
  Script t(State::established, plain());
  t.app_close();
  t.expect("F. seq 1");
  t.advance(Duration::millis(50));
  t.peer(".  ack 2");
  t.advance(Duration::seconds(60) - Duration::nanos(1));
  t.expect_state(State::fin_wait_2);
  t.advance(Duration::nanos(1));
  t.expect_closed(std::nullopt);
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_fin_wait_2_timeouts), 1U);
}

TEST_P(Close, ClosingAHalfClosedConnectionStartsThatWhile) {
  Script t(State::fin_wait_2, plain());
  t.advance(Duration::seconds(600));
  t.app_close();
  t.advance(Duration::seconds(60));
  t.expect_closed(std::nullopt);
}

TEST_P(Close, AbortResetsWhereThePeerKnowsTheConnection) {  // RFC 9293 §3.10.5
  struct Row {
    State state;
    const char* reset;
  };
  for (const Row& row :
       {Row{State::established, "R. seq 1 ack 1 cause app_abort"}, Row{State::fin_wait_1, "R. seq 2 ack 1"},
        Row{State::fin_wait_2, "R. seq 2 ack 1"}, Row{State::close_wait, "R. seq 1 ack 2"}}) {
    Script t(row.state, plain());
    t.app_abort();
    t.expect(row.reset);
    t.expect_nothing();
    t.expect_closed(Errc::connection_aborted);
  }
  for (const State state : {State::closing, State::last_ack}) {
    Script t(state, plain());
    t.app_abort();
    t.expect_nothing();
    t.expect_state(State::closed);
  }
}

TEST_P(Close, QueuedDataIsStillDelivered) {
  Script t(State::established, plain());
  t.app_send(20'000);
  t.app_close();
  t.expect_data(1, 1460, 10);
  t.peer(".  ack 14601");
  t.expect_data(14'601, 1460, 3);
  t.expect("FP. 18981:20001(1020)");
  t.peer("F. seq 1 ack 20002");
  t.expect_state(State::time_wait);
}

TEST_P(Close, AnOrphanGivesUpSooner) {
  Scene scene = plain();
  scene.config.orphan_retries = 2;
  Script t(State::established, scene);
  t.app_close();
  t.expect("F. seq 1");
  t.advance(Duration::millis(300));
  t.expect("F. seq 1");
  t.advance(Duration::millis(600));
  t.expect("F. seq 1");
  t.advance(Duration::millis(1200));
  t.expect("R. ack 1");
  t.expect_state(State::closed);
  EXPECT_EQ(t.count(Counter::tcp_orphans_killed), 1U);
}

}  // namespace
}  // namespace strata::tcp
