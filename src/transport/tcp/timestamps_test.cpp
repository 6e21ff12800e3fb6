// RFC 7323 §3 to §5: stamps on every segment, what is echoed, and protection against old duplicates.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct Timestamps : AnyNumbers {
  static Scene stamped() {
    Scene scene = plain();
    scene.peer_syn = "mss 1460 ts 1000/0";
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, Timestamps, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Timestamps, EverySegmentHasThem) {
  Script t(State::established, stamped());
  t.app_send(10);
  t.expect("P. 1:11(10) ts 1100/1000");
  t.peer("P. len 5 ack 11 ts 1050/1100");
  t.expect(".  ack 6 ts 1100/1050");
}

TEST_P(Timestamps, AnOldStampIsAnOldDuplicate) {  // RFC 7323 §5.3 R1
  Script t(State::established, stamped());
  t.peer("P. 1:11(10) ts 5000/1000");
  t.expect(".  ack 11 ts 1100/5000");
  t.peer("P. 11:21(10) ts 4999/1000");
  t.expect(".  ack 11 ts 1100/5000 cause ack_unacceptable");
  t.peer("P. 11:21(10) ts 5000/1000");
  t.expect(".  ack 21");
  t.app_read(20);
  EXPECT_EQ(t.count(Counter::tcp_paws_rejected), 1U);
}

TEST_P(Timestamps, WhatARepetitionOvertookFillsItsHole) {
  Script t(State::established, stamped());  // a round trip of 100 ms
  t.peer("P. 31:41(10) ts 5000/1000");      // 1, 11 and 21 are missing
  t.expect(".  ack 1");
  t.peer("P. 1:11(10) ts 5200/1000");  // sent again
  t.expect(".  ack 11 ts 1100/5200");
  t.peer("P. 11:21(10) ts 5000/1000");  // the original
  t.expect(".  ack 21 ts 1100/5200");
  t.peer("P. 21:31(10) ts 4999/1000");  // older than two round trips
  t.expect(".  ack 21 ts 1100/5200 cause ack_unacceptable");
  EXPECT_EQ(t.count(Counter::tcp_paws_rejected), 1U);
  t.peer("P. 41:51(10) ts 5199/1000");  // behind all holes
  t.expect(".  ack 21");
  EXPECT_EQ(t.count(Counter::tcp_paws_rejected), 2U);
}

TEST_P(Timestamps, AResetNeedsNone) {  // RFC 7323 §5.2
  for (const char* line : {"R  seq 1 no-ts", "R  seq 1 ts 1/0"}) {
    Script t(State::established, stamped());
    t.peer("P. 1:1(0) ts 5000/1000");
    t.peer(line);
    t.expect_closed(Errc::connection_reset);
  }
}

TEST_P(Timestamps, ASegmentWithoutTheAgreedStampIsDroppedInSilence) {  // RFC 7323 §3.2
  Script t(State::established, stamped());
  t.peer("P. 1:11(10) no-ts");
  t.expect_nothing();
  EXPECT_EQ(t.try_read(1).error(), Errc::would_block);
  EXPECT_EQ(t.count(Counter::tcp_paws_rejected), 1U);
  t.peer("P. 1:11(10) ts 1001/0");
  t.app_read(10);
}

TEST_P(Timestamps, AResetOfOursHasOneToo) {  // RFC 7323 §3.2: SHOULD
  Script t(State::established, stamped());
  t.app_abort();
  t.expect("R. seq 1 ack 1 ts 1100/1000");
}

TEST_P(Timestamps, NotAgreedTheyAreIgnored) {
  Script t(State::established, plain());
  t.peer("P. 1:11(10) ts 500/0");
  t.peer("P. 11:21(10) ts 400/0");
  t.app_read(20);
  t.expect(".  ack 21 no-ts");
}

TEST_P(Timestamps, TheEchoIsThatOfTheLastAckPoint) {  // RFC 7323 §4.3: delayed and filled-in ACKs
  Script t(State::established, stamped());
  t.use_up_quick_acks();
  t.peer("P. 9:19(10) ts 3001/0");
  t.peer("P. 19:29(10) ts 3002/0");
  t.expect(".  ack 29 ts 1100/3001");  // the earlier of two that one ACK covers
  t.peer("P. 39:49(10) ts 3004/0");    // a gap
  t.expect(".  ack 29 ts 1100/3001");
  t.peer("P. 29:39(10) ts 3005/0");
  t.expect(".  ack 49 ts 1100/3005");
}

TEST_P(Timestamps, AfterTwentyFourDaysAnOlderStampIsFresh) {  // RFC 7323 §5.5
  Script t(State::established, stamped());
  t.peer("P. 1:11(10) ts 5000/1000");
  t.expect(".  ack 11");
  t.advance(Duration::seconds(25LL * 86'400));
  t.peer("P. 11:21(10) ts 10/1000");
  t.expect(".  ack 21 ts 2160001100/10");
  t.peer("P. 21:31(10) ts 9/1000");  // and from now on the measure
  t.expect(".  ack 21");
  EXPECT_EQ(t.count(Counter::tcp_paws_rejected), 1U);
}

TEST_P(Timestamps, TheyWrap) {
  Scene scene = stamped();
  scene.peer_syn = "mss 1460 ts 4294967295/0";
  Script t(State::established, scene);
  t.peer("P. 1:11(10) ts 5/1000");
  t.expect(".  ack 11 ts 1100/5");
  t.peer("P. 11:21(10) ts 4294967290/1000");
  t.expect(".  ack 11");
  EXPECT_EQ(t.count(Counter::tcp_paws_rejected), 1U);
}

}  // namespace
}  // namespace strata::tcp
