// RFC 9293 §3.10.7.4, seventh check, RFC 5681 §4.2 and RFC 2018 §4: data in order and out of it, and how it
// is acknowledged.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct DataArrives : AnyNumbers {
  static Scene with_sack() {
    Scene scene = plain();
    scene.peer_syn = "mss 1460 sackOK";
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, DataArrives, testing::ValuesIn(kStarts), name_of_start);

TEST_P(DataArrives, AYoungConnectionAcknowledgesAtOnce) {
  Script t(State::established, plain());
  t.peer("P. 1:101(100)");
  t.expect(".  ack 101 cause ack_push");
  t.app_read(100);
  t.expect_nothing();
}

TEST_P(DataArrives, ASingleSegmentIsAcknowledgedAfterTheDelay) {
  Script t(State::established, plain());
  t.use_up_quick_acks();
  t.peer("P. 9:109(100)");
  t.advance(Duration::millis(39));
  t.expect_nothing();
  t.advance(Duration::millis(1));
  t.expect(".  ack 109 cause ack_delayed_timer");
  EXPECT_EQ(t.count(Counter::tcp_delayed_acks), 1U);
}

TEST_P(DataArrives, EverySecondSegmentIsAcknowledgedAtOnce) {
  Script t(State::established, plain());
  t.use_up_quick_acks();
  for (std::uint32_t seq = 9; seq < 9 + 3 * 2000; seq += 2000) {
    t.peer("P. len 1000");
    t.expect_nothing();
    t.peer("P. len 1000");
    t.expect(".  ack " + std::to_string(seq + 2000) + " cause ack_second_segment");
  }
  t.advance(Duration::millis(100));
  t.expect_nothing();
}

TEST_P(DataArrives, WhatIsQueuedIsAllProcessedBeforeAnAckLeaves) {  // RFC 9293 §3.10.7.4 (MUST-59)
  Script t(State::established, plain());
  for (int i = 0; i < 3; ++i) t.peer("P. len 1000");
  t.expect(".  ack 3001");
  t.expect_nothing();
}

TEST_P(DataArrives, AMergedSegmentCountsForAllItWasMadeOf) {
  Script t(State::established, plain());
  t.use_up_quick_acks();
  t.peer("P. len 2920 gso 1460");
  t.expect(".  ack 2929 cause ack_second_segment");
}

TEST_P(DataArrives, DataTheOtherWayCarriesTheAck) {
  Script t(State::established, plain());
  t.use_up_quick_acks();
  t.peer("P. len 100");
  t.app_send(10);
  t.expect("P. 1:11(10) ack 109");
  t.peer(".  ack 11");
  t.advance(Duration::millis(100));
  t.expect_nothing();
}

TEST_P(DataArrives, EachSegmentOutOfOrderEarnsItsOwnDuplicateAck) {
  Script t(State::established, plain());
  t.peer(".  seq 1461 len 1460");
  t.peer(".  seq 2921 len 1460");
  t.peer(".  seq 4381 len 1460");
  for (int i = 0; i < 3; ++i) t.expect(".  seq 1 ack 1 len 0 cause ack_out_of_order");
  t.expect_nothing();
  EXPECT_EQ(t.count(Counter::tcp_out_of_order), 3U);
}

TEST_P(DataArrives, FillingTheGapIsAcknowledgedAtOnce) {
  Script t(State::established, plain());
  t.use_up_quick_acks();
  t.peer(".  seq 1009 len 1000");
  t.expect(".  ack 9");
  t.peer(".  seq 9 len 1000");
  t.expect(".  ack 2009 cause ack_gap_filled");
  t.app_read(2000);
}

TEST_P(DataArrives, FillingAPartOfTheGapIsAcknowledgedAtOnce) {
  Script t(State::established, plain());
  t.use_up_quick_acks();
  t.peer(".  seq 5009 len 1000");
  t.expect(".  ack 9");
  t.peer(".  seq 9 len 1000");
  t.expect(".  ack 1009 cause ack_gap_filled");
}

TEST_P(DataArrives, OldDataIsAcknowledgedAgain) {
  Script t(State::established, plain());
  t.peer("P. 1:101(100)");
  t.expect(".  ack 101");
  t.peer("P. 1:101(100)");
  t.expect(".  ack 101");
  t.peer("P. 1:51(50)");
  t.expect(".  ack 101");
  t.app_read(100);
  EXPECT_EQ(t.try_read(1).error(), Errc::would_block);
}

TEST_P(DataArrives, OfAnOverlapOnlyTheNewPartCounts) {
  Script t(State::established, plain());
  t.peer("P. 1:101(100)");
  t.expect(".  ack 101");
  t.peer("P. 51:201(150)");
  t.expect(".  ack 201");
  t.app_read(200);
}

TEST_P(DataArrives, WhatLiesBehindTheWindowIsCutOff) {
  Scene scene = plain();
  scene.config.receive_buffer = 1000;
  Script t(State::established, scene);
  t.peer("P. 1:1301(1300)");
  t.expect(".  ack 1001 win 0");
  t.app_read(1000);
  EXPECT_EQ(t.count(Counter::tcp_receive_overrun), 1U);
}

TEST_P(DataArrives, NothingIsKeptBeyondTheWindowOutOfOrderEither) {
  Scene scene = plain();
  scene.config.receive_buffer = 1000;
  Script t(State::established, scene);
  t.peer(".  501:1501(1000)");
  t.expect(".  ack 1");
  t.peer(".  1:501(500)");
  t.expect(".  ack 1001 win 0");
}

