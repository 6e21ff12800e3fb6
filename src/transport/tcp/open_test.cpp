// RFC 9293 §3.5 and §3.10.7.3: active, passive and simultaneous open, and what may go wrong on the way.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct SynSent : AnyNumbers {};
struct SynReceived : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, SynSent, testing::ValuesIn(kStarts), name_of_start);
INSTANTIATE_TEST_SUITE_P(From, SynReceived, testing::ValuesIn(kStarts), name_of_start);

Scene passive(Scene scene) {
  scene.passive = true;
  return scene;
}

TEST_P(SynSent, ASynAckCompletesTheHandshake) {
  Script t(State::syn_sent, plain());
  t.peer("S. seq 0 ack 1 win 5000 mss 1000");
  t.expect_state(State::established);
  t.expect(".  seq 1 ack 1 cause syn_ack_arrived");
  t.expect_nothing();
  EXPECT_EQ(t.connection().info().snd_wnd, 5000U);
  EXPECT_EQ(t.connection().info().snd_mss, 1000U);
  EXPECT_EQ(t.connection().take_events() & Ready::writable, Ready::writable);
}

TEST_P(SynSent, QueuedDataLeavesWithTheLastStepOfTheHandshake) {
  Script t(State::syn_sent, plain());
  t.app_send(100);
  t.expect_nothing();
  t.peer("S. seq 0 ack 1");
  t.expect("P. 1:101(100) ack 1");
  t.expect_nothing();
}

TEST_P(SynSent, TextAndFinOfTheSynAckAreTaken) {  // RFC 9293 §3.10.7.3, fourth check
  Script t(State::syn_sent, plain());
  t.peer("SFP. seq 0 len 10 ack 1");
  t.expect(".  seq 1 ack 12");
  t.expect_state(State::close_wait);
  t.app_read(10);
  t.expect_end_of_stream();
}

TEST_P(SynSent, AnAckThatIsNotOfOurSynEarnsAReset) {
  for (const char* line : {".  seq 0 ack 0", ".  seq 0 ack 2", "S. seq 0 ack 2", "S. seq 0 ack -5"}) {
    Script t(State::syn_sent, plain());
    t.peer(line);
    t.expect_state(State::syn_sent);
    const auto reset = t.connection().poll_transmit(t.context());
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->flags, tcp_flag::kRst);
    t.expect_nothing();
    EXPECT_EQ(t.count(Counter::tcp_bad_ack), 1U);
  }
}

TEST_P(SynSent, TheResetTakesTheNumberOfTheBadAck) {
  Script t(State::syn_sent, plain());
  t.peer(".  seq 500 ack 77");
  t.expect("R  seq 77 cause rst_bad_ack");
  t.peer("S. seq 0 ack 1");
  t.expect(".  seq 1 ack 1");
}

TEST_P(SynSent, AResetCountsOnlyWithAGoodAck) {
  for (const char* line : {"R  seq 0", "R. seq 0 ack 0", "R. seq 0 ack 2"}) {
    Script t(State::syn_sent, plain());
    t.peer(line);
    t.expect_state(State::syn_sent);
    t.expect_nothing();
  }
  Script t(State::syn_sent, plain());
  t.peer("R. seq 0 ack 1");
  t.expect_closed(Errc::connection_refused);
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_attempt_fails), 1U);
}

TEST_P(SynSent, ASegmentWithNeitherSynNorResetIsIgnored) {
  Script t(State::syn_sent, plain());
  t.peer(".  seq 0 ack 1 len 100");
  t.peer("F. seq 0 ack 1");
  t.peer("P  seq 0 len 10");
  t.expect_state(State::syn_sent);
  t.expect_nothing();
}

TEST_P(SynSent, CloseAndAbortAreSilent) {
  Script closed(State::syn_sent, plain());
  closed.app_close();
  closed.expect_closed(Errc::connection_aborted);
  closed.expect_nothing();
  Script aborted(State::syn_sent, plain());
  aborted.app_abort();
  aborted.expect_closed(Errc::connection_aborted);
  aborted.expect_nothing();
}

TEST_P(SynSent, ShutdownWaitsForTheHandshake) {
  Script t(State::syn_sent, plain());
  t.app_send(10);
  t.app_shutdown();
  t.expect_nothing();
  t.peer("S. seq 0 ack 1");
  t.expect("FP. 1:11(10) ack 1");
  t.expect_state(State::fin_wait_1);
}

