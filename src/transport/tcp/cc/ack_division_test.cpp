// A receiver that acknowledges a segment in pieces, to make the window open faster (Savage et al. 1999),
// gains nothing: every controller counts bytes (RFC 3465 §2.1), not ACKs.
#include <gtest/gtest.h>

#include "transport/tcp/cc/policy.hpp"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kMss = 1000;

/// The window after `rounds` windows were acknowledged in pieces of `piece` bytes.
std::uint32_t window_after(CongestionAlgorithm algorithm, std::uint32_t piece, bool avoidance, int rounds) {
  ControllerPools pools(1);
  AnyCc cc = std::move(*make_controller(algorithm, {.mss = kMss, .initial_window = 10 * kMss}, pools));
  if (avoidance) {
    cc.on_congestion({.now = Instant::from_nanos(1), .in_flight = 20 * kMss});
    cc.set_cwnd(cc.ssthresh());
  }
  SeqNum una(0xffff'f000U);
  Instant now = Instant::from_nanos(1'000'000'000);
  for (int round = 0; round < rounds; ++round) {
    const std::uint32_t window = cc.cwnd();
    const SeqNum end = una + window;
    for (std::uint32_t acked = 0; acked < window; acked += piece) {
      now = now + Duration::nanos(std::int64_t{100'000'000} * piece / window);
      una += piece;
      cc.on_ack({.now = now,
                 .acked = piece,
                 .in_flight = window,
                 .rtt = Duration::millis(100),
                 .srtt = Duration::millis(100),
                 .min_rtt = Duration::millis(100),
                 .snd_una = una,
                 .snd_nxt = end,
                 .cwnd_limited = true});
    }
  }
  return cc.cwnd();
}

class AckDivision : public testing::TestWithParam<CongestionAlgorithm> {};
std::string name_of(const testing::TestParamInfo<CongestionAlgorithm>& which) {
  return std::string(kCongestionNames[static_cast<std::size_t>(which.param)]);
}
INSTANTIATE_TEST_SUITE_P(Every, AckDivision,
                         testing::Values(CongestionAlgorithm::cubic, CongestionAlgorithm::new_reno,
                                         CongestionAlgorithm::dctcp),
                         name_of);

TEST_P(AckDivision, GainsNothingInSlowStart) {
  EXPECT_EQ(window_after(GetParam(), kMss, false, 3), 80 * kMss);
  EXPECT_EQ(window_after(GetParam(), kMss / 50, false, 3), 80 * kMss);
}

TEST_P(AckDivision, GainsNothingInAvoidance) {
  const std::uint32_t honest = window_after(GetParam(), kMss, true, 5);
  EXPECT_GT(honest, 10 * kMss);
  EXPECT_LE(window_after(GetParam(), kMss / 50, true, 5), honest + kMss);
}

}  // namespace
}  // namespace strata::tcp
