// "Spurious recovery is detected, but the window is never restored": a relay holds packets for 0.3 to 1 s and
// loses none, and senders stayed at 6 to 17 packets. Here every false alarm is undone.
#include <gtest/gtest.h>

#include "tests/golden/goodput.hpp"

namespace strata::scenario {
namespace {

struct Outcome {
  std::uint64_t bytes;
  std::uint64_t alarms;
  std::uint64_t undone;
  std::uint32_t ssthresh;
};

Outcome one_minute(CongestionAlgorithm algorithm) {
  sim::PathConfig path = golden::path_of(40, 60, 400);
  path.hold = {.every = Duration::seconds(2), .least = Duration::millis(300), .most = Duration::seconds(1)};
  TcpConfig config = golden::config_for(path, algorithm);
  golden::set_window(config, golden::product_bytes(path) * 2);
  if (algorithm == CongestionAlgorithm::fixed) config.initial_window_segments = 420;
  sim::BulkRun run({.path = path, .flows = {{.config = config, .starts = {}}}, .seed = 3});
  run.until(Instant() + Duration::seconds(60));
  EXPECT_EQ(run.path().queue_drops() + run.path().losses(), 0U);
  EXPECT_TRUE(run.is_sound());
  return {.bytes = run.delivered(0),
          .alarms = run.count(Counter::tcp_fast_retransmits) + run.count(Counter::tcp_rto_fired),
          .undone = run.count(Counter::tcp_spurious_recoveries) + run.count(Counter::tcp_spurious_timeouts),
          .ssthresh = run.sender(0).tcb().cc.ssthresh()};
}

TEST(HeldPackets, EveryFalseAlarmIsUndone) {
  const Outcome got = one_minute(CongestionAlgorithm::cubic);
  const Outcome fixed = one_minute(CongestionAlgorithm::fixed);
  EXPECT_GT(got.alarms, 10U) << "the scenario raises no alarms";
  EXPECT_LE(got.alarms - got.undone, 1U) << "but for one that is just being judged";
  EXPECT_GE(got.ssthresh, 1U << 29);
  EXPECT_GE(got.bytes * 100, fixed.bytes * 95);
}

}  // namespace
}  // namespace strata::scenario
