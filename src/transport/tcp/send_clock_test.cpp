// Where a sender's time goes, as tcp_info tells it: busy, held by the peer's window, held by its own buffer.
#include "transport/tcp/send_clock.hpp"

#include "transport/tcp/test_script.hpp"

namespace strata::tcp {
namespace {

using enum SendClock::What;

constexpr Duration kTick = Duration::millis(10);

TEST(SendClockTest, TheWeightiestReasonCounts) {
  SendClock clock;
  Instant now;
  clock.start(busy, now);
  clock.start(window, now = now + kTick);
  clock.start(busy, now = now + kTick);
  clock.stop(buffer, now);
  clock.stop(window, now = now + kTick);
  clock.start(buffer, now = now + kTick);
  clock.start(window, now);
  clock.rest(now = now + kTick);
  now = now + kTick;
  EXPECT_EQ(clock.total(busy, now), kTick + kTick);
  EXPECT_EQ(clock.total(window, now), kTick + kTick);
  EXPECT_EQ(clock.total(buffer, now), kTick);
}

TEST(SendClockTest, ATimeThatHasNotEndedCounts) {
  SendClock clock;
  clock.start(window, Instant{});
  EXPECT_EQ(clock.total(window, Instant{} + kTick), kTick);
}

TEST(Limits, NothingIsBusyBeforeDataOrAfterItsAck) {
  Script t(State::established);
  t.advance(kTick);
  EXPECT_EQ(t.connection().info(t.now()).busy, Duration{});
  t.app_send(10);
  t.expect("P. 1:11(10)");
  t.advance(kTick);
  t.peer(".  ack 11");
  t.advance(kTick);
  EXPECT_EQ(t.connection().info(t.now()).busy, kTick);
}

TEST(Limits, AClosedWindowCountsUntilItOpens) {
  Script t(State::established);
  t.peer(".  win 0");
  t.app_send(10);
  t.expect_nothing();
  t.advance(kTick);
  t.peer(".  win 1000");
  t.expect("P. 1:11(10)");
  t.advance(kTick);
  const TcpInfo info = t.connection().info(t.now());
  EXPECT_EQ(info.window_limited, kTick);
  EXPECT_EQ(info.busy, kTick + kTick);
}

TEST(Limits, AWriterThatWasWokenIsNotHeldByItsBuffer) {
  Scene scene;
  scene.config.send_buffer = 3000;
  Script t(State::established, scene);
  EXPECT_EQ(t.try_send(5000).value(), 3000U);
  t.expect(".  1:1461(1460)");
  t.expect(".  1461:2921(1460)");
  t.peer(".  ack 1461");
  t.expect_nothing();  // 80 bytes wait for more: the writer has more
  t.peer(".  ack 2921");
  t.expect("P. 2921:3001(80)");
  t.advance(kTick);
  EXPECT_EQ(t.connection().info(t.now()).buffer_limited, Duration{});  // the writer was woken, it is its turn
}

TEST(Limits, AnEmptiedBufferWithoutRoomCounts) {
  Scene scene;
  scene.config.send_buffer = 2920;
  Script t(State::established, scene);
  EXPECT_EQ(t.try_send(5000).value(), 2920U);
  t.expect(".  1:1461(1460)");
  t.expect("P. 1461:2921(1460)");
  t.expect_nothing();
  t.advance(kTick);
  t.peer(".  ack 2921");
  t.expect_nothing();
  t.advance(kTick);
  EXPECT_EQ(t.connection().info(t.now()).buffer_limited, kTick);
}

TEST(Limits, SilenceOfThePeerIsCountedFromTheHandshakeOn) {
  Script t(State::established);
  t.advance(kTick);
  EXPECT_EQ(t.connection().info(t.now()).since_data_received, kTick);
}

}  // namespace
}  // namespace strata::tcp
