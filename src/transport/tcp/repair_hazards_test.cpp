// Where loss recovery meets what else goes on: no memory, Nagle, a closing window, reports that lie. Nothing
// of it may leave a connection without a timer, or repair what is not broken.
#include <vector>

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;
constexpr Duration kRtt = Duration::millis(100);

Scene scene(const char* peer_syn, bool tail_probes = false) {
  Scene scene;
  scene.config = plain_config();
  scene.config.timestamps = false;
  scene.config.tail_probes = tail_probes;
  scene.peer_syn = peer_syn;
  return scene;
}

/// A round trip was measured, ten segments left a round trip ago, and the rest of `size` waits.
void fill(Script& t, std::size_t size) {
  t.app_send(2 * kMss);
  t.expect(".  1:1001(1000)");
  t.expect("P. 1001:2001(1000)");
  t.advance(kRtt);
  t.peer(".  ack 2001");
  t.app_send(size);
  t.expect_data(2001, kMss, 10);
  t.expect_nothing();
  t.advance(kRtt);
}

std::uint32_t ssthresh(Script& t) { return t.connection().info().ssthresh; }
constexpr std::uint32_t kUntouched = 1U << 20;

TEST(RepairHazards, ATimeOutWithoutMemoryTriesAgain) {
  Script t(State::established, scene("mss 1000"));
  fill(t, 20'000);
  std::vector<Packet> all;
  while (Packet packet = t.pools().packets.allocate()) all.push_back(std::move(packet));
  t.advance(t.rto() - kRtt);
  t.expect_nothing();
  all.clear();
  ASSERT_FALSE(t.connection().next_deadline().is_never());
  t.expect(".  2001:3001(1000) cause retransmit_rto");
}

TEST(RepairHazards, ADoubtedTimeOutRepairsWhenNothingNewMayLeave) {  // RFC 5682 §2.1 step 2
  Script t(State::established, scene("mss 1000"));
  fill(t, 10'100);  // Nagle holds the last hundred
  t.advance(t.rto() - kRtt);
  t.expect(".  2001:3001(1000) cause retransmit_rto");
  t.advance(kRtt);
  t.peer(".  ack 3001");
  t.expect_data(3001, kMss, 2);
}

TEST(RepairHazards, WithoutWhatItProbesForATailProbeIsNoObstacle) {
  Script t(State::established, scene("mss 1000 sackOK", true));
  t.app_send(2 * kMss);
  t.expect(".  1:1001(1000)");
  t.expect("P. 1001:2001(1000)");
  t.tcb().tail_probe_pending = true;  // its timer fired, and then, before it could leave:
  t.peer(".  ack 2001");
  t.app_send(100);
  t.expect("P. 2001:2101(100)");
}

TEST(RepairHazards, WhatThePeerReportedIsNotProbedWith) {
  Script t(State::established, scene("mss 1000 sackOK", true));
  t.app_send(2 * kMss);
  t.expect(".  1:1001(1000)");
  t.expect("P. 1001:2001(1000)");
  t.advance(kRtt);
  t.tcb().tail_probe_pending = true;
  t.peer(".  ack 1 sack 1001:2001");
  t.expect_nothing();
  EXPECT_EQ(t.tcb().loss.board.oldest(), t.tcb().loss.board.head());
}

TEST(RepairHazards, ATimeOutTakesEverythingOldForLost) {  // RFC 8985 §6.3, RFC 5681 §3.1
  Script t(State::established, scene("mss 1000 sackOK"));
  fill(t, 40'000);
  t.advance(t.rto() - kRtt);
  t.expect(".  2001:3001(1000) cause retransmit_rto");
  t.expect_nothing();
  t.expect_cwnd(kMss);
  t.advance(kRtt);
  t.peer(".  ack 3001");
  t.expect_data(12'001, kMss, 2);  // F-RTO: two new ones
  t.expect_nothing();
}

TEST(RepairHazards, ATimeOutInRecoveryIsNotDoubted) {  // RFC 5682 §2.1 step 1
  Script t(State::established, scene("mss 1000 sackOK"));
  fill(t, 40'000);
  t.peer(".  ack 2001 sack 3001:6001");
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.advance(t.rto());
  t.expect(".  2001:3001(1000) cause retransmit_rto");
  t.peer(".  ack 2001 sack 3001:7001");  // an original that was under way
  EXPECT_EQ(t.count(Counter::tcp_spurious_timeouts), 0U);
  EXPECT_LT(ssthresh(t), kUntouched);
}

TEST(RepairHazards, EverySegmentOfABurstMustBeReportedTwice) {  // RFC 3708 §3
  Scene burst = scene("mss 1000 sackOK");
  burst.path.gso_max = 60'000;
  Script t(State::established, burst);
  t.app_send(10'000);
  t.expect(".  1:5001(5000) gso 1000");
  t.expect("P. 5001:10001(5000) gso 1000");
  t.advance(t.rto());
  t.expect(".  1:1001(1000) cause retransmit_rto");
  t.advance(kRtt);
  t.peer(".  ack 1001");
  t.expect(".  1001:2001(1000)");
  t.expect(".  2001:3001(1000)");
  t.peer(".  ack 10001 sack 1:1001");
  t.peer(".  ack 10001 sack 1001:2001");
  EXPECT_EQ(t.count(Counter::tcp_spurious_recoveries) + t.count(Counter::tcp_spurious_timeouts), 0U);
  t.peer(".  ack 10001 sack 2001:3001");
  EXPECT_EQ(t.count(Counter::tcp_spurious_recoveries) + t.count(Counter::tcp_spurious_timeouts), 1U);
}

TEST(RepairHazards, ABlockThatIsNoneProvesNothing) {
  for (const char* block : {"3501:3001", "1:0", "-2000000:3001"}) {
    Script t(State::established, scene("mss 1000 sackOK"));
    fill(t, 40'000);
    t.peer(".  ack 2001 sack 3001:6001");
    t.expect(".  2001:3001(1000) cause retransmit_fast");
    t.peer(std::string(".  ack 3001 sack ") + block);
    EXPECT_EQ(t.count(Counter::tcp_spurious_recoveries), 0U) << block;
    EXPECT_LT(ssthresh(t), kUntouched) << block;
  }
}

TEST(RepairHazards, ASingleSegmentIsProbedForWhenItsTimerWouldFire) {  // RFC 8985 §7.2
  Script t(State::established, scene("mss 1000 sackOK", true));
  t.app_send(100);
  t.expect("P. 1:101(100)");
  t.advance(t.rto());
  t.expect("P. 1:101(100) cause probe_tail");
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_rto_fired), 0U);
  EXPECT_EQ(ssthresh(t), 1U << 30);
  t.advance(t.rto());
  t.expect("P. 1:101(100) cause retransmit_rto");
}

TEST(RepairHazards, TheProbesTwinIsKnownByItsEnd) {  // RFC 8985 §7.4.2
  Script t(State::established, scene("mss 1000 sackOK", true));
  t.app_send(2 * kMss);
  t.expect(".  1:1001(1000)");
  t.expect("P. 1001:2001(1000)");
  t.advance(kRtt * 2 + Duration::millis(2));
  t.expect("P. 1001:2001(1000) cause probe_tail");
  t.peer(".  ack 2001");
  t.app_send(kMss);
  t.expect("P. 2001:3001(1000)");
  t.peer(".  ack 2001 sack 1001:2001");
  t.peer(".  ack 3001");
  EXPECT_EQ(t.count(Counter::tcp_tail_losses), 0U);
}

TEST(RepairHazards, NewDataDoesNotTakeTheRoomOfWhatIsLost) {  // RFC 6675 §4, NextSeg
  Script t(State::established, scene("mss 1000 sackOK"));
  fill(t, 10'000);
  t.set([](TcpSettings& own) { own.nodelay = true; });
  t.peer(".  ack 2001 sack 4001:7001");
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.app_send(300);
  t.peer(".  ack 2001 sack 4001:8001");
  t.expect_nothing();  // half a segment of room
  t.peer(".  ack 2001 sack 4001:9001");
  t.expect(".  3001:4001(1000) cause retransmit_fast");
}

TEST(RepairHazards, AfterAFalseAlarmDuplicatesAreCountedAnew) {
  Scene stamps = scene("mss 1012 ts 1/0");
  stamps.config.timestamps = true;
  Script t(State::established, stamps);
  fill(t, 40'000);
  const std::uint32_t stamp = timestamp_value(t.now() - kRtt, t.tcb().ts_offset);
  const std::string echo = " ts 3000/" + std::to_string(stamp);
  for (int i = 0; i < 5; ++i) t.peer(".  ack 2001" + echo);
  t.expect(".  2001:3001(1000) cause retransmit_fast");
  t.advance(Duration::millis(5));
  t.peer(".  ack 3001" + echo);
  EXPECT_EQ(t.count(Counter::tcp_spurious_recoveries), 1U);
  EXPECT_EQ(t.tcb().loss.duplicates, 0U);
}

}  // namespace
}  // namespace strata::tcp
