// The MSS of a connection follows its path: by the routers' word (RFC 1191, RFC 5927) and by trying (RFC
// 4821, RFC 8899); what is in flight is cut anew, and the congestion window does not pay for it.
#include "transport/tcp/path_mtu.hpp"

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

constexpr Duration kRtt = Duration::millis(100);

struct PathMtu : AnyNumbers {
  static Scene wide(bool sack = true) {
    Scene scene = plain();
    scene.peer_syn = sack ? "mss 1460 sackOK" : "mss 1460";
    scene.config.timestamps = scene.config.tail_probes = false;
    return scene;
  }
  /// What the stack does when a router's word is to be believed.
  static void narrow(Script& t, std::uint16_t mss) {
    const PathInfo path{.mss = 1460, .carried = mss, .gso_max = t.tcb().path.gso_max};
    on_path(t.tcb(), t.context(), path, Cause::icmp_too_big);
    resend_too_big(t.tcb(), t.context());
  }
  static bool doubts(Script& t, std::uint32_t seq) {
    return contradicts_experience(t.tcb(), t.context().config, t.tcb().iss + seq);
  }
  static TcpInfo info(Script& t) { return t.connection().info(); }
};
INSTANTIATE_TEST_SUITE_P(From, PathMtu, testing::ValuesIn(kStarts), name_of_start);

TEST_P(PathMtu, WhatWasTooBigIsCutAnewAndLeavesAtOnce) {  // RFC 1191 §6.4
  Script t(State::established, wide());
  t.app_send(4380);
  t.expect_data(1, 1460, 3);
  const std::uint32_t cwnd = info(t).cwnd;
  narrow(t, 1240);
  t.expect(".  1:1241(1240) cause retransmit_path_mtu");
  t.expect_data(1241, 1240, 2);
  t.expect("P. 3721:4381(660) cause retransmit_path_mtu");
  t.expect_nothing();
  EXPECT_EQ(info(t).cwnd, cwnd);
  EXPECT_EQ(t.count(Counter::tcp_rto_fired) + t.count(Counter::tcp_fast_retransmits), 0U);
  t.advance(kRtt);
  t.peer(".  ack 4381");
  EXPECT_FALSE(info(t).recovering);
  EXPECT_GE(info(t).cwnd, cwnd);
  t.app_send(2480);
  t.expect(".  4381:5621(1240)");
  t.expect("P. 5621:6861(1240)");
}

TEST_P(PathMtu, TheSameWithoutSack) {
  Script t(State::established, wide(false));
  t.app_send(2920);
  t.expect_data(1, 1460, 2);
  const std::uint32_t cwnd = info(t).cwnd;
  narrow(t, 1000);
  t.expect(".  1:1001(1000) cause retransmit_path_mtu");
  t.expect(".  1001:2001(1000)");
  t.expect("P. 2001:2921(920)");
  t.advance(kRtt);
  t.peer(".  ack 2921");
  EXPECT_GE(info(t).cwnd, cwnd);
}

TEST_P(PathMtu, WhatFitsIsLeftInFlight) {
  Script t(State::established, wide());
  t.set([](TcpSettings& own) { own.nodelay = true; });
  t.app_send(100);
  t.expect("P. 1:101(100)");
  t.app_send(1460);
  t.expect("P. 101:1561(1460)");
  t.app_send(200);
  t.expect("P. 1561:1761(200)");
  narrow(t, 1240);
  t.expect(".  101:1341(1240) cause retransmit_path_mtu");
  t.expect(".  1341:1561(220) cause retransmit_path_mtu");
  t.expect_nothing();
}

TEST_P(PathMtu, TheFinGoesWithTheLastPiece) {
  Script t(State::established, wide());
  t.app_send(1460);
  t.app_shutdown();
  t.expect("FP. 1:1461(1460)");
  narrow(t, 1000);
  t.expect(".  1:1001(1000) cause retransmit_path_mtu");
  t.expect("FP. 1001:1461(460)");
  t.peer(".  ack 1462");
  t.expect_state(State::fin_wait_2);
}

