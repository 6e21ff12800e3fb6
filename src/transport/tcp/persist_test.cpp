// RFC 9293 §3.8.6.1: probing a window that is closed, for as long as somebody answers.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct Persist : AnyNumbers {
  /// Sent 100 bytes, and the peer closed its window with 1000 more waiting.
  static void close_window(Script& t) {
    t.app_send(100);
    t.expect("P. 1:101(100)");
    t.app_send(1000);
    t.peer(".  ack 101 win 0");
    t.expect_nothing();
  }
};
INSTANTIATE_TEST_SUITE_P(From, Persist, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Persist, OneByteIsSentAgainAndAgainEverMoreSlowly) {
  Script t(State::established, plain());
  close_window(t);
  Duration wait = t.rto();
  for (int i = 0; i < 8; ++i) {
    t.advance(wait - Duration::nanos(1));
    t.expect_nothing();
    t.advance(Duration::nanos(1));
    t.expect(".  101:102(1) cause probe_zero_window");
    t.expect_nothing();
    t.peer(".  ack 101 win 0");
    wait = wait * 2;
  }
  EXPECT_EQ(t.count(Counter::tcp_zero_window_probes), 8U);
}

TEST_P(Persist, ItLastsAsLongAsSomebodyAnswers) {
  Scene scene = plain();
  scene.config.retries2 = 3;
  Script t(State::established, scene);
  close_window(t);
  for (int i = 0; i < 50; ++i) {
    t.advance(t.rto());
    t.expect(".  101:102(1)");
    t.peer(".  ack 101 win 0");
  }
  t.expect_state(State::established);
}

TEST_P(Persist, NobodyWaitsForAnOrphan) {  // RFC 6429 §4: else a peer could hold our memory for ever
  Scene scene = plain();
  scene.config.orphan_retries = 3;
  Script t(State::established, scene);
  close_window(t);
  t.app_close();
  for (int i = 0; i < 3; ++i) {
    t.advance(t.rto());
    t.expect(".  101:102(1)");
    t.peer(".  ack 101 win 0");
  }
  t.advance(t.rto());
  t.expect("R. ack 1 cause timeout_persist");
  EXPECT_EQ(t.connection().state(), State::closed);
}

TEST_P(Persist, ItEndsWhenNobodyAnswers) {
  Scene scene = plain();
  scene.config.retries2 = 3;
  Script t(State::established, scene);
  close_window(t);
  for (int i = 0; i < 3; ++i) {
    t.advance(t.rto());
    t.expect(".  101:102(1)");
  }
  t.advance(t.rto());
  t.expect("R. ack 1 cause timeout_persist");
  t.expect_closed(Errc::timed_out);
}

TEST_P(Persist, AProbeThatWasRefusedIsSentAnewWithTheRest) {
  Script t(State::established, plain());
  close_window(t);
  t.advance(t.rto());
  t.expect(".  101:102(1)");
  t.peer(".  ack 101 win 0");
  t.peer(".  ack 101 win 5000");
  t.expect("P. 101:1101(1000)");
  t.peer(".  ack 1101");
  t.advance(Duration::seconds(500));
  t.expect_nothing();
}

TEST_P(Persist, AProbeThatWasAcceptedCounts) {
  Script t(State::established, plain());
  close_window(t);
  t.advance(t.rto());
  t.expect(".  101:102(1)");
  t.peer(".  ack 102 win 0");
  t.advance(t.connection().next_deadline() - t.now());
  t.expect(".  102:103(1)");
  t.peer(".  ack 103 win 5000");
  t.expect("P. 103:1101(998)");
}

TEST_P(Persist, TheWindowUpdateEndsItWithoutAProbe) {
  Script t(State::established, plain());
  close_window(t);
  t.peer(".  ack 101 win 2000");
  t.expect("P. 101:1101(1000) cause app_send");
}

TEST_P(Persist, ALostSegmentAfterItIsRetransmitted) {
  Script t(State::established, plain());
  close_window(t);
  t.peer(".  ack 101 win 2000");
  t.expect("P. 101:1101(1000)");
  t.advance(t.rto());
  t.expect("P. 101:1101(1000) cause retransmit_rto");
}

// RFC 6298 §3 (Karn): the byte of a probe was sent more than once.
TEST_P(Persist, ProbesDoNotMeasureTheRoundTrip) {
  Script t(State::established, plain());
  close_window(t);
  const Duration srtt = t.connection().info().srtt;
  for (int i = 0; i < 4; ++i) {
    t.advance(t.rto());
    t.expect(".  101:102(1)");
    t.peer(".  ack 101 win 0");
  }
  t.peer(".  ack 101 win 5000");
  t.expect("P. 101:1101(1000)");
  t.advance(Duration::millis(100));
  t.peer(".  ack 1101 win 5000");
  EXPECT_LE(t.connection().info().srtt, srtt + Duration::millis(100));
}

TEST_P(Persist, AWindowThatClosesWhileDataIsOut) {
  Script t(State::established, plain());
  t.app_send(1000);
  t.expect("P. 1:1001(1000)");
  t.peer(".  ack 1 win 0");  // it shrank: the data was dropped
  t.advance(t.rto());
  t.expect_nothing();
  t.advance(t.rto());
  t.expect(".  1:2(1) cause probe_zero_window");
  t.peer(".  ack 1 win 3000");
  t.expect("P. 1:1001(1000)");
}

TEST_P(Persist, AFinIsNotForgottenBehindAClosedWindow) {
  Script t(State::established, plain());
  t.app_shutdown();
  t.expect("F. seq 1");
  t.peer(".  ack 1 win 0");
  t.advance(t.rto());
  t.expect_nothing();
  t.advance(t.rto());
  t.expect(".  seq 0 len 0 cause probe_keepalive");
  t.peer(".  ack 1 win 1000");
  t.expect("F. seq 1");
  t.peer(".  ack 2");
  t.expect_state(State::fin_wait_2);
}

TEST_P(Persist, AFinAloneWaitsForTheWindow) {
  Script t(State::established, plain());
  t.peer(".  win 0");
  t.app_shutdown();
  t.expect_nothing();
  t.advance(t.rto());
  t.expect(".  seq 0 len 0");
  t.peer(".  ack 1 win 0");
  t.expect_nothing();
  t.peer(".  ack 1 win 1000");
  t.expect("F. seq 1");
}

TEST_P(Persist, TheUserTimeoutEndsItToo) {  // RFC 5482 §2
  Script t(State::established, plain());
  t.set([](TcpSettings& own) { own.user_timeout = Duration::seconds(5); });
  close_window(t);
  const Instant end = t.now() + Duration::seconds(5);
  while (t.connection().next_deadline() < end) {
    t.advance(t.connection().next_deadline() - t.now());
    t.expect(".  101:102(1)");
    t.peer(".  ack 101 win 0");
  }
  t.advance(end - t.now());
  t.expect("R. cause timeout_user");
  t.expect_closed(Errc::timed_out);
}

}  // namespace
}  // namespace strata::tcp
