// One end loses power after the n-th frame, for every n: the other end finds out and says so clearly, and
// forgets the connection.
#include <gtest/gtest.h>

#include "sim/test_connection.hpp"

namespace strata::sim {
namespace {

WorldConfig impatient() {
  WorldConfig config{.seed = 21};
  config.stack.tcp.keepalive_time = Duration::seconds(5);
  config.stack.tcp.keepalive_interval = Duration::seconds(1);
  config.stack.tcp.keepalive_probes = 3;
  return config;
}

/// Errors that tell a person that the other machine is gone.
bool is_clear(Errc error) { return error == Errc::timed_out || error == Errc::host_unreachable; }

struct Death {
  Side victim;
  std::uint64_t after_frame;
  std::size_t upload;
  std::size_t download;
  Duration user_timeout;
};

/// True when the victim died in the middle and, if there was a program to tell, it was told.
bool expect_clear_error(const Death& death) {
  SCOPED_TRACE(std::string(death.victim == Side::a ? "client" : "server") + " dies after frame " +
               std::to_string(death.after_frame));
  ConnectionScene scene(impatient());
  scene.keepalive = true;
  scene.user_timeout = death.user_timeout;
  scene.client.to_send = text_of(death.upload);
  scene.server.to_send = text_of(death.download);
  scene.world.kill_after(death.victim, death.after_frame);
  const Side survivor = other(death.victim);
  StreamProgram& program = survivor == Side::a ? scene.client : scene.server;
  Stack& stack = scene.world.host(survivor).stack;
  const auto is_over = [&] {
    return program.failure || (program.stream && any(program.stream.ready() & Ready::closed));
  };
  scene.world.run_until(is_over, Duration::seconds(2000));
  const Instant told_at = scene.world.now();
  const bool died_in_time = scene.world.frames_arrived() >= death.after_frame;
  program.stream.close();
  scene.world.run_for(Duration::seconds(200));
  EXPECT_EQ(stack.connection_count(), 0U);
  const bool has_program = survivor == Side::a || scene.has_accepted();  // nobody to tell before accept()
  if (program.failure) {
    EXPECT_TRUE(is_clear(*program.failure)) << name(*program.failure);
    const Duration patience =
        death.user_timeout > Duration() ? death.user_timeout * 2 : Duration::seconds(2000);
    EXPECT_LE(told_at, Instant() + patience);
  } else {
    EXPECT_TRUE(!has_program || (program.saw_end && program.sent_all())) << "nobody was told";
  }
  return died_in_time && (program.failure || !has_program);
}

class EitherEndDies : public testing::TestWithParam<Side> {};

TEST_P(EitherEndDies, AfterEachOfTheFirstTwoHundredSegmentsOfATransfer) {
  for (std::uint64_t n = 1; n <= 200; ++n) {
    EXPECT_TRUE(expect_clear_error(
        {.victim = GetParam(), .after_frame = n, .upload = 600'000, .download = 0, .user_timeout = {}}));
  }
}

TEST_P(EitherEndDies, AfterEachOfTheFirstTwoHundredSegmentsWithUserTimeout) {
  for (std::uint64_t n = 1; n <= 200; ++n) {
    EXPECT_TRUE(expect_clear_error({.victim = GetParam(),
                                    .after_frame = n,
                                    .upload = 300'000,
                                    .download = 300'000,
                                    .user_timeout = Duration::seconds(30)}));
  }
}

TEST_P(EitherEndDies, AfterEachSegmentOfAShortConversationAndItsClose) {
  for (std::uint64_t n = 1; n <= 20; ++n) {
    expect_clear_error(
        {.victim = GetParam(), .after_frame = n, .upload = 2'000, .download = 2'000, .user_timeout = {}});
  }
}

INSTANTIATE_TEST_SUITE_P(Death, EitherEndDies, testing::Values(Side::a, Side::b), [](const auto& side) {
  return std::string(side.param == Side::a ? "Client" : "Server");
});

}  // namespace
}  // namespace strata::sim
