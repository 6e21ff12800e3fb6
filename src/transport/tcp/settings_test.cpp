// What TcpSettings change on one connection (Linux's socket options), as scripts.
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

struct Settings : AnyNumbers {
  static void set(Script& t, const TcpSettings& settings) { configure(t.tcb(), t.context(), settings); }
};
INSTANTIATE_TEST_SUITE_P(From, Settings, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Settings, CorkHoldsPiecesUntilItIsTakenOff) {
  Script t(State::established, plain());
  set(t, {.cork = true});
  t.app_send(1000);
  t.expect_nothing();
  t.app_send(1000);
  t.expect(".  1:1461(1460)");
  t.expect_nothing();
  set(t, {});
  t.peer(".  ack 1461");
  t.expect("P. 1461:2001(540)");
}

TEST_P(Settings, CorkGivesWayToTheEnd) {
  Script t(State::established, plain());
  set(t, {.cork = true});
  t.app_send(1000);
  t.expect_nothing();
  t.app_shutdown();
  t.expect("FP. 1:1001(1000)");
}

TEST_P(Settings, ACorkedPieceLeavesInTheEnd) {  // nothing is held for ever
  Script t(State::established, plain());
  set(t, {.cork = true});
  t.app_send(1000);
  t.expect_nothing();
  t.advance(t.rto());
  t.expect("P. 1:1001(1000)");
}

TEST_P(Settings, MoreHoldsThePieceUntilDataWithoutItComes) {
  Script t(State::established, plain());
  EXPECT_EQ(t.try_send(100, {.more = true}), std::size_t{100});
  t.expect_nothing();
  EXPECT_EQ(t.try_send(100), std::size_t{100});
  t.expect("P. 1:201(200)");
}

TEST_P(Settings, TheSendBufferIsTheConnectionsOwn) {
  Script t(State::established, plain());
  set(t, {.send_buffer = 3000});
  EXPECT_EQ(t.try_send(5000), std::size_t{3000});
  EXPECT_EQ(t.try_send(1).error(), Errc::would_block);
}

TEST_P(Settings, TheApplicationHearsOfRoomWhenAThirdIsFree) {
  Script t(State::established, plain());
  set(t, {.send_buffer = 6000});
  EXPECT_EQ(t.try_send(7000), std::size_t{6000});
  t.expect_data(1, 1460, 4);
  (void)t.connection().take_events();
  t.peer(".  ack 1461");
  EXPECT_EQ(t.connection().take_events(), Ready::none);
  t.peer(".  ack 2921");
  EXPECT_EQ(t.connection().take_events(), Ready::writable);
}

TEST_P(Settings, NotsentLowatBoundsWhatWaits) {
  Script t(State::established, plain());
  set(t, {.notsent_lowat = 2000});
  EXPECT_EQ(t.try_send(9000), std::size_t{2000});
  EXPECT_EQ(t.try_send(1).error(), Errc::would_block);
  (void)t.connection().take_events();
  t.expect(".  1:1461(1460)");
  EXPECT_EQ(t.connection().take_events(), Ready::writable);  // because it was sent, not acknowledged
  EXPECT_EQ(t.try_send(9000), std::size_t{1460});
}

