#include "strata/reactor.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <string>

#include "strata/host.hpp"

namespace strata {
namespace {

/// Appends a letter to a text when called.
struct Letter {
  std::string* text;
  char letter;
  static void append(void* context) {
    const auto* self = static_cast<Letter*>(context);
    self->text->push_back(self->letter);
  }
  Reactor::Callback callback() { return {.context = this, .function = &Letter::append}; }
};

class ReactorTest : public testing::Test {
 protected:
  SystemResult<Reactor> reactor_ = Reactor::create();
  std::string text_;
};

TEST_F(ReactorTest, TimersFireInOrderOfTime) {
  std::array<Letter, 4> letters{{{&text_, 'a'}, {&text_, 'b'}, {&text_, 'c'}, {&text_, 'd'}}};
  const Instant start = monotonic_now();
  reactor_->add_timer(start + Duration::millis(3), letters[2].callback());
  reactor_->add_timer(start + Duration::millis(1), letters[0].callback());
  const Reactor::TimerId cancelled = reactor_->add_timer(start + Duration::millis(2), letters[3].callback());
  reactor_->add_timer(start + Duration::millis(1), letters[1].callback());
  reactor_->cancel_timer(cancelled);
  ASSERT_TRUE(reactor_->run_until([&] { return text_.size() == 3; }));
  EXPECT_EQ(text_, "abc");
  EXPECT_GE(monotonic_now() - start, Duration::millis(3));
}

TEST_F(ReactorTest, SleepsForLessThanAMillisecond) {
  Letter letter{&text_, 'x'};
  Duration best = Duration::seconds(1);
  for (int i = 0; i < 20; ++i) {
    text_.clear();
    const Instant start = monotonic_now();
    reactor_->add_timer(start + Duration::micros(200), letter.callback());
    ASSERT_TRUE(reactor_->run_until([&] { return !text_.empty(); }));
    best = std::min(best, monotonic_now() - start);
  }
  EXPECT_GE(best, Duration::micros(200));
  EXPECT_LT(best, Duration::micros(900));
}

TEST_F(ReactorTest, CallsBackWhileADescriptorIsReadable) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Letter letter{&text_, 'r'};
  ASSERT_TRUE(reactor_->watch(ends[0], letter.callback()));
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  ASSERT_TRUE(reactor_->run_until([&] { return text_.size() == 2; }));
  reactor_->unwatch(ends[0]);
  Letter timer{&text_, 't'};
  reactor_->add_timer(monotonic_now() + Duration::millis(1), timer.callback());
  ASSERT_TRUE(reactor_->run_until([&] { return text_.size() == 3; }));
  EXPECT_EQ(text_, "rrt");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(ReactorTest, ACallbackMayUnwatchItself) {
  struct Once {
    Reactor* reactor;
    int fd;
    int calls = 0;
    static void call(void* context) {
      auto* self = static_cast<Once*>(context);
      ++self->calls;
      self->reactor->unwatch(self->fd);
      self->reactor->stop();
    }
  };
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[1]);
  Once once{&*reactor_, ends[0]};
  ASSERT_TRUE(reactor_->watch(ends[0], {.context = &once, .function = &Once::call}));
  ASSERT_TRUE(reactor_->run());
  EXPECT_EQ(once.calls, 1);
  ::close(ends[0]);
}

TEST_F(ReactorTest, SignalsStopItAndItCanGoOn) {
  ASSERT_TRUE(reactor_->stop_on_signals());
  EXPECT_EQ(reactor_->stop_signal(), 0);
  ::raise(SIGTERM);
  ASSERT_TRUE(reactor_->run());
  EXPECT_EQ(reactor_->stop_signal(), SIGTERM);
  ::raise(SIGINT);
  ASSERT_TRUE(reactor_->run());
  EXPECT_EQ(reactor_->stop_signal(), SIGINT);
}

TEST_F(ReactorTest, AFileCannotBeWatched) {
  const SystemResult<void> watched = reactor_->watch(-1, {});
  ASSERT_FALSE(watched);
  EXPECT_EQ(watched.error().text, "watching a descriptor: Bad file descriptor");
}

}  // namespace
}  // namespace strata
