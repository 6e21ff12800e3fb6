// Paths that become narrow while a transfer runs, with routers that say so and with black holes: every byte
// arrives, and no time-out passes that the RFCs do not need.
#include <gtest/gtest.h>

#include "sim/test_connection.hpp"
#include "strata/parameters.hpp"

namespace strata::sim {
namespace {

constexpr std::size_t kSize = 2'000'000;
constexpr Duration kDelay = Duration::millis(10);

struct Narrow : testing::Test {
  /// The client sends; after `before` of its bytes the path to the server is as `config` says.
  void run(const NarrowConfig& config, std::size_t before = kSize / 4, std::size_t size = kSize) {
    scene.client.to_send = text_of(size, 1);
    ASSERT_TRUE(scene.world.run_until([&] { return scene.server.received.size() >= before; }, kLimit));
    scene.world.narrow(Side::b, config);
    ASSERT_TRUE(scene.world.run_until([&] { return scene.both_saw_end(); }, kLimit));
    EXPECT_TRUE(scene.server.received == scene.client.to_send);
  }
  std::uint64_t count(Counter counter) { return scene.world.host(Side::a).stack.counters()[counter]; }

  static WorldConfig world(const char* profile = nullptr) {
    WorldConfig config;
    config.wire = {
        .a_to_b = {.rate_bits_per_second = 50'000'000, .queue_bytes_max = 200'000, .delay = kDelay},
        .b_to_a = {.delay = kDelay}};
    if (profile != nullptr) config.stack.tcp = *profile_config(profile);
    return config;
  }
  static constexpr Duration kLimit = Duration::seconds(600);
  ConnectionScene scene{world()};
};

TEST_F(Narrow, FromTheBeginningCostsNoTimeoutAndNoWindow) {
  run({.mtu = 1280}, 0);
  EXPECT_EQ(count(Counter::tcp_rto_fired), 0U);
  EXPECT_EQ(count(Counter::path_mtu_lowered), 1U);
  EXPECT_EQ(scene.client.stream.info().snd_mss, 1280U - 40 - 12);
}

TEST_F(Narrow, InTheMiddleCostsOneRepetitionThatConfirmsIt) {  // RFC 5927 §7.2
  run({.mtu = 1400});
  EXPECT_LE(count(Counter::tcp_rto_fired), 1U);
  EXPECT_EQ(count(Counter::tcp_black_holes), 0U);
  EXPECT_EQ(count(Counter::path_mtu_lowered), 1U);
}

struct NarrowLinux : Narrow {
  NarrowLinux() { scene.world.host(Side::a).stack.set_tcp_config(*profile_config("linux")); }
};
TEST_F(NarrowLinux, InTheMiddleCostsNoTimeoutWithoutConfirmation) {  // RFC 1191 §6.4
  run({.mtu = 1400});
  EXPECT_EQ(count(Counter::tcp_rto_fired), 0U);
  EXPECT_EQ(count(Counter::path_mtu_lowered), 1U);
}

TEST_F(Narrow, ARouterThatNamesNoMtuIsAskedPlateauByPlateau) {
  run({.mtu = 1280, .names_mtu = false}, 0);
  EXPECT_EQ(count(Counter::path_mtu_lowered), 2U);  // 1492, 1006
  EXPECT_EQ(count(Counter::tcp_rto_fired), 0U);
}

TEST_F(Narrow, ABlackHoleFromTheBeginningIsSurvived) {  // RFC 4821 §7.7
  run({.mtu = 1280, .answers = false}, 0);
  EXPECT_EQ(count(Counter::tcp_rto_fired), 3U);
  EXPECT_EQ(count(Counter::tcp_black_holes), 1U);
  EXPECT_GT(scene.client.stream.info().snd_mss, 1280U - 40 - 12 - 8);
  EXPECT_LT(scene.world.now() - Instant::from_nanos(0), Duration::seconds(6));
}

TEST_F(Narrow, ABlackHoleInTheMiddleIsSurvived) {
  run({.mtu = 1400, .answers = false}, kSize / 4, 4 * kSize);  // a probe takes a round trip
  EXPECT_EQ(count(Counter::tcp_black_holes), 1U);
  EXPECT_GT(scene.client.stream.info().snd_mss, 1280U);  // congestion takes probes, too
}

TEST_F(Narrow, LossAndReorderingDoNotConfuseIt) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    WorldConfig config{.seed = seed};
    const ImpairmentConfig bad{.delay = kDelay, .loss_ppm = 10'000, .reorder_ppm = 20'000};
    config.wire = {.a_to_b = bad, .b_to_a = bad};
    config.stack.tcp.mtu_probing = seed % 2 == 0 ? MtuProbing::always : MtuProbing::after_black_hole;
    ConnectionScene bad_scene(config);
    bad_scene.client.to_send = text_of(400'000, 1);
    bad_scene.server.to_send = text_of(300'000, 2);
    std::size_t step = 0;
    for (const std::size_t mtu : {1400U, 1280U, 1006U, 600U}) {
      ASSERT_TRUE(bad_scene.world.run_until([&] { return bad_scene.server.received.size() >= step * 90'000; },
                                            kLimit));
      ++step;
      for (const Side to : {Side::a, Side::b}) {
        bad_scene.world.narrow(to, {.mtu = mtu, .answers = seed % 3 != 0, .names_mtu = seed % 5 != 0});
      }
    }
    ASSERT_TRUE(bad_scene.world.run_until([&] { return bad_scene.both_saw_end(); }, kLimit));
    EXPECT_TRUE(bad_scene.server.received == bad_scene.client.to_send);
    EXPECT_TRUE(bad_scene.client.received == bad_scene.server.to_send);
  }
}

}  // namespace
}  // namespace strata::sim