TEST_P(Settings, TheWindowIsTheConnectionsOwn) {
  Script t(State::established, plain());
  t.peer("P. len 10");
  t.expect(".  ack 11 win 65525");
  set(t, {.receive_buffer = 5000});
  t.app_read(10);
  t.peer("P. len 60000");
  t.expect(".  ack 60011 win 5525");  // the right edge does not move left (RFC 9293 §3.8.6)
  t.peer("P. len 5525");
  t.expect(".  ack 65536 win 0");
  t.app_read(65'525);
  t.expect(".  ack 65536 win 5000 cause ack_window_update");
}

TEST_P(Settings, TheClampBoundsTheWindowOnTop) {
  Script t(State::established, plain());
  t.peer("P. len 60000");
  t.expect(".  ack 60001 win 5535");
  set(t, {.window_clamp = 3000});
  t.app_read(60'000);
  t.peer("P. len 5535");
  t.app_read(5535);
  t.expect(".  ack 65536 win 3000");
}

TEST_P(Settings, KeepaliveTimesAreTheConnectionsOwn) {
  Script t(State::established, plain());
  set(t, {.keepalive_time = Duration::seconds(20),
          .keepalive_interval = Duration::seconds(3),
          .keepalive_probes = 2,
          .keepalive = true});
  t.advance(Duration::seconds(20));
  t.expect(".  seq 0 cause probe_keepalive");
  t.advance(Duration::seconds(3));
  t.expect(".  seq 0");
  t.advance(Duration::seconds(3));
  t.expect("R. seq 1 ack 1 cause timeout_keepalive");
  t.expect_closed(Errc::timed_out);
}

TEST_P(Settings, AUserTimeoutBoundsUnansweredProbes) {
  Script t(State::established, plain());
  set(t, {.user_timeout = Duration::seconds(25),
          .keepalive_time = Duration::seconds(20),
          .keepalive_interval = Duration::seconds(3),
          .keepalive = true});
  t.advance(Duration::seconds(20));
  t.expect(".  seq 0");
  t.advance(Duration::seconds(3));
  t.expect(".  seq 0");
  t.advance(Duration::seconds(3));
  t.expect("R. seq 1 cause timeout_keepalive");
}

TEST_P(Settings, WithoutFinTimeoutAnOrphanDoesNotWait) {
  Script t(State::fin_wait_2, plain());
  set(t, {.fin_timeout = Duration::seconds(-1)});
  t.app_close();
  t.expect("R. seq 2 ack 1 cause timeout_fin_wait_2");
  t.expect_state(State::closed);
}

TEST_P(Settings, TheFinTimeoutIsTheConnectionsOwn) {
  Script t(State::fin_wait_2, plain());
  set(t, {.fin_timeout = Duration::seconds(5)});
  t.app_close();
  t.advance(Duration::seconds(4));
  t.expect_state(State::fin_wait_2);
  t.advance(Duration::seconds(1));
  t.expect_state(State::closed);
}

TEST_P(Settings, DataAfterBothSidesAreShutEarnsAReset) {
  Script t(State::established, plain());
  t.tcb().receive_shut = true;
  t.peer("P. len 10");
  t.expect(".  ack 11");
  t.app_shutdown();
  t.expect("F. seq 1 ack 11");
  t.peer("P. len 10");
  t.expect("R  cause rst_data_after_close");
}

TEST_P(Settings, QuickAcksCanBeHadAndGivenUp) {
  Script t(State::established, plain());
  t.tcb().acks.set_quick(false);
  t.peer("P. len 1");
  t.expect_nothing();
  t.tcb().acks.set_quick(true);
  t.expect(".  ack 2 cause ack_push");
  t.peer("P. len 1");
  t.expect(".  ack 3");
}

TEST_P(Settings, UntilTheFirstDataItsAgeCountsFromTheHandshake) {
  Script t(State::established, plain());
  t.advance(Duration::seconds(1));
  EXPECT_EQ(t.connection().info(t.now()).since_data_received, Duration::seconds(1));
}

TEST_P(Settings, TrafficIsCounted) {
  Script t(State::established, plain());
  t.app_send(100);
  t.expect("P. 1:101(100)");
  t.advance(t.rto());
  t.expect("P. 1:101(100)");
  t.peer(".  ack 101");
  t.peer("P. len 10");
  t.expect(".  ack 11");
  t.app_read(10);
  const TcpTraffic traffic = t.connection().info().traffic;
  EXPECT_EQ(traffic.bytes_sent, 200U);
  EXPECT_EQ(traffic.bytes_retransmitted, 100U);
  EXPECT_EQ(traffic.retransmissions, 1U);
  EXPECT_EQ(traffic.bytes_acked, 101U);  // with the SYN of the active open
  EXPECT_EQ(traffic.bytes_received, 10U);
  EXPECT_EQ(traffic.data_segments_in, 1U);
}

}  // namespace
}  // namespace strata::tcp
