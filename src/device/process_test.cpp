#include "device/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace strata {
namespace {

SystemResult<Process> shell(const std::string& script, ProcessSetup setup = {}) {
  const std::vector<std::string> argv{"sh", "-c", script};
  return Process::start(argv, setup);
}

TEST(Process, ReportsHowItEnded) {
  EXPECT_EQ(describe(shell("exit 0")->wait()), "exited with status 0");
  EXPECT_EQ(describe(shell("exit 7")->wait()), "exited with status 7");
  EXPECT_EQ(describe(shell("kill -9 $$")->wait()), "was ended by signal 9 (Killed)");
  EXPECT_TRUE(shell("true")->wait().success());
  EXPECT_FALSE(shell("kill $$")->wait().success());
}

TEST(Process, AProgramThatIsNotThereIsAnError) {
  const std::vector<std::string> argv{"/no/such/program"};
  const SystemResult<Process> process = Process::start(argv);
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().text, "cannot run \"/no/such/program\": No such file or directory");
}

TEST(Process, AFailedSetUpIsAnError) {
  const SystemResult<Process> process =
      shell("true", {.context = nullptr, .function = [](const void*) { return EPERM; }});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().number, EPERM);
}

TEST(Process, ItsDescriptorTellsOfItsEnd) {
  SystemResult<Process> process = shell("read line");
  ASSERT_TRUE(process);
  // Nothing of ours keeps standard input open for it, but it may be a terminal: the signal ends it in any
  // case.
  process->signal(SIGTERM);
  EXPECT_TRUE(wait_readable(process->fd(), Duration::seconds(5)));
  EXPECT_TRUE(process->status());
}

TEST(Process, OneThatDoesNotListenIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  SystemResult<Process> process =
      shell("trap '' TERM; echo >&" + std::to_string(ready[1]) + "; while :; do sleep 1; done");
  ASSERT_TRUE(process);
  char line = 0;
  ASSERT_EQ(::read(ready[0], &line, 1), 1);
  const ExitStatus status = process->stop(Duration::millis(20));
  EXPECT_FALSE(status.exited);
  EXPECT_EQ(status.code, SIGKILL);
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(Process, StartsWithNoSignalBlocked) {
  sigset_t blocked;
  sigset_t before;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &blocked, &before);
  SystemResult<Process> process = shell("kill $$; exit 0");
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ASSERT_TRUE(process);
  EXPECT_FALSE(process->wait().exited);
}

}  // namespace
}  // namespace strata
