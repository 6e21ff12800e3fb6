// A call that may block, as a value: begun, then progressed until it is complete. The same object serves a
// thread that sleeps in between, a simulator that moves its clock, and an event loop that asks again after
// every turn.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "strata/time.hpp"

namespace strata::posix {

/// What a call that could not finish at once still has to do.
class Wait {
 public:
  virtual ~Wait() = default;

  /// The result once there is one. Not called again after that.
  virtual std::optional<long> attempt(Instant now) = 0;
  /// What the call returns when it may not wait any longer: what it has moved so far, else its own error.
  virtual long give_up() = 0;

  Instant deadline() const { return deadline_; }

 protected:
  explicit Wait(Instant deadline) : deadline_(deadline) {}
  Wait(Wait&&) = default;
  Wait& operator=(Wait&&) = delete;

 private:
  Instant deadline_;
};

class Operation {
 public:
  /// Complete from the beginning: a result, or -errno.
  explicit Operation(long result) : result_(result) {}
  /// Tries `call`, a Wait by value, at once. Only a call that has to wait is kept.
  template <class Call>
  static Operation begin(Call call, bool may_wait, Instant now) {
    if (const std::optional<long> result = call.attempt(now)) return Operation(*result);
    if (!may_wait || call.deadline() <= now) return Operation(call.give_up());
    return Operation(std::make_unique<Call>(std::move(call)));
  }

  /// The result, or -errno, once the call is complete; from then on the same at every call. Whoever drives
  /// the stack asks after its work at `now` (input, advance, dispatch) and before the frames are pulled. An
  /// Operation that is destroyed before is given up; what it has done so far stays done.
  std::optional<long> progress(Instant now);
  /// When progress() is worth asking though nothing happened in the stack; never() without a time limit.
  Instant deadline() const { return wait_ ? wait_->deadline() : Instant::never(); }

 private:
  explicit Operation(std::unique_ptr<Wait> wait) : wait_(std::move(wait)) {}

  std::optional<long> result_;
  std::unique_ptr<Wait> wait_;
};

}  // namespace strata::posix
