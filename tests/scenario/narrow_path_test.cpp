// "Path MTU": every TLS handshake stalls behind a tunnel of 1,280 bytes, because the stack hears no router,
// or because the router is not heard of. Here the answer arrives, after a round trip in the first case and a
// few time-outs in the second; and a connection that was accepted on a wide link announces what that link
// carries.
#include "sim/test_connection.hpp"

namespace strata::scenario {
namespace {

using sim::Side;

constexpr std::size_t kHello = 517;           // a ClientHello fits
constexpr std::size_t kCertificates = 4'300;  // their chain does not
constexpr Duration kRtt = Duration::millis(30);

/// The server answers a small question with a few full segments. Returns when the client has it all.
Duration handshake(const sim::NarrowConfig& tunnel, std::size_t mtu = 1500) {
  sim::WorldConfig config;
  config.wire = {.mtu = mtu, .a_to_b = {.delay = kRtt / 2}, .b_to_a = {.delay = kRtt / 2}};
  sim::ConnectionScene scene(config);
  scene.world.narrow(Side::a, tunnel);
  scene.client.to_send = sim::text_of(kHello, 1);
  scene.server.to_send = sim::text_of(kCertificates, 2);
  EXPECT_TRUE(scene.world.run_until([&] { return scene.both_saw_end(); }, Duration::seconds(60)));
  EXPECT_TRUE(scene.client.received == scene.server.to_send);
  return scene.world.now() - Instant::from_nanos(0);
}

TEST(NarrowPath, ATunnelWhoseRouterSpeaksCostsOneRoundTrip) {
  const Duration wide = handshake({});
  EXPECT_LE(handshake({.mtu = 1280}), wide + kRtt * 2);
  EXPECT_LE(handshake({.mtu = 1280, .names_mtu = false}), wide + kRtt * 3);
}

TEST(NarrowPath, ATunnelThatSwallowsWithoutAWordIsCrossedInTwoSeconds) {
  EXPECT_LE(handshake({.mtu = 1280, .answers = false}), Duration::seconds(2));
}

TEST(NarrowPath, AWideLinkAnnouncesAWideMss) {
  sim::WorldConfig config;
  config.wire.mtu = 9000;
  sim::ConnectionScene scene(config);
  scene.client.to_send = sim::text_of(100'000, 1);
  ASSERT_TRUE(scene.world.run_until([&] { return scene.both_saw_end(); }, Duration::seconds(60)));
  EXPECT_EQ(scene.server.stream.info().announced_mss, 8960U);
  EXPECT_EQ(scene.client.stream.info().snd_mss, 8960U - 12);
}

}  // namespace
}  // namespace strata::scenario
