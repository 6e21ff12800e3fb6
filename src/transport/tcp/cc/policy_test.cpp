// The seam: any controller behind one type, made by name.
#include "transport/tcp/cc/policy.hpp"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

TEST(MakeController, EachBeginsWithTheInitialWindow) {
  using enum CongestionAlgorithm;
  for (const CongestionAlgorithm algorithm : {cubic, new_reno, dctcp, fixed}) {
    EXPECT_EQ(make_controller(algorithm, kMss, 10 * kMss).cwnd(), 10 * kMss);
  }
}

TEST(MakeController, EachIsWhatItIsCalled) {
  using enum CongestionAlgorithm;
  const auto ssthresh_after_loss = [](CongestionAlgorithm algorithm, CongestionEvent::Kind kind) {
    AnyCc cc = make_controller(algorithm, kMss, 10 * kMss);
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
