// RFC 9293 §3.7.4, §3.8.6.2.1 and §3.9.1.2: when data leaves, in what pieces, and with which flags.
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

struct Sending : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, Sending, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Sending, PushMarksTheEndOfWhatWasQueued) {
  Script t(State::established, plain());
  t.app_send(3000);
  t.expect(".  1:1461(1460)");
  t.expect(".  1461:2921(1460)");
  t.peer(".  ack 2921");
  t.expect("P. 2921:3001(80)");
}

TEST_P(Sending, NagleHoldsASmallPieceWhileDataIsOut) {  // RFC 9293 §3.7.4
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.app_send(10);
  t.app_send(10);
  t.expect_nothing();
  t.peer(".  ack 11");
  t.expect("P. 11:31(20)");
}

TEST_P(Sending, NagleLetsFullSegmentsGo) {
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.app_send(1500);
  t.expect(".  11:1471(1460)");
  t.expect_nothing();
  t.app_send(1500);
  t.expect(".  1471:2931(1460)");
}

TEST_P(Sending, WithoutNagleSmallPiecesLeaveAtOnce) {
  Script t(State::established, plain());
  t.set([](TcpSettings& own) { own.nodelay = true; });
  for (std::uint32_t seq = 1; seq < 50; seq += 10) {
    t.app_send(10);
    t.expect("P. seq " + std::to_string(seq) + " len 10");
  }
}

TEST_P(Sending, TheLastPieceBeforeAFinIsNotHeld) {
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.app_send(10);
  t.app_shutdown();
  t.expect("FP. 11:21(10)");
}

