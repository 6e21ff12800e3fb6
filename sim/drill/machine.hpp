// The machine that a script drives: one stack on a link without Ethernet headers, its sockets, and a clock
// that stands still until somebody moves it. What the stack sends comes out as segments with their times.
// Never judges.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "api/posix/host.hpp"
#include "link/offload.hpp"
#include "sim/drill/expectation.hpp"
#include "sim/drill/flow.hpp"
#include "strata/capture.hpp"
#include "strata/stack.hpp"

namespace strata::drill {

struct MachineConfig {
  Config stack;
  LinkCapabilities link;
  Ends ends;
  std::uint64_t seed = 1;
};

class Machine {
 public:
  /// Where the clock stands at first: anywhere but at zero, so that a time before the beginning is a time.
  static constexpr Instant kOrigin = Instant::from_nanos(1'000'000'000'000);

  /// Who watches. Any may be empty.
  struct Observers {
    std::function<void(const TraceEvent&)> trace;
    std::function<void(const Sent&)> sent;
    CaptureSink capture;
  };

  Machine(const MachineConfig& config, Observers observers);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  Instant now() const { return now_; }
  posix::Host& host() { return host_; }
  Stack& stack() { return stack_; }
  Flows& flows() { return flows_; }

  /// Called after the stack's work of every moment, before its frames are pulled: a call that waits may go
  /// on.
  void set_waiter(std::function<void(Instant now)> waiter) { waiter_ = std::move(waiter); }
  /// When the call that waits wants to be asked at the latest.
  void set_waiter_deadline(std::function<Instant()> deadline) { waiter_deadline_ = std::move(deadline); }

  /// The host has this address as well; false when it had it before, or cannot have it.
  bool add_address(const IpAddress& address);

  void inject(Bytes frame);
  /// All that follows from what happened now: timers that are due, calls, frames.
  void settle();
  /// Time passes up to `until`, and what is due happens at its moment.
  void run_until(Instant until);
  /// Time passes to the next moment when something is due; false when that is not until `limit`.
  bool step(Instant limit);
  /// Time passes until the stack sends something, at most until `limit`; false when it did not.
  bool run_until_sent(std::size_t count, Instant limit);

  /// Sent and not yet taken, oldest first.
  std::deque<Sent>& sent() { return sent_; }
  /// What came out and was no TCP segment, or was a broken one: the first such, if any.
  const std::optional<std::string>& foreign_output() const { return foreign_output_; }

 private:
  static void on_trace(void* context, const TraceEvent& event);
  void pull();
  void take_frame(const Packet& frame);
  Instant next_deadline() const;

  Observers observers_;
  Stack stack_;
  NicId nic_ = NicId::none;
  posix::Host host_;
  Flows flows_;
  Splitter splitter_;
  Instant now_;
  std::deque<Sent> sent_;
  std::optional<std::string> foreign_output_;
  std::function<void(Instant)> waiter_;
  std::function<Instant()> waiter_deadline_;
};

}  // namespace strata::drill
