// Loss recovery where SACK is agreed: what is lost by RFC 8985 and RFC 6675, how fast it is repaired (RFC
// 9937), and the way back from a false alarm (RFC 3522, RFC 3708, RFC 5682).
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;
constexpr Duration kRtt = Duration::millis(100);

struct SackRecovery : AnyNumbers {
  static Scene thousand(bool timestamps = false) {
    Scene scene = plain();
    scene.peer_syn = timestamps ? "mss 1012 sackOK ts 1/0" : "mss 1000 sackOK";
    scene.config.timestamps = timestamps;
    return scene;
  }
  /// A round trip was measured, twelve segments are out since another one, and more wait.
  static void fill(Script& t) {
    t.app_send(2 * kMss);
    t.expect(".  1:1001(1000)");
    t.expect("P. 1001:2001(1000)");
    t.advance(kRtt);
    t.peer(".  ack 2001");
    t.app_send(40'000);
    t.expect_data(2001, kMss, 10);
    t.expect_nothing();
    t.advance(kRtt);
  }
  static std::uint32_t ssthresh(Script& t) { return t.connection().info().ssthresh; }
};
INSTANTIATE_TEST_SUITE_P(From, SackRecovery, testing::ValuesIn(kStarts), name_of_start);

TEST_P(SackRecovery, ReportsLetNewSegmentsGoUntilTheThird) {  // RFC 3042, RFC 6675 §5
  Script t(State::established, thousand());
  fill(t);
  t.peer(".  ack 2001 sack 3001:4001");
  t.expect(".  12001:13001(1000)");
  t.peer(".  ack 2001 sack 3001:5001");
  t.expect(".  13001:14001(1000)");
  t.peer(".  ack 2001 sack 3001:6001");
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  EXPECT_EQ(ssthresh(t), 5000U);
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 1U);
}

TEST_P(SackRecovery, ALateSegmentIsWaitedForAQuarterOfTheRoundTrip) {  // RFC 8985 §6.2
  Script t(State::established, thousand());
  fill(t);
  t.peer(".  ack 2001 sack 3001:4001");
  t.expect(".  12001:13001(1000)");
  t.advance(kRtt / 4 - Duration::millis(1));
  t.expect_nothing();
  t.advance(Duration::millis(1));
  t.expect(".  2001:3001(1000) cause retransmit_fast");
}

TEST_P(SackRecovery, AllHolesAreRepairedInOneRoundTrip) {
  Script t(State::established, thousand());
  fill(t);
  // 2001, 4001 and 6001 are lost.
  t.peer(".  ack 2001 sack 3001:4001");
  t.expect(".  12001:13001(1000)");
  t.peer(".  ack 2001 sack 5001:6001,3001:4001");
  t.expect(".  13001:14001(1000)");
  t.peer(".  ack 2001 sack 7001:8001,5001:6001,3001:4001");
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.peer(".  ack 2001 sack 7001:9001,5001:6001,3001:4001");
  t.peer(".  ack 2001 sack 7001:10001,5001:6001,3001:4001");
  t.expect_nothing();  // five are in flight, as many as ssthresh allows
  t.peer(".  ack 2001 sack 7001:11001,5001:6001,3001:4001");
  t.expect(".  4001:5001(1000) cause retransmit_fast");
  t.peer(".  ack 2001 sack 7001:12001,5001:6001,3001:4001");
  t.expect(".  6001:7001(1000) cause retransmit_fast");
  t.peer(".  ack 2001 sack 7001:14001,5001:6001,3001:4001");
  t.peer(".  ack 14001");
  t.expect_cwnd(5000);
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 1U);
  EXPECT_EQ(t.count(Counter::tcp_rto_fired), 0U);
}

