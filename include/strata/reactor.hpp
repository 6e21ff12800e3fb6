// Drives stacks over real devices: sleeps until a frame, a deadline or a signal comes, then runs one turn of
// everything.
//
//   auto reactor = Reactor::create();
//   reactor->attach(stack, nic, device);
//   reactor->stop_on_signals();
//   auto ended = reactor->run();            // until stop(), a signal, or the end of a device
//
// One thread owns a reactor and all that is attached to it. What is attached or watched must outlive the
// reactor's use of it.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>

#include "strata/stack.hpp"
#include "strata/system_error.hpp"
#include "strata/time.hpp"

namespace strata {

// What a device may have beside what strata::Device asks for.
template <class D>
concept HasDescriptor = requires(const D& device) {
  { device.fd() } -> std::same_as<int>;
};
template <class D>
concept HasDeadline = requires(const D& device) {
  { device.next_deadline() } -> std::same_as<Instant>;
};
template <class D>
concept HasStatus = requires(const D& device) {
  { device.status() } -> std::same_as<SystemResult<void>>;
};

class Reactor {
 public:
  struct Callback {
    void* context = nullptr;
    void (*function)(void* context) = nullptr;
  };
  /// Names a timer that has not fired.
  struct TimerId {
    Instant at;
    std::uint64_t number = 0;
    friend constexpr auto operator<=>(const TimerId&, const TimerId&) = default;
  };

  static SystemResult<Reactor> create();
  Reactor(Reactor&&) noexcept;
  Reactor& operator=(Reactor&&) noexcept;
  ~Reactor();

  /// Polls `device` for `stack`. `source` is what lies at the bottom when `device` wraps other devices: its
  /// fd() tells of frames (without one, as in memory, the device is polled as long as there is progress), its
  /// status() of its end.
  template <Device D, class Source>
  SystemResult<void> attach(Stack& stack, NicId nic, D& device, Source& source) {
    Attached attached{.stack = &stack, .nic = nic, .device = &device, .source = &source};
    attached.poll = [](void* d, Stack& s, NicId n, Instant now) {
      return strata::poll(s, n, *static_cast<D*>(d), now);
    };
    if constexpr (HasDescriptor<Source>) attached.fd = source.fd();
    if constexpr (HasDeadline<D>) {
      attached.next_deadline = [](const void* d) { return static_cast<const D*>(d)->next_deadline(); };
    }
    if constexpr (HasStatus<Source>) {
      attached.status = [](const void* s) { return static_cast<const Source*>(s)->status(); };
    }
    return attach(attached);
  }
  template <Device D>
  SystemResult<void> attach(Stack& stack, NicId nic, D& device) {
    return attach(stack, nic, device, device);
  }

  /// Calls back in every turn in which `fd` is readable or at its end.
  SystemResult<void> watch(int fd, Callback callback);
  void unwatch(int fd);
  /// Calls back once, at `at` or a little later.
  TimerId add_timer(Instant at, Callback callback);
  void cancel_timer(TimerId id);

  /// From now on SIGINT and SIGTERM call stop() instead of ending the process; for as long as this object
  /// lives.
  SystemResult<void> stop_on_signals();
  /// The last of these signals that came, or 0.
  int stop_signal() const;

  /// The time of this turn; all of a turn happens at one instant.
  Instant now() const;
  /// Makes run() and run_until() return at the end of this turn.
  void stop();
  /// Runs until stop() or a signal; an error when a device has come to its end.
  SystemResult<void> run() {
    return run_until([] { return false; });
  }
  /// The same, also until `done()`, which is asked after every turn. It should not send: that would wait for
  /// the next turn.
  template <std::predicate F>
  SystemResult<void> run_until(F done) {
    begin();
    for (;;) {
      if (auto turned = turn(); !turned) return turned;
      if (is_stopped() || done()) return {};
      wait();
    }
  }

 private:
  struct Attached {
    Stack* stack = nullptr;
    NicId nic = NicId::none;
    void* device = nullptr;
    void* source = nullptr;
    int fd = -1;
    PollResult (*poll)(void* device, Stack& stack, NicId nic, Instant now) = nullptr;
    Instant (*next_deadline)(const void* device) = nullptr;
    SystemResult<void> (*status)(const void* source) = nullptr;
    bool waits_for_room = false;
  };
  struct State;

  explicit Reactor(std::unique_ptr<State> state);
  SystemResult<void> attach(const Attached& attached);
  void begin();
  /// Everything that is due, once; never sleeps.
  SystemResult<void> turn();
  /// Sleeps until there is something to do.
  void wait();
  bool is_stopped() const;

  std::unique_ptr<State> state_;
};

}  // namespace strata
