// The tool's main thread as seen from its second one, on which calls wait. When the main thread sleeps until
// such a call returns, nobody moves the clock but the call itself.
#pragma once

#include <sys/types.h>

#include <atomic>

namespace strata::packetdrill {

class MainThread {
 public:
  /// The thread that calls this.
  MainThread();

  bool is_this() const;
  void enter() { ++passages_; }
  void leave() { ++passages_; }
  /// True when the thread is outside of the plug-in and sleeps until another thread wakes it.
  bool is_waiting() const;

 private:
  pid_t id_;
  std::atomic<unsigned> passages_ = 0;  ///< odd: inside
};

}  // namespace strata::packetdrill
