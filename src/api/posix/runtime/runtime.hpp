// Sockets on a real clock: a Stack, its device and its Host behind one lock, for calls from any thread. The
// only locks of the project are here.
//
// One thread at a time drives: it waits for frames and deadlines and lets the stack work. That is the
// runtime's own thread, or else one of the threads that wait in a call, which hands over when its call is
// complete. A call that need not wait is made by its own thread, which also sends what the call has caused.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "api/posix/host.hpp"
#include "base/intrusive_list.hpp"
#include "control/server.hpp"
#include "device/fd.hpp"
#include "strata/net_device.hpp"
#include "strata/stack.hpp"
#include "strata/system_error.hpp"

namespace strata::posix {

struct RuntimeOptions {
  Config config;
  std::optional<TapOptions> tap;  ///< nothing: loopback only
  Prefix address;                 ///< of our end of the TAP device
  std::optional<IpAddress> gateway;
  bool own_thread = false;
  bool control = true;  ///< other processes of the user may ask and tell (control/server.hpp)
};

class Runtime {
 public:
  static SystemResult<std::unique_ptr<Runtime>> open(const RuntimeOptions& options);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  /// No other thread may be in a call.
  ~Runtime();

  /// A call that never waits: `call(host)`.
  template <class Call>
  auto run(Call call) {
    const std::lock_guard lock(mutex_);
    begin_call();
    const auto result = call(host_);
    end_call();
    return result;
  }
  /// A call that may: `begin(host, now)` gives its Operation. Waits until that is complete.
  template <class Begin>
  long wait(Begin begin) {
    return wait(begin, false);
  }
  /// The same for poll(2) and its kind: they look at the device first, so that a program for which something
  /// is always ready does not shut its ears to the network.
  template <class Begin>
  long wait_ready(Begin begin) {
    return wait(begin, true);
  }

 private:
  /// A thread in a call that may have to wait.
  struct Waiter {
    Operation operation;
    std::optional<long> result{};
    std::condition_variable wake{};
    ListHook<Waiter> hook{};
  };
  using Waiters = IntrusiveList<Waiter, &Waiter::hook>;

  template <class Begin>
  long wait(Begin begin, bool look_at_device) {
    std::unique_lock lock(mutex_);
    begin_call();
    if (look_at_device && !driven_) {
      receive();
      settle();
    }
    Waiter waiter{.operation = begin(host_, now_)};
    waiters_.push_back(waiter);
    end_call();  // what the call itself has caused may complete it
    return finish(lock, waiter);
  }

  explicit Runtime(const RuntimeOptions& options);
  SystemResult<void> attach(const RuntimeOptions& options);

  void begin_call();
  void end_call();
  long finish(std::unique_lock<std::mutex>& lock, Waiter& waiter);
  /// Works, then sleeps without the lock until there is more to do, or `own` is complete. Precondition: this
  /// thread drives.
  void drive(std::unique_lock<std::mutex>& lock, const Waiter* own);
  void hand_over();
  void receive();
  /// Lets the stack and all who wait go as far as they can, then sends.
  void settle();
  void answer_waiters();
  /// Whether anything left.
  bool send();
  Instant next_deadline() const;
  void wake_driver();
  void run_own_thread();

  std::mutex mutex_;
  Stack stack_;
  std::optional<NetDevice> device_;  // after the stack: it keeps blocks of it
  NicId nic_ = NicId::none;
  Host host_;
  Instant now_;
  bool waits_for_room_ = false;  ///< the device was full
  bool device_is_gone_ = false;
  bool driven_;  ///< somebody drives
  bool stopping_ = false;
  Instant sleeps_until_;  ///< of the driver; zero while it works
  Waiters waiters_;
  const bool own_thread_;
  Fd wake_up_;  ///< an eventfd that ends the driver's sleep
  std::optional<control::Server> control_;
  std::thread thread_;
};

}  // namespace strata::posix
