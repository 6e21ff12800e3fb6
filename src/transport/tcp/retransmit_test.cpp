// RFC 6298: the retransmission timer, its back-off, Karn's rule, and giving up.
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

struct Retransmission : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, Retransmission, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Retransmission, TheTimerDoublesEachTime) {
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  Duration wait = Duration::millis(300);  // SRTT 100 ms, and at least 200 ms beside it
  for (int i = 0; i < 8; ++i, wait = wait * 2) {
    t.advance(wait - Duration::nanos(1));
    t.expect_nothing();
    t.advance(Duration::nanos(1));
    t.expect("P. 1:11(10) cause retransmit_rto");
  }
  EXPECT_EQ(t.count(Counter::tcp_rto_fired), 8U);
  EXPECT_EQ(t.count(Counter::tcp_retrans_segs), 8U);
}

TEST_P(Retransmission, TheTimerHasACeiling) {
  Scene scene = plain();
  scene.config.rto_max = Duration::seconds(60);
  scene.config.retries2 = 30;
  Script t(State::established, scene);
  t.app_send(10);
  t.expect("P. 1:11(10)");
  for (int i = 0; i < 12; ++i) {
    t.advance(t.rto());
    t.expect("P. 1:11(10)");
  }
  EXPECT_EQ(t.rto(), Duration::seconds(60));
}

TEST_P(Retransmission, TheBackOffLastsUntilARoundTripIsMeasured) {  // RFC 6298 §5, RFC 9293 §3.8.1: Karn
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.advance(t.rto());
  t.expect("P. 1:11(10)");
  EXPECT_EQ(t.rto(), Duration::millis(600));
  t.peer(".  ack 11");
  EXPECT_EQ(t.rto(), Duration::millis(600));
  t.app_send(10);
  t.expect("P. 11:21(10)");
  t.advance(Duration::millis(100));
  t.peer(".  ack 21");
  EXPECT_EQ(t.rto(), Duration::millis(300));
}

TEST_P(Retransmission, GoesOnAfterEveryNumberWasUsed) {
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  // As after 2^32 bytes: the oldest unacknowledged byte has the number that our SYN had.
  t.tcb().iss = t.tcb().snd_una;
  t.advance(t.rto());
  t.expect("P. 1:11(10)");
  t.peer(".  ack 11");
}

TEST_P(Retransmission, ARetransmittedSegmentMeasuresNothing) {  // RFC 6298 §3, Karn
  Script t(State::established, plain());
  const Duration srtt = t.connection().info().srtt;
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.advance(t.rto());
  t.expect("P. 1:11(10)");
  t.advance(Duration::millis(1));
  t.peer(".  ack 11");
  EXPECT_EQ(t.connection().info().srtt, srtt);
}

TEST_P(Retransmission, WithTimestampsEvenThatMeasures) {  // RFC 7323 §4.1
  Scene scene = plain();
  scene.peer_syn = "mss 1460 ts 5/0";
  Script t(State::established, scene);
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.advance(t.rto());
  t.expect("P. 1:11(10)");
  t.advance(Duration::millis(100));
  t.peer(".  ack 11");  // echoes the second stamp
  EXPECT_EQ(t.connection().info().srtt, Duration::millis(100));
  EXPECT_LT(t.connection().info().rttvar, Duration::millis(50));
}

TEST_P(Retransmission, OneSegmentOfAFlightIsTimed) {
  Script t(State::established, plain());
  t.app_send(5 * 1460);
  t.expect_data(1, 1460, 5);
  t.advance(Duration::millis(180));
  t.peer(".  ack 1461");
  EXPECT_EQ(t.connection().info().srtt, Duration::millis(110));  // 7/8 of 100 and 1/8 of 180
  t.peer(".  ack 7301");                                         // not timed
  EXPECT_EQ(t.connection().info().srtt, Duration::millis(110));
}

TEST_P(Retransmission, EveryAckOfNewDataStartsTheTimerAnew) {  // RFC 6298 §5.3
  Script t(State::established, plain());
  t.app_send(2920);
  t.expect_data(1, 1460, 2);
  t.advance(Duration::millis(290));
  t.peer(".  ack 1461");
  t.advance(t.rto() - Duration::nanos(1));
  t.expect_nothing();
  t.advance(Duration::nanos(1));
  t.expect("P. 1461:2921(1460)");
}

TEST_P(Retransmission, WhenAllIsAcknowledgedTheTimerStops) {
  Script t(State::established, plain());
  t.app_send(2920);
  t.expect_data(1, 1460, 2);
  t.peer(".  ack 2921");
  EXPECT_EQ(t.connection().next_deadline(), Instant::never());
}

TEST_P(Retransmission, GoesBackAndSendsTheRestByAndBy) {
  Script t(State::established, plain());
  t.app_send(5 * 1460);
  t.expect_data(1, 1460, 5);
  t.advance(t.rto());
  t.expect(".  1:1461(1460) cause retransmit_rto");
  t.expect_nothing();  // the loss window is one segment
  t.expect_cwnd(1460);
  t.peer(".  ack 1461");
  t.expect_data(1461, 1460, 2);
  t.expect_nothing();
  t.peer(".  ack 4381");
  t.expect_data(4381, 1460, 2);
  t.expect_nothing();
}

TEST_P(Retransmission, AnAckBeyondTheGoBackSkipsWhatArrived) {
  Script t(State::established, plain());
  t.app_send(5 * 1460);
  t.expect_data(1, 1460, 5);
  t.advance(t.rto());
  t.expect(".  1:1461(1460)");
  t.peer(".  ack 5841");  // only the first was lost, and the last
  t.expect("P. 5841:7301(1460)");
  t.expect_nothing();
}

