// The tool's main thread as seen from its second one, on which calls wait. When the main thread sleeps until
// such a call returns, nobody moves the clock but the call itself.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <thread>

namespace strata::packetdrill {

class MainThread {
 public:
  /// The thread that calls this.
  MainThread();

  bool is_this() const { return std::this_thread::get_id() == thread_; }
  void enter() { ++passages_; }
  void leave() { ++passages_; }
  /// True when the thread is outside of the plug-in and sleeps until another thread wakes it.
  bool is_waiting() const;

 private:
  std::thread::id thread_ = std::this_thread::get_id();
  pid_t id_;                            ///< the kernel's
  std::atomic<unsigned> passages_ = 0;  ///< odd: inside
};

}  // namespace strata::packetdrill
