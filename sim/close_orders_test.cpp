// Every order of opening and closing, with the states of RFC 9293 §3.3.2 at both ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/test_connection.hpp"

namespace strata::sim {
namespace {

using testing::ElementsAre;

/// A scene with an established connection on which nothing was said.
class CloseOrders : public testing::Test {
 protected:
  CloseOrders() {
    scene.client.closes_when_sent = scene.server.closes_when_sent = false;
    EXPECT_TRUE(scene.world.run_until([&] { return scene.has_accepted(); }, Duration::seconds(5)));
    for (auto& states : scene.states) states.clear();
  }
  /// Long enough for everything but TIME-WAIT.
  void let_it_settle() { scene.world.run_for(Duration::seconds(10)); }
  Stack& client_stack() { return scene.world.host(Side::a).stack; }
  Stack& server_stack() { return scene.world.host(Side::b).stack; }
  void expect_nothing_left() {
    scene.client.stream.close();
    scene.server.stream.close();
    scene.world.run_for(Duration::seconds(200));
    EXPECT_EQ(client_stack().connection_count() + client_stack().time_wait_count(), 0U);
    EXPECT_EQ(server_stack().connection_count() + server_stack().time_wait_count(), 0U);
  }

  ConnectionScene scene;
};

TEST_F(CloseOrders, ClientFirst) {
  scene.client.closes_when_sent = true;
  ASSERT_TRUE(scene.world.run_until([&] { return scene.server.saw_end; }, Duration::seconds(5)));
  let_it_settle();
  EXPECT_THAT(scene.states_of(Side::a), ElementsAre("FIN-WAIT-1", "FIN-WAIT-2"));
  EXPECT_THAT(scene.states_of(Side::b), ElementsAre("CLOSE-WAIT"));
  scene.server.closes_when_sent = true;
  let_it_settle();
  EXPECT_THAT(scene.states_of(Side::a), ElementsAre("FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"));
  EXPECT_THAT(scene.states_of(Side::b), ElementsAre("CLOSE-WAIT", "LAST-ACK", "CLOSED"));
  EXPECT_EQ(client_stack().time_wait_count(), 1U);
  EXPECT_EQ(server_stack().time_wait_count(), 0U);
  EXPECT_FALSE(scene.client.failure || scene.server.failure);
  expect_nothing_left();
}

TEST_F(CloseOrders, ServerFirst) {
  scene.server.closes_when_sent = true;
  ASSERT_TRUE(scene.world.run_until([&] { return scene.client.saw_end; }, Duration::seconds(5)));
  scene.client.closes_when_sent = true;
  let_it_settle();
  EXPECT_THAT(scene.states_of(Side::b), ElementsAre("FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"));
  EXPECT_THAT(scene.states_of(Side::a), ElementsAre("CLOSE-WAIT", "LAST-ACK", "CLOSED"));
  EXPECT_EQ(client_stack().time_wait_count(), 0U);
  EXPECT_EQ(server_stack().time_wait_count(), 1U);
  expect_nothing_left();
}

TEST_F(CloseOrders, BothAtOnce) {
  scene.client.closes_when_sent = scene.server.closes_when_sent = true;
  let_it_settle();
  for (const Side side : {Side::a, Side::b}) {
    EXPECT_THAT(scene.states_of(side), ElementsAre("FIN-WAIT-1", "CLOSING", "TIME-WAIT"));
  }
  EXPECT_TRUE(scene.both_saw_end());
  expect_nothing_left();
}

TEST_F(CloseOrders, TheOtherDirectionStaysOpenAfterAHalfClose) {
  scene.client.closes_when_sent = true;
  ASSERT_TRUE(scene.world.run_until([&] { return scene.server.saw_end; }, Duration::seconds(5)));
  scene.server.to_send = text_of(500'000);
  scene.server.closes_when_sent = true;
  ASSERT_TRUE(scene.world.run_until([&] { return scene.client.saw_end; }, Duration::seconds(60)));
  EXPECT_EQ(scene.client.received == scene.server.to_send, true);
  expect_nothing_left();
}

TEST_F(CloseOrders, CloseStillDeliversWhatWasQueued) {
  scene.client.to_send = text_of(50'000);
  ASSERT_TRUE(scene.world.run_until([&] { return scene.client.sent_all(); }, Duration::seconds(60)));
  scene.client.stream.close();
  scene.server.closes_when_sent = true;
  ASSERT_TRUE(scene.world.run_until([&] { return scene.server.saw_end; }, Duration::seconds(60)));
  EXPECT_EQ(scene.server.received == scene.client.to_send, true);
  expect_nothing_left();
}

TEST_F(CloseOrders, DataAfterCloseIsAnsweredWithReset) {
  scene.client.stream.close();
  let_it_settle();
  scene.server.to_send = text_of(100);
  let_it_settle();
  EXPECT_EQ(client_stack().counters()[Counter::tcp_rst_out], 1U);
  EXPECT_EQ(scene.server.failure, Errc::connection_reset);
  expect_nothing_left();
}

TEST_F(CloseOrders, CloseWithUnreadDataResets) {
  scene.server.to_send = text_of(100);
  auto reader = std::move(scene.client.stream);  // nobody reads any more
  ASSERT_TRUE(
      scene.world.run_until([&] { return any(reader.ready() & Ready::readable); }, Duration::seconds(5)));
  reader.close();
  let_it_settle();
  EXPECT_EQ(scene.server.failure, Errc::connection_reset);
  expect_nothing_left();
}

TEST_F(CloseOrders, AbortResetsAtOnce) {
  scene.client.stream.abort();
  let_it_settle();
  EXPECT_EQ(scene.server.failure, Errc::connection_reset);
  EXPECT_THAT(scene.states_of(Side::b), ElementsAre("CLOSED"));
  EXPECT_EQ(client_stack().time_wait_count() + server_stack().time_wait_count(), 0U);
  expect_nothing_left();
}

TEST_F(CloseOrders, AnOrphanInFinWait2IsForgottenAfterFinTimeout) {
  scene.client.stream.close();
  let_it_settle();
  EXPECT_EQ(scene.states_of(Side::a).back(), "FIN-WAIT-2");
  scene.world.run_for(Duration::seconds(70));
  EXPECT_EQ(client_stack().counters()[Counter::tcp_fin_wait_2_timeouts], 1U);
  EXPECT_EQ(client_stack().connection_count(), 0U);
  EXPECT_EQ(server_stack().connection_count(), 1U) << "the server's program never closed";
}

TEST(OpenOrders, BothAtOnce) {
  World world({.seed = 3});
  StreamProgram programs[2];
  std::vector<std::string> states[2];
  world.set_observer([&](Side side, const TraceEvent& event) {
    if (event.kind == TraceKind::state_changed) states[index(side)].emplace_back(name(event.state.new_state));
  });
  for (const Side side : {Side::a, Side::b}) {
    StreamProgram& program = programs[index(side)];
    program.to_send = text_of(10'000, static_cast<std::uint8_t>(index(side)));
    const ConnectOptions from{.local = {.address = world.host(side).address, .port = 1000}};
    auto stream = world.host(side).stack.connect({.address = world.host(other(side)).address, .port = 1000},
                                                 from, world.now());
    ASSERT_TRUE(stream);
    program.stream = std::move(*stream);
    world.add_app(side, [&program] { program.step(); });
  }
  ASSERT_TRUE(
      world.run_until([&] { return programs[0].saw_end && programs[1].saw_end; }, Duration::seconds(60)));
  for (const Side side : {Side::a, Side::b}) {
    ASSERT_GE(states[index(side)].size(), 3U);
    EXPECT_EQ(states[index(side)][0], "SYN-SENT");
    EXPECT_EQ(states[index(side)][1], "SYN-RECEIVED");
    EXPECT_EQ(states[index(side)][2], "ESTABLISHED");
    EXPECT_EQ(programs[index(side)].received == programs[index(other(side))].to_send, true);
    EXPECT_FALSE(programs[index(side)].failure);
  }
}

TEST(OpenOrders, AClosedPortRefuses) {
  World world({.seed = 4});
  auto stream =
      world.host(Side::a).stack.connect({.address = world.host(Side::b).address, .port = 9}, world.now());
  ASSERT_TRUE(stream);
  ASSERT_TRUE(world.run_until([&] { return any(stream->ready() & Ready::closed); }, Duration::seconds(10)));
  EXPECT_EQ(stream->error().error(), Errc::connection_refused);
}

}  // namespace
}  // namespace strata::sim