TEST_P(Retransmission, GivesUpAfterTheLastTryAndSaysSo) {
  Scene scene = plain();
  scene.config.retries2 = 3;
  Script t(State::established, scene);
  t.app_send(10);
  t.expect("P. 1:11(10)");
  for (int i = 0; i < 3; ++i) {
    t.advance(t.rto());
    t.expect("P. 1:11(10)");
  }
  t.advance(t.rto());
  t.expect("R. ack 1 cause timeout_retransmission");
  t.expect_closed(Errc::timed_out);
  t.expect_nothing();
  EXPECT_EQ(t.try_read(1).error(), Errc::timed_out);
}

TEST_P(Retransmission, AnIcmpErrorSaysMoreThanSilence) {  // RFC 9293 §3.9.2.2
  Scene scene = plain();
  scene.config.retries2 = 1;
  Script t(State::established, scene);
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.icmp(Errc::host_unreachable, 1);
  t.expect_state(State::established);
  t.advance(t.rto());
  t.expect("P. 1:11(10)");
  t.advance(t.rto());
  t.expect("R. ack 1");
  t.expect_closed(Errc::host_unreachable);
}

TEST_P(Retransmission, ProgressForgetsTheIcmpError) {
  Scene scene = plain();
  scene.config.retries2 = 1;
  Script t(State::established, scene);
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.icmp(Errc::host_unreachable, 1);
  t.peer(".  ack 11");
  t.app_send(10);
  t.expect("P. 11:21(10)");
  t.advance(t.rto());
  t.expect("P. 11:21(10)");
  t.advance(t.rto());
  t.expect("R. ack 1");
  t.expect_closed(Errc::timed_out);
}

TEST_P(Retransmission, ASynIsTriedSevenTimes) {
  Script t(State::syn_sent, plain());
  Duration wait = Duration::seconds(1);
  for (int i = 0; i < 6; ++i, wait = wait * 2) {
    t.advance(wait);
    t.expect("S  seq 0 mss 1460 cause retransmit_syn");
    t.expect_nothing();
  }
  t.advance(wait);
  t.expect_nothing();
  t.expect_closed(Errc::timed_out);
  EXPECT_EQ(t.count(Counter::tcp_attempt_fails), 1U);
}

TEST_P(Retransmission, ASynAckIsTriedSixTimes) {
  Scene scene = plain();
  scene.passive = true;
  Script t(State::syn_received, scene);
  Duration wait = Duration::seconds(1);
  for (int i = 0; i < 5; ++i, wait = wait * 2) {
    t.advance(wait);
    t.expect("S. seq 0 ack 1 cause retransmit_syn");
  }
  t.advance(wait);
  t.expect_nothing();
  t.expect_state(State::closed);
}

// RFC 6298 §5.7: the RTO is 3 s then. RFC 5681 §3.1: the initial window is one segment.
TEST_P(Retransmission, ALostSynMakesTheBeginningCareful) {
  Script t(State::syn_sent, plain());
  t.advance(Duration::seconds(1));
  t.expect("S  seq 0");
  t.peer("S. seq 0 ack 1 mss 1460");
  t.app_send(5000);
  t.expect(".  1:1461(1460)");
  t.expect_nothing();
  t.advance(Duration::seconds(3) - Duration::nanos(1));
  t.expect_nothing();
  t.advance(Duration::nanos(1));
  t.expect(".  1:1461(1460) cause retransmit_rto");
}

TEST_P(Retransmission, ALostSynAckMakesTheBeginningCareful) {
  Scene scene = plain();
  scene.passive = true;
  Script t(State::syn_received, scene);
  t.advance(Duration::seconds(1));
  t.expect("S. seq 0 ack 1");
  t.peer(".  seq 1 ack 1");
  t.expect_cwnd(1460);
  EXPECT_EQ(t.rto(), Duration::seconds(3));
}

TEST_P(Retransmission, ASynAckThatWasRepeatedMeasuresNothing) {  // Karn
  Scene scene = plain();
  scene.passive = true;
  Script t(State::syn_received, scene);
  t.advance(Duration::millis(900));
  t.peer("S  seq 0 mss 1460");
  t.expect("S. seq 0 ack 1");
  t.advance(Duration::millis(1));
  t.peer(".  seq 1 ack 1");
  EXPECT_EQ(t.connection().info().srtt, Duration{});
}

TEST_P(Retransmission, TheHandshakeGivesTheFirstSample) {
  Script t(State::syn_sent, plain());
  t.advance(Duration::millis(40));
  t.peer("S. seq 0 ack 1 mss 1460");
  EXPECT_EQ(t.connection().info().srtt, Duration::millis(40));
  EXPECT_EQ(t.connection().info().rttvar, Duration::millis(20));
  EXPECT_EQ(t.rto(), Duration::millis(240));
  t.expect(".");
}

// RFC 9293 §3.8.3 (SHLD-9): told at R1, once, and no more once somebody answers.
TEST_P(Retransmission, TheApplicationIsToldBetweenR1AndR2) {
  Script t(State::established, plain());
  const auto stalled = [&] { return any(readiness(t.tcb(), t.context()) & Ready::stalled); };
  t.app_send(10);
  t.expect("P. 1:11(10)");
  for (int retransmission = 1; retransmission <= 4; ++retransmission) {
    (void)t.connection().take_events();
    t.advance(t.rto());
    t.expect("P. 1:11(10) cause retransmit_rto");
    EXPECT_EQ(any(t.connection().take_events() & Ready::stalled), retransmission == 3);
    EXPECT_EQ(stalled(), retransmission >= 3);
  }
  EXPECT_EQ(t.count(Counter::tcp_stalled), 1U);
  t.peer(".  ack 11");
  EXPECT_FALSE(stalled());
}

}  // namespace
}  // namespace strata::tcp