TEST_P(SynSent, AnIcmpErrorAboutTheSynEndsTheAttempt) {
  Script t(State::syn_sent, plain());
  t.icmp(Errc::host_unreachable, 1);  // quotes a number that was never sent
  t.expect_state(State::syn_sent);
  EXPECT_EQ(t.count(Counter::icmp_error_bad_quote), 1U);
  t.icmp(Errc::connection_refused, 0);
  t.expect_closed(Errc::connection_refused);
}

// RFC 9293 §3.5, figure 8.
TEST_P(SynSent, SimultaneousOpen) {
  Script t(State::syn_sent, plain());
  t.peer("S  seq 0 win 4000 mss 1460");
  t.expect_state(State::syn_received);
  t.expect("S. seq 0 ack 1");
  t.peer("S. seq 0 ack 1");
  t.expect_state(State::established);
  t.peer("P. seq 1 ack 1 len 5");
  t.app_read(5);
}

TEST_P(SynSent, SimultaneousOpenAlsoEndsWithABareAck) {
  Script t(State::syn_received, plain());
  t.peer(".  seq 1 ack 1");
  t.expect_state(State::established);
  t.expect_nothing();
}

TEST_P(SynReceived, TheThirdSegmentMayCarryData) {
  Script t(State::syn_received, passive(plain()));
  t.peer("P. seq 1 ack 1 len 300");
  t.expect_state(State::established);
  t.app_read(300);
  t.expect(".  seq 1 ack 301");
}

TEST_P(SynReceived, TheThirdSegmentMayCarryAFin) {
  Script t(State::syn_received, passive(plain()));
  t.peer("F. seq 1 ack 1 len 3");
  t.expect_state(State::close_wait);
  t.app_read(3);
  t.expect_end_of_stream();
  t.expect(".  seq 1 ack 5");
}

TEST_P(SynReceived, ARepeatedSynIsAnsweredWithTheSynAck) {
  Script t(State::syn_received, passive(plain()));
  t.peer("S  seq 0 mss 1460");
  t.expect("S. seq 0 ack 1");
  t.expect_nothing();
  t.peer("S  seq 0 mss 1460 len 100");  // with data: it comes again after the handshake
  t.expect("S. seq 0 ack 1");
  t.peer("P. seq 1 ack 1 len 100");
  t.app_read(100);
}

TEST_P(SynReceived, AnAckOfNothingSentEarnsAReset) {
  for (const int ack : {0, 2, 500, -1}) {
    Script t(State::syn_received, passive(plain()));
    t.peer(".  seq 1 ack " + std::to_string(ack));
    t.expect("R  seq " + std::to_string(ack) + " cause rst_bad_ack");
    t.expect_state(State::syn_received);
    t.peer(".  seq 1 ack 1");
    t.expect_state(State::established);
  }
}

TEST_P(SynReceived, AnUnacceptableSegmentEarnsAnAck) {
  Script t(State::syn_received, passive(plain()));
  t.peer(".  seq 70000 ack 1 len 10");
  t.expect(".  seq 1 ack 1");
  t.expect_state(State::syn_received);
}

TEST_P(SynReceived, AResetAtTheRightNumberEndsIt) {
  Script passive_end(State::syn_received, passive(plain()));
  passive_end.peer("R  seq 1");
  passive_end.expect_closed(Errc::connection_reset);
  passive_end.expect_nothing();
  Script active_end(State::syn_received, plain());
  active_end.peer("R  seq 1");
  active_end.expect_closed(Errc::connection_refused);
}

TEST_P(SynReceived, AnotherSynInTheWindowMakesRoomForTheListener) {  // RFC 9293 §3.10.7.4, fourth check
  Script passive_end(State::syn_received, passive(plain()));
  passive_end.peer("S  seq 100");
  passive_end.expect_nothing();
  passive_end.expect_closed(Errc::connection_reset);
  Script active_end(State::syn_received, plain());
  active_end.peer("S  seq 100");
  active_end.expect(".  seq 1 ack 1 cause ack_challenge");
  active_end.expect_state(State::syn_received);
}

TEST_P(SynReceived, CloseWaitsForTheHandshakeThenSendsFin) {
  Script t(State::syn_received, passive(plain()));
  t.app_close();
  t.expect_nothing();
  t.peer(".  seq 1 ack 1");
  t.expect_state(State::fin_wait_1);
  t.expect("F. seq 1 ack 1");
}

TEST_P(SynReceived, AbortResets) {
  Script t(State::syn_received, passive(plain()));
  t.app_abort();
  t.expect("R. seq 1 ack 1 cause app_abort");
  t.expect_closed(Errc::connection_aborted);
}

}  // namespace
}  // namespace strata::tcp
