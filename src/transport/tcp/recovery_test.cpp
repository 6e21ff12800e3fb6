// Fast retransmit, partial and full ACKs (RFC 5681 §3.2, RFC 6582), limited transmit (RFC 3042), at the pace
// of RFC 9937, where SACK is not agreed.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

struct Recovery : AnyNumbers {
  static Scene thousand() {
    Scene scene = plain();
    scene.peer_syn = "mss 1000";
    return scene;
  }
  /// Ten segments are out, and many wait.
  static void fill(Script& t) {
    t.app_send(40'000);
    t.expect_data(1, kMss, 10);
    t.expect_nothing();
  }
  static void duplicates(Script& t, int count) {
    for (int i = 0; i < count; ++i) t.peer(".");
  }
};
INSTANTIATE_TEST_SUITE_P(From, Recovery, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Recovery, TheFirstTwoDuplicatesLetOneNewSegmentGoEach) {  // RFC 3042 §2
  Script t(State::established, thousand());
  fill(t);
  t.peer(".  ack 1");
  t.expect(".  10001:11001(1000)");
  t.expect_nothing();
  t.peer(".  ack 1");
  t.expect(".  11001:12001(1000)");
  t.expect_nothing();
  t.expect_cwnd(10'000);
}

TEST_P(Recovery, TheThirdRetransmitsAtOnce) {  // RFC 5681 §3.2
  Script t(State::established, thousand());
  fill(t);
  duplicates(t, 3);
  t.expect(".  1:1001(1000) cause retransmit_fast");
  t.expect_cwnd((10 - 3 - 1 + 1) *
                kMss);  // in flight: not the three that arrived; one is lost and sent again
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 1U);
}

TEST_P(Recovery, FurtherDuplicatesBringTheWindowDownAndThenKeepIt) {  // RFC 9937 §6.2
  Script t(State::established, thousand());
  fill(t);
  duplicates(t, 3);
  t.expect(".  1:1001(1000)");
  duplicates(t, 2);
  t.expect_cwnd(5000);
  t.expect_nothing();
  duplicates(t, 2);
  t.expect_data(10'001, kMss, 2);
  t.expect_nothing();
}

TEST_P(Recovery, AFullAckEndsIt) {
  Script t(State::established, thousand());
  fill(t);
  duplicates(t, 3);
  t.expect(".  1:1001(1000)");
  t.peer(".  ack 10001");
  t.expect_cwnd(5 * kMss);
  t.expect_data(10'001, kMss, 5);
  t.expect_nothing();
}

TEST_P(Recovery, APartialAckRetransmitsTheNextHole) {  // RFC 6582 §3.2
  Script t(State::established, thousand());
  fill(t);
  duplicates(t, 3);
  t.expect(".  1:1001(1000)");
  t.peer(".  ack 3001");
  t.expect(".  3001:4001(1000) cause retransmit_partial_ack");
  t.expect_cwnd(5000 + kMss);
  t.expect_nothing();
  t.peer(".  ack 6001");
  t.expect(".  6001:7001(1000) cause retransmit_partial_ack");
  t.expect(".  10001:11001(1000)");  // four are in flight, five may be
  EXPECT_EQ(t.count(Counter::tcp_partial_acks), 2U);
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 1U);
  t.peer(".  ack 10001");
  t.expect_data(11'001, kMss, 4);
}

TEST_P(Recovery, ALostRetransmissionIsTheTimersWork) {
  Script t(State::established, thousand());
  fill(t);
  duplicates(t, 3);
  t.expect(".  1:1001(1000)");
  t.advance(t.rto());
  t.expect(".  1:1001(1000) cause retransmit_rto");
  t.expect_nothing();
  t.expect_cwnd(kMss);
}

// RFC 6582 §4: the duplicates that our own repetitions cause must not start fast retransmit.
TEST_P(Recovery, DuplicatesAfterATimeOutStartNothing) {
  Script t(State::established, thousand());
  fill(t);
  t.advance(t.rto());
  t.expect(".  1:1001(1000)");
  t.peer(".  ack 2001");
  t.expect_data(10'001, kMss, 2);  // RFC 5682 §2.1, step 2b
  duplicates(t, 1);
  t.expect(".  2001:3001(1000) cause retransmit_rto");
  duplicates(t, 4);
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 0U);
  EXPECT_FALSE(t.tcb().loss.phase == LossPhase::recovery);
}

TEST_P(Recovery, AfterTheTimeOutIsRepairedLossIsFoundAgain) {
  Script t(State::established, thousand());
  fill(t);
  t.advance(t.rto());
  t.expect(".  1:1001(1000)");
  t.peer(".  ack 10001");
  t.expect_data(10'001, kMss, 2);
  t.peer(".  ack 12001");
  t.expect_data(12'001, kMss, 4);
  duplicates(t, 3);
  t.expect(".  12001:13001(1000) cause retransmit_fast");
}

TEST_P(Recovery, AWindowUpdateIsNoDuplicate) {  // RFC 5681 §2
  Script t(State::established, thousand());
  fill(t);
  for (int win = 60'000; win > 59'900; win -= 10) t.peer(".  ack 1 win " + std::to_string(win));
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_duplicate_acks), 0U);
}

TEST_P(Recovery, ASegmentWithDataIsNoDuplicate) {
  Script t(State::established, thousand());
  fill(t);
  for (int i = 0; i < 5; ++i) t.peer("P. len 10 ack 1");
  EXPECT_EQ(t.count(Counter::tcp_duplicate_acks), 0U);
}

TEST_P(Recovery, WithoutDataOutNothingIsADuplicate) {
  Script t(State::established, thousand());
  duplicates(t, 10);
  EXPECT_EQ(t.count(Counter::tcp_duplicate_acks), 0U);
  t.expect_nothing();
}

TEST_P(Recovery, WithSackOnlyReportsOfNewDataCount) {  // RFC 6675 §2, RFC 2883 §4
  Scene scene = thousand();
  scene.peer_syn = "mss 1000 sackOK";
  Script t(State::established, scene);
  fill(t);
  duplicates(t, 5);                // no block
  t.peer(".  ack 1 sack -999:1");  // D-SACK: below snd_una
  EXPECT_EQ(t.count(Counter::tcp_duplicate_acks), 0U);
  t.peer(".  ack 1 sack 1001:2001");
  t.peer(".  ack 1 win 60000 sack 1001:3001");  // the window may change
  t.peer(".  ack 1 sack 1001:4001");
  EXPECT_EQ(t.count(Counter::tcp_duplicate_acks), 3U);
  t.expect(".  1:1001(1000) cause retransmit_fast");
}

TEST_P(Recovery, ALostFinIsRepairedAfterTheDataBeforeIt) {
  Script t(State::established, thousand());
  t.app_send(5000);
  t.app_shutdown();
  t.expect_data(1, kMss, 4);
  t.expect("FP. 4001:5001(1000)");
  t.peer(".  ack 4001");
  t.advance(t.rto());
  t.expect("FP. 4001:5001(1000) cause retransmit_rto");
  t.peer(".  ack 5002");
  t.expect_state(State::fin_wait_2);
}

TEST_P(Recovery, NothingIsRetransmittedThatWasAcknowledgedMeanwhile) {
  Script t(State::established, thousand());
  fill(t);
  duplicates(t, 3);
  t.peer(".  ack 10001");  // in the same batch
  t.expect_data(10'001, kMss, 5);
}

}  // namespace
}  // namespace strata::tcp
