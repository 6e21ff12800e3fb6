// "Upload is five times slower than download": on a path of 66 ms that reorders a little, eight of nine
// retransmissions were needless, and each halved the window. Here the window stays, and hardly anything is
// sent twice.
#include <gtest/gtest.h>

#include "tests/golden/goodput.hpp"

namespace strata::scenario {
namespace {

using golden::Measured;

sim::PathConfig path_with(std::uint32_t late_ppm) {
  sim::PathConfig path = golden::path_of(200, 66, 100);
  path.reorder_ppm = late_ppm;
  path.reorder_delay = Duration::millis(3);
  return path;
}

TEST(SlightReordering, UploadIsNotSlowerThanInOrder) {
  const sim::PathConfig ordered = path_with(0);
  const TcpConfig config = golden::config_for(ordered, CongestionAlgorithm::cubic);
  const Measured best = golden::measure(ordered, config);
  const Measured got = golden::measure(path_with(10'000), config);
  EXPECT_TRUE(got.sound);
  EXPECT_GE(got.kbit * 100, best.kbit * 95);
  EXPECT_LE(got.repeated, got.lost * 2 + 10) << "needless repetitions";
}

TEST(SlightReordering, WithoutLossNothingStays) {
  const sim::PathConfig path = path_with(50'000);
  TcpConfig config = golden::config_for(path, CongestionAlgorithm::cubic);
  golden::set_window(config, golden::product_bytes(path) * 3 / 2);
  const Measured got = golden::measure(path, config);
  EXPECT_EQ(got.lost, 0U);
  EXPECT_EQ(got.undone, got.reductions);
  EXPECT_LE(got.repeated, 10U);
  EXPECT_GE(got.kbit, 190'000U);
}

}  // namespace
}  // namespace strata::scenario
