// RFC 3168 §6.1 and RFC 8257 on one connection.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

/// Both SYNs asked; the peer opened.
Scene agreed() {
  Scene scene;
  scene.passive = true;
  scene.peer_syn = "mss 1000";
  scene.peer_flags = "SEW";
  scene.our_flags = "SE";
  return scene;
}

Scene agreed_with_sack() {
  Scene scene = agreed();
  scene.peer_syn = "mss 1000 sackOK";
  return scene;
}

Scene dctcp() {
  Scene scene = agreed();
  scene.config.congestion_control = CongestionAlgorithm::dctcp;
  return scene;
}

TEST(CongestionMarks, WhoDidNotAgreeKeepsNothing) {
  Script t(State::established);
  EXPECT_FALSE(t.tcb().ecn);
  t.peer("P. len 1000 ce");
  t.expect(".  noecn");
  t.app_send(1000);
  t.expect("P. len 1000 noecn");
}

TEST(CongestionMarks, AreEchoedUntilTheSenderAnswers) {
  Script t(State::established, agreed());
  t.peer(".  len 1000 ce");
  t.expect("E. noecn cause ack_congestion_mark");
  t.peer(".  len 1000 ect0");
  t.expect("E.");
  t.peer("W. len 1000 ect0");
  t.expect(".");
  EXPECT_EQ(t.count(Counter::tcp_ce_received), 1U);
  EXPECT_TRUE(t.connection().info().marks.seen);
}

TEST(CongestionMarks, AMergedSegmentCountsAsManyMarks) {
  Script t(State::established, agreed());
  t.peer(".  len 3000 gso 1000 ce");
  t.expect("E.");
  EXPECT_EQ(t.connection().info().marks.received_ce, 3U);
}

TEST(CongestionMarks, ReduceOnceInAWindow) {
  Script t(State::established, agreed());
  t.app_send(30'000);
  t.expect_data(1, 1000, 10);
  t.peer("E. ack 2001");
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
  t.peer("E. ack 3001");
  t.peer("E. ack 9001");
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 1U);
}

TEST(CongestionMarks, TheWindowComesDownAtThePaceOfArrivals) {  // RFC 9937 §6.2
  Script t(State::established, agreed());
  t.app_send(60'000);
  t.expect_data(1, 1000, 10);
  t.peer("E. ack 2001");  // two arrived, one may leave
  t.expect("W. 10001:11001(1000) ect0");
  t.expect_nothing();
  t.peer("E. ack 4001");
  t.expect(".  11001:12001(1000) ect0");
  t.expect_nothing();
  t.peer("E. ack 10001");
  EXPECT_EQ(t.connection().info().cwnd, 5000U);
}

TEST(CongestionMarks, AnEchoOfDataThatWasSentBeforeTheReductionIsNoNews) {
  Script t(State::established, agreed());
  t.app_send(60'000);
  t.expect_data(1, 1000, 10);
  t.peer("E. ack 10001");
  t.expect("W. 10001:11001(1000)");
  t.expect_data(11'001, 1000, 4);
  t.peer("E. ack 10001");  // left before CWR arrived
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 1U);
  t.peer(".  ack 11001");
  t.peer("E. ack 12001");  // a mark of the new round
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 2U);
}

TEST(CongestionMarks, AnEchoWithNothingInFlightMeansNothing) {
  Script t(State::established, agreed());
  t.peer("E.");
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 0U);
}

TEST(CongestionMarks, ALossInTheSameWindowIsNoSecondReason) {
  Script t(State::established, agreed_with_sack());
  t.app_send(30'000);
  t.expect_data(1, 1000, 10);
  t.peer("E. ack 1001");
  t.peer("E. ack 1001 sack 2001:6001");
  EXPECT_TRUE(t.connection().info().recovering);
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
}

TEST(CongestionMarks, AnEchoInRecoveryIsNoSecondReasonEither) {
  Script t(State::established, agreed_with_sack());
  t.app_send(30'000);
  t.expect_data(1, 1000, 10);
  t.peer(".  ack 1 sack 1001:5001");
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
  t.peer("E. ack 1 sack 1001:6001");
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 0U);
}

TEST(CongestionMarks, CwrIsWithdrawnWhenTheAlarmWasFalse) {
  Scene scene = agreed_with_sack();
  scene.peer_syn = "mss 1012 sackOK ts 1/0";
  Script t(State::established, scene);
  t.app_send(5000);
  t.expect_data(1, 1000, 5);
  t.peer(".  ack 1 sack 1001:5001");
  t.expect(".  1:1001(1000) noecn");
  t.peer(".  ack 5001 sack 1:1001");  // D-SACK: the repetition was not needed
  t.app_send(1000);
  t.expect("P. 5001:6001(1000) ect0");
}

TEST(CongestionMarks, DctcpAcknowledgesWhatCameBeforeTheChange) {
  Script t(State::established, dctcp());
  t.use_up_quick_acks();
  t.peer(".  len 1000 ect0");
  t.peer(".  len 1000 ce");
  t.expect(".  ack 1009");
  t.expect("E. ack 2009");
  t.expect_nothing();
}

TEST(CongestionMarks, DctcpTellsEveryChangeOfABatch) {
  Script t(State::established, dctcp());
  t.use_up_quick_acks();
  for (const char* line : {".  len 1000 ect0", ".  len 1000 ce", ".  len 1000 ect0", ".  len 1000 ce"})
    t.peer(line);
  t.expect(".  ack 1009");
  t.expect("E. ack 2009");
  t.expect(".  ack 3009");
  t.expect("E. ack 4009");
  t.expect_nothing();
}

TEST(CongestionMarks, AChangeAckDoesNotMoveTheEdgeOfTheWindow) {
  Script t(State::established, dctcp());
  t.use_up_quick_acks();
  t.peer(".  len 1000 ect0");
  t.peer(".  len 1000 ce");
  t.expect(".  ack 1009 win 64527");
  t.expect("E. ack 2009 win 63527");
}

}  // namespace
}  // namespace strata::tcp
