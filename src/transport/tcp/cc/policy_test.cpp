// The seam: any controller behind one type, made by name.
#include "transport/tcp/cc/policy.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;
constexpr ControllerSeed kTen{.mss = kMss, .initial_window = 10 * kMss};

TEST(MakeController, EachBeginsWithTheInitialWindow) {
  using enum CongestionAlgorithm;
  ControllerPools pools(1);
  for (const CongestionAlgorithm algorithm : {cubic, new_reno, dctcp, fixed, bbr}) {
    EXPECT_EQ(make_controller(algorithm, kTen, pools)->cwnd(), 10 * kMss);
  }
}

TEST(MakeController, ALargeOneLivesInAPoolThatCanSayNo) {
  ControllerPools pools(1);
  {
    const auto first = make_controller(CongestionAlgorithm::bbr, kTen, pools);
    ASSERT_TRUE(first);
    EXPECT_EQ(pools.bbr.used(), 1U);
    EXPECT_FALSE(make_controller(CongestionAlgorithm::bbr, kTen, pools));
  }
  EXPECT_EQ(pools.bbr.used(), 0U);
  EXPECT_TRUE(make_controller(CongestionAlgorithm::bbr, kTen, pools));
}

TEST(MakeController, OnlyAModelHasARate) {
  ControllerPools pools(1);
  const auto bbr = make_controller(CongestionAlgorithm::bbr, kTen, pools);
  EXPECT_TRUE(bbr->models_path());
  EXPECT_GT(bbr->pacing_rate(Duration::millis(10)), 0U);
  const auto cubic = make_controller(CongestionAlgorithm::cubic, kTen, pools);
  EXPECT_FALSE(cubic->models_path());
  EXPECT_EQ(cubic->pacing_rate(Duration::millis(10)), 0U);
}

TEST(MakeController, EachIsWhatItIsCalled) {
  using enum CongestionAlgorithm;
  const auto ssthresh_after_loss = [](CongestionAlgorithm algorithm, CongestionEvent::Kind kind) {
    ControllerPools pools(1);
    AnyCc cc = std::move(*make_controller(algorithm, kTen, pools));
    for (std::uint32_t i = 1; i < 100; ++i) {  // long enough without marks for DCTCP to forget them
      cc.on_ack({.acked = kMss, .snd_una = SeqNum(i * 9), .snd_nxt = SeqNum(i * 9)});
    }
    cc.on_congestion({.in_flight = 10 * kMss, .kind = kind});
    return cc.ssthresh();
  };
  EXPECT_EQ(ssthresh_after_loss(cubic, CongestionEvent::Kind::loss), 7 * kMss);
  EXPECT_EQ(ssthresh_after_loss(new_reno, CongestionEvent::Kind::ecn), 5 * kMss);
  EXPECT_EQ(ssthresh_after_loss(dctcp, CongestionEvent::Kind::loss), 5 * kMss);
  EXPECT_GT(ssthresh_after_loss(dctcp, CongestionEvent::Kind::ecn), 9 * kMss);
  EXPECT_EQ(ssthresh_after_loss(fixed, CongestionEvent::Kind::loss), 10 * kMss);
}

}  // namespace
}  // namespace strata::tcp
