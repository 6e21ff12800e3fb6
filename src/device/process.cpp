#include "device/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "device/last_error.hpp"
#include "strata/host.hpp"

namespace strata {
namespace {

/// What a new process does until it is another program; the errno goes through `report` when it cannot be.
[[noreturn]] void become(char* const* argv, ProcessSetup setup, int parent, int report) {
  int error = setup.function == nullptr ? 0 : setup.function(setup.context);
  if (error == 0) {
    // Nobody is left to end the program if we are killed. Set after the set-up: a change of credentials
    // clears it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::execvp(argv[0], argv);
    error = errno;
  }
  // Nothing can be done about a failure to report a failure.
  [[maybe_unused]] const ssize_t written = ::write(report, &error, sizeof(error));
  ::_exit(127);
}

ExitStatus to_exit_status(int raw) {
  if (WIFEXITED(raw)) return {.exited = true, .code = WEXITSTATUS(raw)};
  return {.exited = false, .code = WTERMSIG(raw)};
}

/// The errno that become() reported; 0 when the program runs.
int read_report(int fd) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(fd, &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof(error)) ? error : 0;
}

}  // namespace

bool wait_readable(int fd, Duration limit) {
  const Instant until = monotonic_now() + limit;
  for (;;) {
    const std::int64_t left = (until - monotonic_now()).count_nanos();
    if (left < 0) return false;
    const timespec timeout{.tv_sec = left / 1'000'000'000, .tv_nsec = left % 1'000'000'000};
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::ppoll(&entry, 1, &timeout, nullptr);
    if (ready > 0) return true;
    if (ready == 0) return false;
    STRATA_CHECK(errno == EINTR);
  }
}

std::string describe(const ExitStatus& status) {
  if (status.exited) return "exited with status " + std::to_string(status.code);
  return "was ended by signal " + std::to_string(status.code) + " (" + ::strsignal(status.code) + ")";
}

SystemResult<Process> Process::start(std::span<const std::string> argv, ProcessSetup setup) {
  STRATA_CHECK(!argv.empty());
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return last_error("making a pipe");
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const int parent = ::getpid();
  const int pid = ::fork();
  if (pid < 0) return last_error("starting a process");
  if (pid == 0) become(arguments.data(), setup, parent, write_end.get());
  write_end.reset();
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) {
    const int error = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return Err<SystemError>(error_of(error, "watching \"" + argv[0] + "\""));
  }
  Process process(pid, std::move(pidfd), argv[0]);
  if (const int error = read_report(read_end.get()); error != 0) {
    process.wait();
    return Err<SystemError>(error_of(error, "cannot run \"" + argv[0] + "\""));
  }
  return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      program_(std::move(other.program_)),
      status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(program_, other.program_);
  std::swap(status_, other.status_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0) stop(Duration::seconds(1));
}

std::optional<ExitStatus> Process::status() {
  int raw = 0;
  if (!status_ && ::waitpid(pid_, &raw, WNOHANG) == pid_) status_ = to_exit_status(raw);
  return status_;
}

std::optional<ExitStatus> Process::wait(Duration limit) {
  if (!status_ && !wait_readable(pidfd_.get(), limit)) return std::nullopt;
  return wait();
}

ExitStatus Process::wait() {
  int raw = 0;
  while (!status_) {
    if (::waitpid(pid_, &raw, 0) == pid_) {
      status_ = to_exit_status(raw);
    } else {
      STRATA_CHECK(errno == EINTR);
    }
  }
  return *status_;
}

void Process::signal(int number) {
  // Through the pidfd, which cannot name another process once ours is gone.
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), number, nullptr, 0);
}

ExitStatus Process::stop(Duration grace) {
  if (const auto ended = status()) return *ended;
  signal(SIGTERM);
  if (const auto ended = wait(grace)) return *ended;
  signal(SIGKILL);
  return wait();
}

}  // namespace strata
