// A controller from outside, behind its table: told what any other is told, and kept within bounds.
#include "transport/tcp/cc/external.hpp"

#include <gtest/gtest.h>

#include "transport/tcp/cc/policy.hpp"
#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

struct Counting {
  std::uint32_t acks = 0;
  std::uint32_t losses = 0;

  void begin(ControllerWindow& window) { window.cwnd = 3 * window.mss; }
  void on_ack(ControllerWindow& window, const ControllerAck& ack) {
    window.cwnd += ack.acked;
    ++acks;
  }
  void on_congestion(ControllerWindow& window, ControllerSignal signal, std::uint32_t) {
    losses += signal == ControllerSignal::loss ? 1U : 100U;
    window.ssthresh = losses * window.mss;
  }
  void undo(ControllerWindow& window) { window.cwnd = 0; }
};
constexpr ExternalController kCounting = external_controller<Counting>("counting");

TEST(External, SetsTheWindowByItsOwnRule) {
  External cc(kCounting, kMss, 10 * kMss);
  EXPECT_EQ(cc.cwnd(), 3 * kMss);
  cc.on_ack({.acked = 500});
  EXPECT_EQ(cc.cwnd(), 3500U);
  cc.on_congestion({.kind = CongestionEvent::Kind::ecn});
  EXPECT_EQ(cc.ssthresh(), 100 * kMss);
}

TEST(External, IsKeptWithinBounds) {
  External cc(kCounting, kMss, 10 * kMss);
  cc.undo();
  EXPECT_EQ(cc.cwnd(), kMss);
  cc.on_congestion({});
  EXPECT_EQ(cc.ssthresh(), 2 * kMss);
  cc.on_ack({.acked = 0xf000'0000U});
  EXPECT_EQ(cc.cwnd(), kCwndMax);
}

TEST(External, IsFoundByName) {
  TcpConfig config;
  EXPECT_FALSE(find_controller(config, "counting"));
  config.controllers[2] = &kCounting;
  const auto found = find_controller(config, "counting");
  ASSERT_TRUE(found);
  EXPECT_EQ(own_controller(config, *found), &kCounting);
  EXPECT_EQ(controller_name(config, *found), "counting");
  EXPECT_EQ(find_controller(config, "bbr"), CongestionAlgorithm::bbr);
  EXPECT_EQ(controller_name(config, CongestionAlgorithm::cubic), "cubic");
}

TEST(External, RulesAConnection) {
  Scene scene;
  scene.peer_syn = "mss 1000";
  scene.config.controllers[0] = &kCounting;
  scene.config.congestion_control = *find_controller(scene.config, "counting");
  Script t(State::established, scene);
  t.app_send(10'000);
  t.expect_data(1, 1000, 3);
  t.expect_nothing();
  t.peer(".  ack 1001");
  t.expect_data(3001, 1000, 2);
  EXPECT_EQ(t.count(Counter::tcp_no_controller), 0U);
}

TEST(External, OneThatNobodyBroughtIsCubic) {
  Scene scene;
  scene.config.congestion_control = CongestionAlgorithm::own_1;
  Script t(State::established, scene);
  EXPECT_EQ(t.count(Counter::tcp_no_controller), 1U);
}

}  // namespace
}  // namespace strata::tcp
