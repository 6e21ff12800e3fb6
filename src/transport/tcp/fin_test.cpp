// RFC 9293 §3.10.7.4, eighth check: FIN with data, out of order, repeated, in every state that may see one.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct FinArrives : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, FinArrives, testing::ValuesIn(kStarts), name_of_start);

TEST_P(FinArrives, ItEndsTheStream) {
  Script t(State::established, plain());
  (void)t.connection().take_events();
  t.peer("F. seq 1 ack 1");
  t.expect_state(State::close_wait);
  t.expect(".  seq 1 ack 2 cause fin_arrived");
  t.expect_end_of_stream();
  EXPECT_EQ(t.connection().take_events(), Ready::readable | Ready::peer_closed);
}

TEST_P(FinArrives, WithDataTheDataComesFirst) {
  Script t(State::established, plain());
  t.peer("FP. 1:101(100)");
  t.expect_state(State::close_wait);
  t.expect(".  ack 102");
  t.app_read(100);
  t.expect_end_of_stream();
}

TEST_P(FinArrives, OutOfOrderItWaitsForTheData) {
  Script t(State::established, plain());
  t.peer("F. seq 101 len 100");
  t.expect(".  ack 1 cause ack_out_of_order");
  t.expect_state(State::established);
  t.peer(".  1:101(100)");
  t.expect(".  ack 202");
  t.expect_state(State::close_wait);
  t.app_read(200);
  t.expect_end_of_stream();
}

TEST_P(FinArrives, OutOfOrderWithoutDataItEarnsADuplicateAck) {
  Script t(State::established, plain());
  t.peer("F. seq 101");
  t.expect(".  ack 1 cause ack_out_of_order");
  t.expect_nothing();
  t.peer(".  1:101(100)");
  t.expect(".  ack 102");
  t.expect_state(State::close_wait);
}

TEST_P(FinArrives, RepeatedItIsAcknowledgedAgain) {
  struct Row {
    State state;
    const char* answer;
  };
  for (const Row& row : {Row{State::close_wait, ".  seq 1 ack 2"}, Row{State::closing, ".  seq 2 ack 2"},
                         Row{State::last_ack, ".  seq 2 ack 2"}}) {
    Script t(row.state, plain());
    t.peer("F. seq 1 ack 1");
    t.expect(row.answer);
    t.expect_nothing();
    t.expect_state(row.state);
  }
}

TEST_P(FinArrives, TheReceiveWindowCutsItOff) {
  Scene scene = plain();
  scene.config.receive_buffer = 1000;
  Script t(State::established, scene);
  t.peer("FP. 1:1002(1001)");
  t.expect(".  ack 1001 win 0");
  t.expect_state(State::established);
}

TEST_P(FinArrives, DataBehindItIsIgnored) {  // RFC 9293 §3.10.7.4, seventh check
  Script t(State::close_wait, plain());
  t.peer("P. seq 2 len 10");
  t.expect_nothing();
  t.expect_end_of_stream();
  EXPECT_EQ(t.count(Counter::tcp_data_after_fin), 1U);
  t.expect_state(State::close_wait);
}

TEST_P(FinArrives, InFinWait1WithoutTheAckOfOursBothAreClosing) {
  Script t(State::fin_wait_1, plain());
  t.peer("F. seq 1 ack 1");
  t.expect_state(State::closing);
  t.expect(".  seq 2 ack 2");
  t.peer(".  seq 2 ack 2");
  t.expect_state(State::time_wait);
}

TEST_P(FinArrives, InFinWait1WithTheAckOfOursWeWait) {
  Script t(State::fin_wait_1, plain());
  t.peer("F. seq 1 ack 2");
  t.expect_state(State::time_wait);
  t.expect(".  seq 2 ack 2");
}

TEST_P(FinArrives, InFinWait2WeWait) {
  Script t(State::fin_wait_2, plain());
  t.peer("FP. seq 1 len 10");
  t.expect_state(State::time_wait);
  t.expect(".  seq 2 ack 12");
  t.app_read(10);
  t.expect_end_of_stream();
}

}  // namespace
}  // namespace strata::tcp