TEST_P(SackRecovery, OriginalsThatArriveAfterAllUndoTheReduction) {  // RFC 3708
  Script t(State::established, thousand());
  fill(t);
  t.peer(".  ack 2001 sack 3001:6001");
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.peer(".  ack 6001");  // the original, late
  EXPECT_EQ(ssthresh(t), 5000U);
  t.peer(".  ack 6001 sack 2001:3001");  // and the repetition
  EXPECT_GE(t.connection().info().cwnd, 10'000U);
  EXPECT_GE(ssthresh(t), 1U << 20);
  EXPECT_EQ(t.count(Counter::tcp_spurious_recoveries), 1U);
  EXPECT_EQ(t.count(Counter::tcp_dsacks_received), 1U);
}

TEST_P(SackRecovery, AnOldEchoUndoesTheReductionAtOnce) {  // RFC 3522, RFC 4015
  Script t(State::established, thousand(true));
  fill(t);
  const std::uint32_t stamp = timestamp_value(t.now() - kRtt, t.tcb().ts_offset);
  t.peer(".  ack 2001 sack 3001:6001 ts 3000/" + std::to_string(stamp));
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.advance(Duration::millis(5));
  t.peer(".  ack 6001 ts 3000/" + std::to_string(stamp));
  EXPECT_EQ(t.count(Counter::tcp_spurious_recoveries), 1U);
  EXPECT_GE(ssthresh(t), 1U << 20);
}

TEST_P(SackRecovery, AfterAFalseAlarmThreeReportsAreNoLoss) {  // RFC 8985 §6.2, step 4
  Script t(State::established, thousand(true));
  fill(t);
  const std::string stamp = " ts 3000/" + std::to_string(timestamp_value(t.now() - kRtt, t.tcb().ts_offset));
  t.peer(".  ack 2001 sack 3001:6001" + stamp);
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.advance(Duration::millis(5));
  t.peer(".  ack 6001" + stamp);  // the original had been overtaken
  t.expect_data(12'001, kMss, 4);
  t.peer(".  ack 6001 sack 7001:10001" + stamp);
  t.expect_data(16'001, kMss, 6);
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 1U);
}

TEST_P(SackRecovery, WhereOrderIsKnownToVaryReportsGrowTheWindow) {
  Script t(State::established, thousand());
  fill(t);
  t.peer(".  ack 2001 sack 3001:4001");
  t.peer(".  ack 4001");  // 2001 was late: no loss
  const std::uint32_t before = t.connection().info().cwnd;
  t.expect_data(12'001, kMss, static_cast<int>((before - 8 * kMss) / kMss));
  t.peer(".  ack 4001 sack 5001:7001");
  EXPECT_EQ(t.connection().info().cwnd, before + 2 * kMss);
}

TEST_P(SackRecovery, AReportIsASampleOfTheRoundTrip) {  // RFC 6298 §4
  Script t(State::established, thousand());
  fill(t);
  const Duration before = t.connection().info().srtt;
  t.advance(Duration::millis(80));
  t.peer(".  ack 2001 sack 3001:4001");
  EXPECT_GT(t.connection().info().srtt, before);
}

TEST_P(SackRecovery, TheTimerCountsFromTheRepetition) {
  Scene scene = thousand();
  scene.config.tail_probes = false;
  Script t(State::established, scene);
  fill(t);
  t.advance(t.rto() - kRtt - Duration::millis(10));
  t.peer(".  ack 2001 sack 3001:6001");
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.advance(Duration::millis(20));
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_rto_fired), 0U);
}

TEST_P(SackRecovery, ATimeOutInRecoveryReducesWhatRecoveryAimedAt) {  // RFC 5681 §3.1
  Script t(State::established, thousand());
  fill(t);
  // Almost all is lost, and the window is far below its aim for a while.
  t.peer(".  ack 2001 sack 9001:12001");
  t.expect_data(2001, kMss, 3);
  EXPECT_EQ(ssthresh(t), 5000U);
  EXPECT_LT(t.connection().info().cwnd, 5000U);
  t.advance(t.rto());
  t.expect(".  2001:3001(1000) cause retransmit_rto");
  EXPECT_EQ(ssthresh(t), 2500U);
}

TEST_P(SackRecovery, ATimeOutThatWasADelayIsUndone) {  // RFC 5682 §3.1
  Scene scene = thousand();
  scene.config.tail_probes = false;
  Script t(State::established, scene);
  fill(t);
  t.advance(t.rto() - kRtt);
  t.expect(".  2001:3001(1000) cause retransmit_rto");
  t.expect_nothing();
  t.peer(".  ack 4001");  // more than what was sent again
  EXPECT_EQ(t.count(Counter::tcp_spurious_timeouts), 1U);
  EXPECT_GE(ssthresh(t), 1U << 20);
}

TEST_P(SackRecovery, WhatThePeerThrewAwayIsSentAgain) {  // RFC 2018 §8
  Script t(State::established, thousand());
  fill(t);
  t.peer(".  ack 2001 sack 3001:4001");
  t.expect(".  12001:13001(1000)");
  t.peer(".  ack 3001");  // and no more than that, though the next had been reported
  t.expect_data(13'001, kMss, 2);
  t.advance(t.rto());
  t.expect(".  3001:4001(1000) cause retransmit_rto");
  EXPECT_EQ(t.count(Counter::tcp_sack_reneging), 1U);
}

TEST_P(SackRecovery, ALostTailIsAskedForBeforeTheTimer) {  // RFC 8985 §7.3
  Script t(State::established, thousand());
  t.app_send(2 * kMss);
  t.expect(".  1:1001(1000)");
  t.expect("P. 1001:2001(1000)");
  t.advance(kRtt);
  t.peer(".  ack 2001");
  t.app_send(3 * kMss);
  t.expect_data(2001, kMss, 2);
  t.expect("P. 4001:5001(1000)");
  t.advance(kRtt * 2 + Duration::millis(2));
  t.expect("P. 4001:5001(1000) cause probe_tail");
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_tail_probes), 1U);
  t.advance(kRtt);
  t.peer(".  ack 2001 sack 4001:5001");  // the first two are lost
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  EXPECT_EQ(t.count(Counter::tcp_rto_fired), 0U);
}

TEST_P(SackRecovery, ATailProbeCarriesNewDataIfThereIsSome) {
  Script t(State::established, thousand());
  fill(t);
  t.advance(kRtt + Duration::millis(2));
  t.expect(".  12001:13001(1000) cause probe_tail");
  t.expect_nothing();
}

TEST_P(SackRecovery, WithoutTailProbesTheTimerHasToDoIt) {
  Scene scene = thousand();
  scene.config.tail_probes = false;
  Script t(State::established, scene);
  fill(t);
  t.advance(kRtt + Duration::millis(10));
  t.expect_nothing();
}

TEST_P(SackRecovery, GarbageReportsDoNothing) {
  Script t(State::established, thousand());
  fill(t);
  t.peer(".  ack 2001 sack 40001:50001");
  t.peer(".  ack 2001 sack 5001:4001");
  t.peer(".  ack 2001 sack 2001:2001");
  t.peer(".  ack 2001 sack 3500:3600");
  t.expect_nothing();
  EXPECT_EQ(t.tcb().loss.board.sacked_bytes(), 0U);
}

}  // namespace
}  // namespace strata::tcp
