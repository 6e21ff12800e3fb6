// RFC 9293 §3.8.4 (keepalive) and §3.9.1.2 (user timeout).
#include "transport/tcp/test_script.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::tcp {
namespace {

struct Keepalive : AnyNumbers {
  static Scene quick() {
    Scene scene = plain();
    scene.config.keepalive_time = Duration::seconds(100);
    scene.config.keepalive_interval = Duration::seconds(10);
    scene.config.keepalive_probes = 3;
    return scene;
  }
};
struct UserTimeout : AnyNumbers {};
INSTANTIATE_TEST_SUITE_P(From, Keepalive, testing::ValuesIn(kStarts), name_of_start);
INSTANTIATE_TEST_SUITE_P(From, UserTimeout, testing::ValuesIn(kStarts), name_of_start);

TEST_P(Keepalive, IsOffUnlessAskedFor) {
  Script t(State::established, quick());
  t.advance(Duration::seconds(100'000));
  t.expect_nothing();
}

TEST_P(Keepalive, AsksWithAnOldNumberAndGoesOnWhenAnswered) {
  Script t(State::established, quick());
  set_keepalive(t.tcb(), t.context(), true);
  for (int i = 0; i < 3; ++i) {
    t.advance(Duration::seconds(100));
    t.expect(".  seq 0 ack 1 len 0 cause probe_keepalive");
    t.expect_nothing();
    t.peer(".  seq 1 ack 1");
    t.expect_nothing();
  }
  t.expect_state(State::established);
}

TEST_P(Keepalive, EndsASilentConnection) {
  Script t(State::established, quick());
  set_keepalive(t.tcb(), t.context(), true);
  t.advance(Duration::seconds(100));
  t.expect(".  seq 0");
  for (int i = 1; i < 3; ++i) {
    t.advance(Duration::seconds(10));
    t.expect(".  seq 0");
  }
  t.advance(Duration::seconds(10));
  t.expect("R. seq 1 ack 1 cause timeout_keepalive");
  t.expect_closed(Errc::timed_out);
}

TEST_P(Keepalive, TrafficPutsItOff) {
  Script t(State::established, quick());
  set_keepalive(t.tcb(), t.context(), true);
  t.advance(Duration::seconds(60));
  t.peer("P. len 1");
  t.expect(".");
  t.advance(Duration::seconds(99));
  t.expect_nothing();
  t.advance(Duration::seconds(1));
  t.expect(".  seq 0 ack 2");
}

TEST_P(Keepalive, SwitchedOffItIsSilent) {
  Script t(State::established, quick());
  set_keepalive(t.tcb(), t.context(), true);
  t.advance(Duration::seconds(50));
  set_keepalive(t.tcb(), t.context(), false);
  t.advance(Duration::seconds(500));
  t.expect_nothing();
}

TEST_P(Keepalive, APeersProbeIsAnswered) {
  Script t(State::established, plain());
  t.peer(".  seq 0 ack 1");
  t.expect(".  seq 1 ack 1");
  t.advance(Duration::seconds(75));
  t.peer(".  seq 0 len 1 ack 1");  // with a byte of garbage, as old systems do
  t.expect(".  seq 1 ack 1");
}

TEST_P(Keepalive, FindsOutThatThePeerRestarted) {
  Script t(State::established, quick());
  set_keepalive(t.tcb(), t.context(), true);
  t.advance(Duration::seconds(100));
  t.expect(".  seq 0 ack 1");
  t.peer("R  seq 1");
  t.expect_closed(Errc::connection_reset);
}

TEST_P(UserTimeout, EndsAConnectionWhoseDataIsNotAcknowledged) {
  Script t(State::established, plain());
  t.set([](TcpSettings& own) { own.user_timeout = Duration::millis(2000); });
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.advance(Duration::millis(300));
  t.expect("P. 1:11(10)");
  t.advance(Duration::millis(600));
  t.expect("P. 1:11(10)");
  t.advance(Duration::millis(1100));
  t.expect("R. ack 1 cause timeout_user");
  t.expect_closed(Errc::timed_out);
  EXPECT_EQ(t.count(Counter::tcp_user_timeouts), 1U);
}

TEST_P(UserTimeout, OutlastsTheUsualNumberOfRetransmissions) {
  Scene scene = plain();
  scene.config.retries2 = 2;
  Script t(State::established, scene);
  t.set([](TcpSettings& own) { own.user_timeout = Duration::seconds(30); });
  t.app_send(10);
  t.expect("P. 1:11(10)");
  Duration wait = t.rto();
  for (int i = 0; i < 5; ++i, wait = wait * 2) {
    t.advance(wait);
    t.expect("P. 1:11(10)");
  }
}

TEST_P(UserTimeout, ProgressPutsItOff) {
  Script t(State::established, plain());
  t.set([](TcpSettings& own) { own.user_timeout = Duration::millis(250); });
  for (std::uint32_t seq = 1; seq < 2000; seq += 100) {
    t.app_send(100);
    t.expect("P. len 100");
    t.advance(Duration::millis(200));
    t.peer(".  ack " + std::to_string(seq + 100));
  }
  t.advance(Duration::seconds(100));
  t.expect_state(State::established);
}

}  // namespace
}  // namespace strata::tcp
