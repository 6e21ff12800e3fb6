// A program that runs beside us with our terminal as its own: started, watched through a pidfd, ended and
// reaped.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "device/fd.hpp"
#include "strata/system_error.hpp"
#include "strata/time.hpp"

namespace strata {

struct ExitStatus {
  bool exited = false;  ///< false: a signal ended it
  int code = 0;         ///< the exit status, or the signal's number
  bool success() const { return exited && code == 0; }
};
/// `exited with status 7`, `was ended by signal 15 (Terminated)`.
std::string describe(const ExitStatus& status);

/// Runs in the new process before the program. May only make system calls; returns 0 or an errno.
struct ProcessSetup {
  const void* context = nullptr;
  int (*function)(const void* context) = nullptr;
};

class Process {
 public:
  /// An error when the program cannot be started (not found, say). Precondition: `argv` is not empty.
  static SystemResult<Process> start(std::span<const std::string> argv, ProcessSetup setup = {});
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  /// As stop() with one second of grace.
  ~Process();

  /// Readable once the program has ended.
  int fd() const { return pidfd_.get(); }
  int pid() const { return pid_; }
  const std::string& program() const { return program_; }
  /// How it ended; nothing while it runs.
  std::optional<ExitStatus> status();
  /// Waits for its end, at most `limit`.
  std::optional<ExitStatus> wait(Duration limit);
  ExitStatus wait();
  /// Passes a signal on, such as the SIGTERM that we were sent ourselves.
  void signal(int number);
  /// SIGTERM, and SIGKILL when it still runs after `grace`.
  ExitStatus stop(Duration grace);

 private:
  Process(int pid, Fd pidfd, std::string program)
      : pid_(pid), pidfd_(std::move(pidfd)), program_(std::move(program)) {}

  int pid_ = -1;
  Fd pidfd_;
  std::string program_;
  std::optional<ExitStatus> status_;
};

/// Waits until `fd` is readable; false when `limit` passed.
bool wait_readable(int fd, Duration limit);

}  // namespace strata