TEST_P(PathMtu, BurstsAreCutToTheNewSize) {
  Scene scene = wide();
  scene.path.gso_max = 65'000;
  Script t(State::established, scene);
  t.app_send(14'600);
  t.expect(".  1:7301(7300) gso 1460");
  t.expect("P. 7301:14601(7300) gso 1460");
  narrow(t, 1240);
  t.expect(".  1:6201(6200) gso 1240 cause retransmit_path_mtu");
}

TEST_P(PathMtu, TheRepairDoesNotCountWhatComesLaterAsCongestion) {
  Script t(State::established, wide());
  t.app_send(14'600);
  t.expect_data(1, 1460, 9);
  t.expect("P. 13141:14601(1460)");
  const std::uint32_t cwnd = info(t).cwnd;
  narrow(t, 1000);
  for (int i = 0; i < 14; ++i) t.expect(".  len 1000 cause retransmit_path_mtu");
  t.expect("P. len 600 cause retransmit_path_mtu");
  t.advance(kRtt);
  t.peer(".  ack 1 sack 1001:5001");
  t.expect(".  1:1001(1000)");  // truly lost: repaired within the phase, as Linux does
  t.advance(kRtt);
  t.peer(".  ack 14601");
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 0U);
  EXPECT_GE(info(t).cwnd, cwnd);
}

TEST_P(PathMtu, AnRtoDuringTheRepairIsCongestion) {
  Script t(State::established, wide());
  t.app_send(4380);
  t.expect_data(1, 1460, 3);
  narrow(t, 1460 / 2);
  for (int i = 0; i < 5; ++i) t.expect(".  len 730");
  t.expect("P. len 730");
  t.advance(t.rto());
  t.expect(".  1:731(730) cause retransmit_rto");
  t.expect_cwnd(730);
}

TEST_P(PathMtu, NothingInFlightIsTooBigAndNothingHappens) {
  Script t(State::established, wide());
  t.app_send(1000);
  t.expect("P. 1:1001(1000)");
  narrow(t, 1000);
  t.expect_nothing();
  EXPECT_EQ(info(t).snd_mss, 1000U);
  EXPECT_FALSE(info(t).recovering);
}

TEST_P(PathMtu, GrowsAgainWithThePathButNotAboveWhatThePeerTakes) {  // RFC 1191 §6.3
  Scene scene = wide();
  scene.peer_syn = "mss 1400 sackOK";
  Script t(State::established, scene);
  narrow(t, 1000);
  EXPECT_EQ(info(t).snd_mss, 1000U);
  EXPECT_EQ(info(t).path_mss, 1000U);
  EXPECT_EQ(info(t).announced_mss, 1460U);
  narrow(t, 1460);
  EXPECT_EQ(info(t).snd_mss, 1400U);
  t.app_send(1400);
  t.expect("P. 1:1401(1400)");
}

TEST_P(PathMtu, TimestampsComeOff) {
  Scene scene = plain();
  scene.peer_syn = "mss 1460 sackOK ts 1/0";
  Script t(State::established, scene);
  EXPECT_EQ(info(t).snd_mss, 1448U);
  t.app_send(1448);
  t.expect("P. 1:1449(1448)");
  EXPECT_EQ(outstanding_mss(t.tcb(), t.tcb().iss + 1), 1460);
  narrow(t, 1240);
  t.expect(".  1:1229(1228)");
  t.expect("P. 1229:1449(220)");
}

TEST_P(PathMtu, KnowsTheSegmentThatAQuoteIsAbout) {  // RFC 5927 §4.1
  Script t(State::established, wide());
  t.set([](TcpSettings& own) { own.nodelay = true; });
  t.app_send(2000);
  t.expect(".  1:1461(1460)");
  t.expect("P. 1461:2001(540)");
  const auto mss = [&](std::uint32_t seq) { return outstanding_mss(t.tcb(), t.tcb().iss + seq); };
  EXPECT_FALSE(mss(0));
  EXPECT_EQ(mss(1), 1460);
  EXPECT_EQ(mss(1460), 1460);
  EXPECT_EQ(mss(1461), 540);
  EXPECT_FALSE(mss(2001));
  t.peer(".  ack 2001");
  EXPECT_FALSE(mss(1461));
}

TEST_P(PathMtu, WhatContradictsExperienceHasToComeTwice) {  // RFC 5927 §7.2
  Script t(State::established, wide());
  t.app_send(1460);
  t.expect("P. 1:1461(1460)");
  EXPECT_FALSE(doubts(t, 1));  // no segment of this size ever arrived
  t.peer(".  ack 1461");
  t.app_send(1460);
  t.expect("P. 1461:2921(1460)");
  EXPECT_TRUE(doubts(t, 1461));
  t.advance(t.rto());
  t.expect("P. 1461:2921(1460)");
  EXPECT_FALSE(doubts(t, 1461));
}

TEST_P(PathMtu, ASmallSegmentIsNoExperience) {
  Script t(State::established, wide());
  t.set([](TcpSettings& own) { own.nodelay = true; });
  for (int i = 0; i < 3; ++i) {
    t.app_send(700);
    t.expect("P. len 700");
  }
  t.peer(".  ack 2101");
  t.app_send(1460);
  t.expect("P. 2101:3561(1460)");
  EXPECT_FALSE(doubts(t, 2101));
}

TEST_P(PathMtu, ConfirmationCanBeSwitchedOff) {
  Scene scene = wide();
  scene.config.confirm_path_mtu = false;
  Script t(State::established, scene);
  t.app_send(2920);
  t.expect_data(1, 1460, 2);
  t.peer(".  ack 1461");
  EXPECT_FALSE(doubts(t, 1461));
}

// --- Black holes ---

/// Nobody answers: the segment leaves once more each time.
void let_time_out(Script& t, int times, std::string_view line) {
  for (int i = 0; i < times; ++i) {
    t.advance(t.rto());
    t.expect(line);
  }
}

TEST_P(PathMtu, RepeatedSilenceBringsTheMssToItsBase) {  // RFC 4821 §7.7
  Script t(State::established, wide());
  t.app_send(2920);
  t.expect(".  1:1461(1460)");
  t.expect("P. 1461:2921(1460)");
  let_time_out(t, 2, ".  1:1461(1460)");
  EXPECT_EQ(t.count(Counter::tcp_black_holes), 0U);
  let_time_out(t, 1, ".  1:1025(1024) cause retransmit_rto");
  EXPECT_EQ(t.count(Counter::tcp_black_holes), 1U);
  EXPECT_EQ(info(t).snd_mss, 1024U);
  t.peer(".  ack 1025");
  t.expect(".  1025:2049(1024)");
  t.expect("P. 2049:2921(872)");
}

TEST_P(PathMtu, FurtherSilenceBringsItDownToTheFloor) {
  Scene scene = wide();
  scene.config.mtu_probe_floor = 200;
  Script t(State::established, scene);
  t.app_send(1460);
  t.expect("P. 1:1461(1460)");
  let_time_out(t, 2, "P. 1:1461(1460)");
  for (const char* const line :
       {".  1:1025(1024)", ".  1:513(512)", ".  1:257(256)", ".  1:201(200)", ".  1:201(200)"}) {
    let_time_out(t, 1, line);
  }
}

TEST_P(PathMtu, ASmallSegmentIsNotLostForItsSize) {
  Script t(State::established, wide());
  t.app_send(1000);
  t.expect("P. 1:1001(1000)");
  let_time_out(t, 5, "P. 1:1001(1000)");
  EXPECT_EQ(t.count(Counter::tcp_black_holes), 0U);
}

TEST_P(PathMtu, WithoutProbingTheSizeStays) {
  Scene scene = wide();
  scene.config.mtu_probing = MtuProbing::never;
  Script t(State::established, scene);
  t.app_send(1460);
  t.expect("P. 1:1461(1460)");
  let_time_out(t, 5, "P. 1:1461(1460)");
}

TEST_P(PathMtu, WithoutDfThereIsNoBlackHole) {
  Scene scene = wide();
  scene.settings.path_mtu_discovery = PathMtuDiscovery::dont;
  Script t(State::established, scene);
  t.app_send(1460);
  t.expect("P. 1:1461(1460)");
  let_time_out(t, 4, "P. 1:1461(1460)");
}

// --- The search ---

struct Probing : PathMtu {
  static Scene always() {
    Scene scene = wide();
    scene.config.mtu_probing = MtuProbing::always;
    return scene;
  }
  /// Everything that leaves up to the probe; its end.
  static std::uint32_t send_until_probe(Script& t) {
    t.app_send(20'000);
    t.expect(".  1:1461(1460) gso 0 cause probe_path_mtu");
    return 1461;
  }
};
INSTANTIATE_TEST_SUITE_P(From, Probing, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Probing, AProbeIsDataAndItsAckRaisesTheMss) {  // RFC 4821 §7.4
  Script t(State::established, always());
  EXPECT_EQ(info(t).snd_mss, 1024U);
  send_until_probe(t);
  t.expect_data(1461, 1024, 8);
  t.advance(kRtt);
  t.peer(".  ack 1461");
  EXPECT_EQ(info(t).snd_mss, 1460U);
  EXPECT_EQ(t.count(Counter::tcp_mtup_success), 1U);
  t.expect(".  9653:11113(1460) cause app_send");
}

TEST_P(Probing, ALostProbeIsNoSignOfCongestion) {  // RFC 4821 §7.6.1
  Script t(State::established, always());
  send_until_probe(t);
  t.expect_data(1461, 1024, 8);
  const std::uint32_t cwnd = info(t).cwnd;
  t.advance(kRtt);
  t.peer(".  ack 1 sack 1461:2485");
  t.peer(".  ack 1 sack 1461:3509");
  t.peer(".  ack 1 sack 1461:4533");
  while (auto segment = t.connection().poll_transmit(t.context())) {
    EXPECT_TRUE(segment->cause != Cause::retransmit_path_mtu || segment->payload_size <= 1024U);
  }
  EXPECT_EQ(t.count(Counter::tcp_mtup_fail), 1U);
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 0U);
  EXPECT_GE(info(t).cwnd, cwnd);
  EXPECT_EQ(info(t).ssthresh, kCwndMax);
}

TEST_P(Probing, AProbeThatIsLostWithOthersSaysNothing) {  // RFC 4821 §7.6.2
  Script t(State::established, always());
  send_until_probe(t);
  t.expect_data(1461, 1024, 8);
  t.advance(kRtt);
  t.peer(".  ack 1 sack 2485:3509");
  t.peer(".  ack 1 sack 2485:4533");
  t.peer(".  ack 1 sack 2485:5557");
  EXPECT_EQ(t.count(Counter::tcp_fast_retransmits), 1U);
  EXPECT_EQ(t.tcb().settings.path_search()->high(), 1460);
  EXPECT_LT(info(t).ssthresh, kCwndMax);
}

TEST_P(Probing, WithoutMoreBehindItNoProbeLeaves) {
  Script t(State::established, always());
  t.app_send(1460 + 4 * 1024 - 1);
  t.expect(".  1:1025(1024) cause app_send");
}

TEST_P(Probing, NoProbeLeavesWhileLossesAreRepaired) {
  Script t(State::established, always());
  t.app_send(3 * 1024);
  t.expect_data(1, 1024, 2);
  t.expect("P. 2049:3073(1024)");
  t.advance(t.rto());
  t.expect(".  1:1025(1024) cause retransmit_rto");
  t.app_send(20'000);
  t.expect_nothing();
}

TEST_P(Probing, ATimeoutWithAProbeOutCutsIt) {
  Script t(State::established, always());
  send_until_probe(t);
  t.expect_data(1461, 1024, 8);
  t.advance(t.rto());
  t.expect(".  1:1025(1024) cause retransmit_rto");
  EXPECT_FALSE(t.tcb().settings.path_search()->is_probing());
}

}  // namespace
}  // namespace strata::tcp
