// RFC 5681 §3.1 and §4.1, RFC 6928: how the congestion window opens, and when it begins anew.
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

struct Congestion : AnyNumbers {
  static Scene thousand() {
    Scene scene = plain();
    scene.peer_syn = "mss 1000";
    return scene;
  }
};
INSTANTIATE_TEST_SUITE_P(From, Congestion, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Congestion, TenSegmentsAtFirst) {  // RFC 6928 §2
  Script t(State::established, thousand());
  t.app_send(20'000);
  t.expect_data(1, 1000, 10);
  t.expect_nothing();
}

TEST_P(Congestion, SlowStartDoublesPerRoundTrip) {
  Script t(State::established, thousand());
  t.app_send(60'000);
  t.expect_data(1, 1000, 10);
  for (std::uint32_t ack = 1001; ack <= 10'001; ack += 1000) {
    t.peer(".  ack " + std::to_string(ack));
    t.expect_data(10'001 + 2 * (ack - 1001), 1000, 2);
    t.expect_nothing();
  }
  t.expect_cwnd(20'000);
}

TEST_P(Congestion, AvoidanceAddsOneSegmentPerRoundTrip) {
  Script t(State::established, thousand());
  t.app_send(60'000);
  t.expect_data(1, 1000, 10);
  for (int i = 0; i < 3; ++i) t.peer(".");
  t.expect(".  1:1001(1000)");
  t.peer(".  ack 10001");
  std::uint32_t acked = 10'001;
  t.expect_data(acked, 1000, 5);  // ssthresh
  for (std::uint32_t cwnd = 5000; cwnd < 8000; cwnd += 1000) {
    t.expect_nothing();
    t.expect_cwnd(cwnd);
    t.peer(".  ack " + std::to_string(acked += cwnd));
    t.expect_cwnd(cwnd + 1000);
    t.expect_data(acked, 1000, static_cast<int>(cwnd / 1000 + 1));
  }
}

TEST_P(Congestion, AWindowThatIsNotUsedDoesNotGrow) {  // RFC 7661 §4.1
  Script t(State::established, thousand());
  std::uint32_t seq = 1;
  for (int i = 0; i < 20; ++i) {
    t.app_send(2000);
    t.expect_data(seq, 1000, 2);
    t.expect_nothing();
    t.peer(".  ack " + std::to_string(seq += 2000));
  }
  t.expect_cwnd(10'000);
}

TEST_P(Congestion, AfterIdleTheInitialWindowIsUsed) {  // RFC 5681 §4.1
  Script t(State::established, thousand());
  t.app_send(30'000);
  t.expect_data(1, 1000, 10);
  t.peer(".  ack 10001");
  t.expect_data(10'001, 1000, 20);
  t.peer(".  ack 30001");
  t.expect_cwnd(40'000);
  t.advance(t.rto() + Duration::millis(1));
  t.app_send(30'000);
  t.expect_data(30'001, 1000, 10);
  t.expect_nothing();
}

TEST_P(Congestion, AfterIdleTheWindowMayStay) {
  Scene scene = thousand();
  scene.config.slow_start_after_idle = false;
  Script t(State::established, scene);
  t.app_send(10'000);
  t.expect_data(1, 1000, 10);
  t.peer(".  ack 10001");
  t.expect_cwnd(20'000);
  t.advance(t.rto() + Duration::millis(1));
  t.app_send(30'000);
  t.expect_data(10'001, 1000, 20);
  t.expect_nothing();
}

TEST_P(Congestion, ATimeOutLeavesOneSegmentAndHalfTheFlight) {  // RFC 5681 §3.1
  Script t(State::established, thousand());
  t.app_send(20'000);
  t.expect_data(1, 1000, 10);
  t.advance(t.rto());
  t.expect_cwnd(1000);
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
  t.expect(".  1:1001(1000)");
  t.advance(t.rto());  // the same data again: ssthresh stays
  EXPECT_EQ(t.connection().info().ssthresh, 5000U);
  t.expect(".  1:1001(1000)");
}

}  // namespace
}  // namespace strata::tcp
