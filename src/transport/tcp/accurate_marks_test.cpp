// RFC 9768 on one connection.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

/// The peer asked for AccECN, and we confirmed.
Scene server() {
  Scene scene;
  scene.passive = true;
  scene.config.ecn = 3;
  scene.peer_syn = "mss 1000 sackOK";
  scene.peer_flags = "SEWA";
  scene.our_flags = "SW";
  scene.peer_ack_flags = ".2";
  return scene;
}

/// We asked, and the peer confirmed.
Scene client() {
  Scene scene;
  scene.config.ecn = 3;
  scene.peer_syn = "mss 1000 sackOK ecn1 1,0,1";
  scene.peer_flags = "SW";
  scene.our_flags = "SEWA";
  scene.our_ack_flags = ".2";
  return scene;
}

TEST(AccurateMarks, TheClientAcknowledgesAloneBeforeItsData) {  // §3.2.2.1
  Script t(State::syn_sent, client());
  t.app_send(500);
  t.peer("SW. seq 0 ack 1 mss 1000 sackOK ecn1 1,0,1");
  t.expect(".2 seq 1 len 0 noecn ecn1 1,0,1");
  t.expect("P.5 seq 1 len 500 ect0 ecn1 1,0,1");
}

TEST(AccurateMarks, TheClientTellsTheMarkOfTheSynAck) {
  struct Row {
    const char* mark;
    const char* answer;
    const char* later;
  };
  for (const Row& row :
       {Row{"noecn", ".2", ".5"}, Row{"ect1", ".3", ".5"}, Row{"ect0", ".4", ".5"}, Row{"ce", ".6", ".6"}}) {
    Script t(State::syn_sent, client());
    t.peer(std::string("SW. seq 0 ack 1 mss 1000 sackOK ") + row.mark);
    t.expect(row.answer);
    t.peer(".5 len 100");
    t.expect(row.later);
  }
}

TEST(AccurateMarks, ARepeatedSynAckIsToldAgain) {
  Script t(State::established, client());
  t.advance(Duration::seconds(1));
  t.peer("SW. seq 0 ack 1 mss 1000 ect0");
  t.expect(".4 seq 1");
}

TEST(AccurateMarks, CountsEveryMarkInEveryAck) {
  Script t(State::established, server());
  t.peer(".5 len 1000 ce");
  t.expect(".6 ecn1 1,1000,1 cause ack_congestion_mark");
  t.peer(".5 len 1000 ce");
  t.expect(".7 ecn1 1,2000,1");
  t.peer(".5 len 1000 ect0");
  t.expect(".7 ecn1 1,2000,1001");
}

TEST(AccurateMarks, HasNoOptionWithoutNews) {
  Script t(State::established, server());
  t.peer(".5 len 1000 noecn");
  t.expect(".5 no-ecn");
}

TEST(AccurateMarks, NeverSetsCwr) {  // §3.1.5
  Script t(State::established, server());
  t.app_send(30'000);
  for (int i = 0; i < 10; ++i) t.expect(".5 len 1000 ect0");
  t.peer(".6 ack 2001");
  t.expect(".5 10001:11001(1000) ect0");
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 1U);
}

TEST(AccurateMarks, ReducesOnceInARound) {
  Script t(State::established, server());
  t.app_send(30'000);
  for (int i = 0; i < 10; ++i) t.expect(".5 len 1000");
  t.peer(".6 ack 2001");
  t.peer(".7 ack 4001");
  t.peer(".0 ack 8001");
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 1U);
  EXPECT_EQ(t.connection().info().marks.delivered_ce, 3U);
}