// RFC 9293 §3.8.6.2.1: no small segments because the window is small, until the override time-out.
TEST_P(Sending, ASillyWindowIsNotFilled) {
  Script t(State::established, plain());
  t.peer(".  win 1500");
  t.app_send(10'000);
  t.expect(".  1:1461(1460)");
  t.expect_nothing();  // 40 bytes would fit
  t.peer(".  ack 1461 win 500");
  t.expect_nothing();
  t.advance(t.rto());
  t.expect(".  1461:1961(500) cause probe_zero_window");
}

TEST_P(Sending, HalfTheLargestWindowIsWorthASegment) {
  Scene scene = plain();
  scene.peer_syn = "mss 1460 win 1000";
  Script t(State::established, scene);
  t.app_send(3000);
  t.expect(".  1:1001(1000)");
  t.peer(".  ack 1001 win 499");
  t.expect_nothing();
  t.peer(".  ack 1001 win 500");
  t.expect(".  1001:1501(500)");
}

TEST_P(Sending, ASuperSegmentIsCutToWholeSegments) {
  Scene scene = plain();
  scene.path.gso_max = 65'000;
  Script t(State::established, scene);
  t.app_send(100'000);
  t.expect(".  1:7301(7300) gso 1460");  // half of the initial window
  t.expect(".  7301:14601(7300) gso 1460");
  t.expect_nothing();
  t.peer(".  ack 14601");
  t.expect(".  14601:29201(14600) gso 1460");
}

// RFC 9293 §3.9.1.2 (MAY-15): who promises more has not pushed.
TEST_P(Sending, AnAckReleasesWhatWasPromisedMoreWithoutAPush) {
  Script t(State::established, plain());
  t.app_send(10);
  t.expect("P. 1:11(10)");
  EXPECT_TRUE(t.try_send(20, {.more = true}));
  t.expect_nothing();
  t.peer(".  ack 11");
  t.expect(".  11:31(20)");
  EXPECT_TRUE(t.try_send(5, {.more = true}));
  t.app_send(5);
  t.peer(".  ack 31");
  t.expect("P. 31:41(10)");
}

TEST_P(Sending, APushReleasesWhatIsHeldBackAndNothingLater) {
  Script t(State::established, plain());
  t.set([](TcpSettings& own) { own.cork = true; });
  t.app_send(10);
  t.expect_nothing();
  push(t.tcb());
  t.expect("P. 1:11(10)");
  t.app_send(10);
  t.expect_nothing();
}

TEST_P(Sending, ABurstMayEndWithAPush) {
  Scene scene = plain();
  scene.path.gso_max = 65'000;
  scene.config.push_bursts = true;
  scene.config.burst_segments_min = 100;
  Script t(State::established, scene);
  t.app_send(100'000);
  t.expect("P. 1:7301(7300) gso 1460");  // half a window at most
  t.expect("P. 7301:14601(7300) gso 1460");
  t.peer(".  ack 1461");
  t.expect("P. 14601:17521(2920) gso 1460");
}

TEST_P(Sending, ASuperSegmentMayEndWithTheTailOfTheQueue) {
  Scene scene = plain();
  scene.path.gso_max = 65'000;
  Script t(State::established, scene);
  t.app_send(3000);
  t.expect("P. 1:3001(3000) gso 1460");  // the connection was idle: Nagle has nothing to hold
}

TEST_P(Sending, ButNotWithATailThatNagleHolds) {
  Scene scene = plain();
  scene.path.gso_max = 65'000;
  Script t(State::established, scene);
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.app_send(3000);
  t.expect(".  11:2931(2920) gso 1460");
  t.expect_nothing();
}

TEST_P(Sending, ASuperSegmentKeepsToTheLinksLimit) {
  Scene scene = plain();
  scene.path.gso_max = 5000;  // three whole segments
  Script t(State::established, scene);
  t.app_send(14'600);
  t.expect(".  1:4381(4380) gso 1460");
  t.expect(".  4381:8761(4380) gso 1460");
  t.expect(".  8761:13141(4380) gso 1460");
  t.expect("P. 13141:14601(1460) gso 0");
}

TEST_P(Sending, ASuperSegmentKeepsToThePeersWindow) {
  Scene scene = plain();
  scene.path.gso_max = 65'000;
  scene.peer_syn = "mss 1460 win 7000";
  Script t(State::established, scene);
  t.app_send(20'000);
  t.expect(".  1:5841(5840) gso 1460");
  t.expect_nothing();
}

TEST_P(Sending, OneSegmentIsNotASuperSegment) {
  Scene scene = plain();
  scene.path.gso_max = 65'000;
  Script t(State::established, scene);
  t.app_send(1460);
  t.expect("P. 1:1461(1460) gso 0");
}

TEST_P(Sending, ALargeWindowIsUsedWhole) {  // RFC 7323 §2
  Scene scene = plain();
  scene.peer_syn = "mss 1460 wscale 7";
  scene.config.initial_window_segments = 10'000;
  scene.path.gso_max = 65'000;
  Script t(State::established, scene);
  t.peer(".  win 1024");  // 131,072 bytes
  t.app_send(200'000);
  t.expect(".  1:64241(64240) gso 1460");
  t.expect(".  64241:128481(64240) gso 1460");
  t.expect(".  128481:129941(1460)");
  t.expect_nothing();
}

TEST_P(Sending, AWindowThatShrankIsRespected) {  // RFC 9293 §3.8.6: the peer should not, but may
  Script t(State::established, plain());
  t.app_send(14'600);
  t.expect_data(1, 1460, 10);
  t.app_send(5000);
  t.peer(".  ack 1461 win 2920");
  t.expect_nothing();
  t.peer(".  ack 14601 win 2920");
  t.expect_data(14'601, 1460, 2);
  t.expect_nothing();
}

TEST_P(Sending, IsRefusedAfterShutdown) {
  Script t(State::established, plain());
  t.app_shutdown();
  EXPECT_EQ(t.try_send(1).error(), Errc::broken_pipe);
}

TEST_P(Sending, TheWindowOnAnySegmentIsTheRoomLeft) {
  Script t(State::established, plain());
  t.peer("P. len 1000");
  t.app_send(10);
  t.expect("P. 1:11(10) ack 1001 win 64535");
}

}  // namespace
}  // namespace strata::tcp
