#include "sim/packetdrill/main_thread.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace strata::packetdrill {

MainThread::MainThread() : id_(gettid()) {}

bool MainThread::is_waiting() const {
  const unsigned before = passages_;
  if (before % 2 != 0) return false;
  // The number of the call that the thread sleeps in. Not its state: a command of the script makes it sleep
  // too.
  std::ifstream file("/proc/self/task/" + std::to_string(id_) + "/syscall");
  long call = -1;
  const bool sleeps = static_cast<bool>(file >> call) && call == SYS_futex;
  return sleeps && passages_ == before;
}

}  // namespace strata::packetdrill