TEST(AccurateMarks, AnAckWithoutProgressIsPassedOver) {  // appendix A.1
  Script t(State::established, server());
  t.app_send(30'000);
  for (int i = 0; i < 10; ++i) t.expect(".5 len 1000");
  t.peer(".7 ack 1");
  EXPECT_EQ(t.connection().info().marks.delivered_ce, 0U);
}

TEST(AccurateMarks, AZeroOnTheHandshakeEndsMarking) {  // table 4, note 1
  Scene scene = server();
  scene.peer_ack_flags = ".";
  Script t(State::established, scene);
  EXPECT_EQ(t.count(Counter::tcp_ecn_zeroed), 1U);
  t.app_send(20'000);
  for (int i = 0; i < 10; ++i) t.expect(".5 len 1000 noecn");
  t.peer(".1 ack 5001");
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 0U);
  t.peer(".  len 1000 ce");  // as a receiver it goes on
  t.expect(".6 10001:11001(1000)");
}

TEST(AccurateMarks, AZeroInTheFirstFeedbackEndsMarking) {  // §3.2.2.4
  Script t(State::established, client());
  t.app_send(1000);
  t.expect("P.5 len 1000 ect0");
  t.peer(".0 ack 1001");
  EXPECT_EQ(t.count(Counter::tcp_ecn_zeroed), 1U);
  t.app_send(1000);
  t.expect("P.5 len 1000 noecn");
}

TEST(AccurateMarks, AMangledHandshakeEndsMarkingButNotHearing) {  // §3.2.2.3
  Scene scene = server();
  scene.peer_ack_flags = ".4";  // our SYN-ACK was not ECN-capable
  Script t(State::established, scene);
  EXPECT_EQ(t.count(Counter::tcp_ecn_mangled), 1U);
  t.app_send(20'000);
  for (int i = 0; i < 10; ++i) t.expect(".5 len 1000 noecn");
  t.peer(".6 ack 5001");
  EXPECT_EQ(t.count(Counter::tcp_ecn_reductions), 1U);
}

TEST(AccurateMarks, AFullSegmentHasNoRoomForTheOption) {
  Script t(State::established, server());
  t.app_send(2000);
  t.expect(".5 len 1000");
  t.expect("P.5 len 1000");
  t.peer(".5 len 1000 ack 2001 ect0");
  t.app_send(1000);
  t.expect("P.5 len 1000 no-ecn");
  t.expect(".5 len 0 ecn1 1,0,1001");  // soon, by itself
  t.expect_nothing();
}

TEST(AccurateMarks, SackBlocksComeFirst) {  // §3.2.3.3
  Script t(State::established, server());
  t.peer(".5 1001:2001(1000) ce");
  t.expect(".6 sack 1001:2001 ecn1 1,1000,1");
  t.peer(".5 3001:4001(1000) ect0");
  t.expect(".6 sack 3001:4001,1001:2001 ecn1 1,1000,1001");
  t.peer(".5 5001:6001(1000) ect0");
  t.expect(".6 sack 5001:6001,3001:4001,1001:2001 ecn1 1,1000,2001");
}

TEST(AccurateMarks, StopsTheOptionWhereItsAcksGetLost) {  // §3.2.3.2.2
  Script t(State::established, server());
  t.peer(".5 len 1000 ect0");
  t.expect(".5 ack 1001 ecn1 1,0,1001");
  t.peer(".5 1:1001(1000) ect0");
  t.expect(".5 ack 1001");
  t.peer(".5 1:1001(1000) ect0");
  t.expect(".5 ack 1001");
  t.peer(".5 1:1001(1000) ect0");
  t.expect(".5 ack 1001 no-ecn");
}

TEST(AccurateMarks, ClassicPeersAreServedTheirWay) {  // §3.1.2
  Scene scene;
  scene.passive = true;
  scene.config.ecn = 3;
  scene.peer_syn = "mss 1000";
  scene.peer_flags = "SEW";
  scene.our_flags = "SE";
  Script t(State::established, scene);
  EXPECT_FALSE(t.connection().info().marks.accurate);
  t.peer(".  len 1000 ce");
  t.expect("E. no-ecn");
}

TEST(AccurateMarks, ControlPacketsMayBeCapable) {  // ECN++
  Scene scene = server();
  scene.config.ecn_control = true;
  scene.peer_ack_flags = ".4";
  Script t(State::established, scene);
  t.peer(".5 len 1000 ect0");
  t.expect(".5 ect0");
  t.app_send(1000);
  t.expect("P.5 len 1000 ect0");
  t.advance(t.rto());
  t.expect("P.5 len 1000 ect0 cause probe_tail");
}

}  // namespace
}  // namespace strata::tcp
