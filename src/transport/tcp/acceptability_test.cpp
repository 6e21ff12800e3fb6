// RFC 9293 §3.10.7.4, first check: which segments lie in the window, in every synchronized state, and what
// the others earn.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct Acceptability : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, Acceptability, testing::ValuesIn(kStarts), name_of_start);

constexpr State kSynchronized[] = {State::established, State::fin_wait_1, State::fin_wait_2,
                                   State::close_wait,  State::closing,    State::last_ack};

/// What the peer has sent in that state, SYN and FIN included: the number that we wait for.
std::uint32_t rcv_nxt_of(State state) {
  return is_in(state, State::close_wait, State::closing, State::last_ack) ? 2 : 1;
}
std::uint32_t snd_nxt_of(State state) { return is_in(state, State::established, State::close_wait) ? 1 : 2; }

/// Four rows of table 6, with a window of 1000 from 1 on.
TEST_P(Acceptability, OfEachLengthAndWindow) {
  struct Row {
    const char* line;
    bool acceptable;
  };
  constexpr Row kRows[] = {
      {".  seq 0", false},
      {".  seq 1", true},
      {".  seq 1000", true},
      {".  seq 1001", false},
      {".  seq 0 len 1", false},
      {".  seq 0 len 2", true},
      {".  seq 1 len 1000", true},
      {".  seq 1000 len 1", true},
      {".  seq 1000 len 500", true},
      {".  seq 1001 len 1", false},
      {".  seq -500 len 501", false},
      {".  seq -500 len 502", true},
      {".  seq -2000000000", false},
      {".  seq 2000000000", false},
  };
  for (const Row& row : kRows) {
    Scene scene = plain();
    scene.config.receive_buffer = 1000;
    Script t(State::established, scene);
    t.peer(row.line);
    EXPECT_EQ(t.count(Counter::tcp_out_of_window), row.acceptable ? 0U : 1U) << row.line;
    if (!row.acceptable) t.expect(".  seq 1 ack 1 cause ack_unacceptable");
  }
}

TEST_P(Acceptability, InEveryStateASegmentOutsideTheWindowEarnsAnAck) {
  for (const State state : kSynchronized) {
    Script t(state, plain());
    t.peer(".  seq 100000 ack 1 len 10");
    t.expect(".  seq " + std::to_string(snd_nxt_of(state)) + " ack " + std::to_string(rcv_nxt_of(state)) +
             " len 0");
    t.expect_nothing();
    t.expect_state(state);
  }
}

TEST_P(Acceptability, InEveryStateAResetOutsideTheWindowIsIgnored) {
  for (const State state : kSynchronized) {
    for (const char* line : {"R  seq 0", "R  seq 100000", "R. seq -1 ack 1", "R  seq -1 len 1"}) {
      Script t(state, plain());
      t.peer(line);
      t.expect_nothing();
      t.expect_state(state);
    }
  }
}

// Two ends that disagree would answer each other for ever; segments with data cannot be part of such a loop.
TEST_P(Acceptability, BareSegmentsOutsideTheWindowAreAnsweredAtALimitedRate) {
  Script t(State::established, plain());
  t.peer(".  seq 100000");
  t.expect(".  ack 1");
  t.peer(".  seq 100000");
  t.expect_nothing();
  t.peer(".  seq 100000 len 10");
  t.expect(".  ack 1");
  t.advance(Duration::millis(500));
  t.peer(".  seq 100000");
  t.expect(".  ack 1");
}

/// A window of 1000 that is full.
struct ZeroWindow : Acceptability {
  static Scene scene() {
    Scene small = plain();
    small.config.receive_buffer = 1000;
    return small;
  }
  static void fill(Script& t) {
    t.peer("P. seq 1 len 1000");
    t.expect(".  ack 1001 win 0");
  }
};
INSTANTIATE_TEST_SUITE_P(From, ZeroWindow, testing::ValuesIn(kStarts), name_of_start);

TEST_P(ZeroWindow, TakesAnAck) {
  Script t(State::established, scene());
  fill(t);
  t.app_send(100);
  t.expect("P. 1:101(100)");
  t.peer(".  seq 1001 ack 101 win 7");
  EXPECT_EQ(t.connection().info().snd_una, t.connection().info().snd_nxt);
  EXPECT_EQ(t.connection().info().snd_wnd, 7U);
  t.expect_nothing();
}

TEST_P(ZeroWindow, TakesTheAckOfASegmentWhoseDataItRefuses) {
  Script t(State::established, scene());
  fill(t);
  t.app_send(100);
  t.expect("P. 1:101(100)");
  t.peer("P. seq 1001 ack 101 win 7 len 1");
  EXPECT_EQ(t.connection().info().snd_una, t.connection().info().snd_nxt);
  EXPECT_EQ(t.connection().info().snd_wnd, 7U);
  t.expect(".  seq 101 ack 1001 win 0 cause ack_of_zero_window_probe");
}

TEST_P(ZeroWindow, TakesAReset) {
  Script t(State::established, scene());
  fill(t);
  t.peer("R  seq 1001");
  t.expect_closed(Errc::connection_reset);
}

// RFC 9293 §3.5.3 (SHLD-2): a reset may carry data.
TEST_P(ZeroWindow, TakesAResetWithData) {
  Script t(State::established, scene());
  fill(t);
  t.peer("R  seq 1001 len 20");
  t.expect_closed(Errc::connection_reset);
}

TEST_P(ZeroWindow, RefusesFin) {
  Script t(State::established, scene());
  fill(t);
  t.peer("F. seq 1001 ack 1");
  t.expect(".  ack 1001 win 0");
  t.expect_state(State::established);
  t.app_read(1000);
  t.expect(".  ack 1001 win 1000 cause ack_window_update");
  t.peer("F. seq 1001 ack 1");
  t.expect_state(State::close_wait);
  t.expect(".  ack 1002");
}

TEST_P(ZeroWindow, AnOlderNumberIsStillUnacceptable) {
  Script t(State::established, scene());
  fill(t);
  t.peer(".  seq 1000");
  t.expect(".  ack 1001 cause ack_unacceptable");
}

}  // namespace
}  // namespace strata::tcp