TEST_P(DataArrives, AnyOrderGivesTheStream) {
  Script t(State::established, plain());
  for (const char* line : {".  301:401(100)", ".  101:201(100)", ".  501:601(100)", ".  151:351(200)",
                           ".  1:101(100)", ".  401:501(100)"}) {
    t.peer(line);
    t.expect(".");
  }
  t.app_read(600);
  EXPECT_EQ(t.connection().info().rcv_nxt, t.connection().tcb().irs.raw() + 601);
}

TEST_P(DataArrives, SackBlocksNameTheIslandsTheLatestFirst) {  // RFC 2018 §4
  Script t(State::established, with_sack());
  t.peer(".  seq 1001 len 500");
  t.expect(".  ack 1 sack 1001:1501");
  t.peer(".  seq 3001 len 500");
  t.expect(".  ack 1 sack 3001:3501,1001:1501");
  t.peer(".  seq 5001 len 500");
  t.expect(".  ack 1 sack 5001:5501,3001:3501,1001:1501");
  t.peer(".  seq 1501 len 500");  // the oldest island grows, and is the latest
  t.expect(".  ack 1 sack 1001:2001,5001:5501,3001:3501");
  t.peer(".  seq 7001 len 500");
  t.peer(".  seq 9001 len 500");
  t.expect(".  ack 1 sack 9001:9501,7001:7501,1001:2001,5001:5501");  // four blocks fit
  t.expect(".  ack 1");
  t.peer(".  seq 1 len 1000");
  t.expect(".  ack 2001 sack 9001:9501,7001:7501,5001:5501,3001:3501");
}

TEST_P(DataArrives, ThreeSackBlocksFitBesideTimestamps) {
  Scene scene = plain();
  scene.peer_syn = "mss 1460 sackOK ts 1/0";
  Script t(State::established, scene);
  for (const int seq : {1001, 3001, 5001}) {
    t.peer(".  seq " + std::to_string(seq) + " len 500");
    t.expect(".  ack 1");
  }
  t.peer(".  seq 7001 len 500");
  t.expect(".  ack 1 sack 7001:7501,5001:5501,3001:3501");
}

TEST_P(DataArrives, SackBlocksAreNotSentUnlessBothAgreed) {
  Script t(State::established, plain());
  t.peer(".  seq 1001 len 500");
  t.expect(".  ack 1 no-sack");
}

TEST_P(DataArrives, WhatArrivesTwiceIsSaidOnce) {  // RFC 2883 §4
  Script t(State::established, with_sack());
  t.peer("P. 1:501(500)");
  t.expect(".  ack 501 no-sack");
  t.peer("P. 1:501(500)");
  t.expect(".  ack 501 sack 1:501");
  t.peer(".  seq 1001 len 500");
  t.expect(".  ack 501 sack 1001:1501");
  t.peer(".  seq 1001 len 500");  // out of order, and again
  t.expect(".  ack 501 sack 1001:1501,1001:1501");
  t.peer(".  seq 301 len 400");  // the first half is old
  t.expect(".  ack 701 sack 301:501,1001:1501");
}

TEST_P(DataArrives, WhatArrivesTwiceIsNotSaidWhereItIsNotWanted) {
  Scene scene = with_sack();
  scene.config.dsack = false;
  Script t(State::established, scene);
  t.peer("P. 1:501(500)");
  t.expect(".  ack 501");
  t.peer("P. 1:501(500)");
  t.expect(".  ack 501 no-sack");
}

TEST_P(DataArrives, IslandsAreBounded) {
  Scene scene = plain();
  scene.islands_max = 3;
  Script t(State::established, scene);
  for (const int seq : {1001, 2001, 3001, 4001}) {
    t.peer(".  seq " + std::to_string(seq) + " len 10");
    t.expect(".  ack 1");
  }
  EXPECT_EQ(t.count(Counter::tcp_reassembly_full), 1U);
  t.peer(".  seq 1 len 1000");
  t.expect(".  ack 1011");
}

TEST_P(DataArrives, ALargerBufferMayHaveMoreHoles) {
  for (const std::uint32_t buffer : {65'535U, 1'300'000U}) {
    Scene scene = plain();
    scene.islands_max = 4096;
    scene.buffers = {.block_size = 2048, .blocks_max = 2048, .packets_max = 64, .queue_nodes_max = 2048};
    scene.config.receive_buffer = buffer;
    Script t(State::established, scene);
    for (std::uint32_t i = 0; i < 700; ++i) {
      t.peer(".  seq " + std::to_string(11 + 20 * i) + " len 10");
      t.expect(".  ack 1");
    }
    EXPECT_EQ(t.count(Counter::tcp_reassembly_full), 700 - std::max(512U, buffer / 2048));
  }
}

TEST_P(DataArrives, ReadingTellsOfEdgesOnce) {
  Script t(State::established, plain());
  (void)t.connection().take_events();
  t.peer("P. len 10");
  EXPECT_EQ(t.connection().take_events(), Ready::readable);
  EXPECT_EQ(t.connection().take_events(), Ready::none);
  t.peer("P. seq 1011 len 10");  // out of order: nothing to read yet
  EXPECT_EQ(t.connection().take_events(), Ready::none);
}

}  // namespace
}  // namespace strata::tcp
