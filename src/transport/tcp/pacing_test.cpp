// Pacing on one connection: what waits for its time holds nothing else up, and what is told of rates.
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

struct Paced : AnyNumbers {
  static Scene thousand() {
    Scene scene = plain();
    scene.peer_syn = "mss 1000";
    return scene;
  }
  /// 1000 bytes take 10 ms.
  static void limit(Script& t) { configure(t.tcb(), t.context(), {.max_pacing_rate = 100'000}); }
};
INSTANTIATE_TEST_SUITE_P(From, Paced, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Paced, EachSegmentWaitsForTheOneBeforeIt) {
  Script t(State::established, thousand());
  limit(t);
  t.app_send(3000);
  for (std::uint32_t seq = 1; seq < 3000; seq += 1000) {
    t.expect_data(seq, 1000, 1);
    t.expect_nothing();
    t.advance(Duration::millis(9));
    t.expect_nothing();
    t.advance(Duration::millis(1));
  }
  t.expect_nothing();
}

TEST_P(Paced, AnAckDoesNotOpenTheGate) {
  Script t(State::established, thousand());
  limit(t);
  t.app_send(3000);
  t.expect_data(1, 1000, 1);
  t.advance(Duration::millis(5));
  t.peer(".  ack 1001");
  t.expect_nothing();
  t.advance(Duration::millis(5));
  t.expect_data(1001, 1000, 1);
}

TEST_P(Paced, AcksDoNotWait) {
  Script t(State::established, thousand());
  limit(t);
  t.app_send(3000);
  t.expect_data(1, 1000, 1);
  t.peer(".  seq 1001 len 1000");  // behind a hole
  t.expect(".  seq 1001 ack 1");
}

TEST_P(Paced, NothingIsProbedWhileDataWaitsForItsTime) {
  Script t(State::established, thousand());
  limit(t);
  t.app_send(2000);
  t.expect_data(1, 1000, 1);
  t.peer(".  ack 1001");  // nothing is in flight, and something waits
  t.expect_nothing();
  EXPECT_FALSE(t.tcb().timers.is_armed(Timer::persist));
  t.advance(Duration::millis(10));
  t.expect_data(1001, 1000, 1);
}

TEST_P(Paced, WithoutALimitAWindowLeavesAtOnce) {
  Script t(State::established, thousand());
  limit(t);
  configure(t.tcb(), t.context(), {});
  t.app_send(3000);
  t.expect_data(1, 1000, 3);
}

TEST_P(Paced, TheParameterPacesEveryone) {
  Scene scene = thousand();
  scene.config.pacing = TcpPacing::all;
  Script t(State::established, scene);
  t.app_send(3000);
  t.expect_data(1, 1000, 1);  // 10 segments in 100 ms, twice as fast in slow start: 5 ms each
  t.expect_nothing();
  t.advance(Duration::millis(5));
  t.expect_data(1001, 1000, 1);
  t.expect_nothing();
}

TEST_P(Paced, TheParameterStopsAll) {
  Scene scene = thousand();
  scene.config.pacing = TcpPacing::off;
  Script t(State::established, scene);
  limit(t);
  t.app_send(3000);
  t.expect_data(1, 1000, 3);
}

TEST_P(Paced, BbrBeginsWithItsWindowInARoundTripAndSome) {
  Scene scene = thousand();
  scene.config.congestion_control = CongestionAlgorithm::bbr;
  Script t(State::established, scene);
  t.app_send(2000);
  t.expect_data(1, 1000, 1);
  t.expect_nothing();
  // 10,000 bytes in 100 ms, 2.77 times as fast.
  t.advance(Duration::micros(3'600));
  t.expect_nothing();
  t.advance(Duration::nanos(10'108));
  t.expect_data(1001, 1000, 1);
}

TEST_P(Paced, WithoutRoomForBbrThereIsCubic) {
  Scene scene = thousand();
  scene.config.congestion_control = CongestionAlgorithm::bbr;
  scene.controllers_max = 0;
  Script t(State::established, scene);
  EXPECT_EQ(t.count(Counter::tcp_no_controller), 1U);
  t.app_send(3000);
  t.expect_data(1, 1000, 3);
}

TEST_P(Paced, RatesAreMeasuredForEveryoneOnRequest) {
  Scene scene = thousand();
  scene.config.rate_samples = true;
  Script t(State::established, scene);
  t.app_send(2000);
  t.expect_data(1, 1000, 2);
  t.advance(Duration::millis(100));
  t.peer(".  ack 2001");
  EXPECT_EQ(t.connection().info().delivery_rate, 20'000U);
  EXPECT_TRUE(t.connection().info().delivery_rate_app_limited);
}

TEST_P(Paced, NobodyMeasuresRatesUnasked) {
  Script t(State::established, thousand());
  EXPECT_FALSE(t.tcb().rates);
}

TEST_P(Paced, AControllerMayBecomeAModelInTheMiddleOfAFlight) {
  Script t(State::established, thousand());
  t.app_send(10'000);
  t.expect_data(1, 1000, 10);
  configure(t.tcb(), t.context(), {.congestion_control = CongestionAlgorithm::bbr});
  t.advance(Duration::millis(100));
  t.peer(".  ack 5001");
  t.app_send(1000);
  t.expect_data(10'001, 1000, 1);
  t.advance(Duration::millis(100));
  t.peer(".  ack 11001");
  EXPECT_GT(t.connection().info().model.bandwidth, 0U);
  configure(t.tcb(), t.context(), {.congestion_control = CongestionAlgorithm::new_reno});
  EXPECT_FALSE(t.tcb().rates);
}

}  // namespace
}  // namespace strata::tcp
