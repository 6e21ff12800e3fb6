// The calls of a script: at most one waits at a time, as in a program with one thread.
#include <algorithm>

#include "sim/drill/performance.hpp"

namespace strata::drill {

void Performance::make_call(const Event& event, const Call& call) {
  const Duration previous = last_;
  const Duration due_at = due(event.when);
  Duration latest = due_at + tolerance_at(due_at);
  if (pending_) {
    latest = latest + pending_->tolerance;
    // The program's one thread comes back from the last call before it makes the next.
    machine_->run_until(origin_ + std::max(due_at, now()));
    judge_pending();
    await_pending();
  }
  if (is_over()) return;
  std::optional<Duration> returns;
  Duration tolerance;
  if (event.when.returns) {
    returns = from_origin_of(event.when, *event.when.returns);
    tolerance = tolerance_at(*returns);
  }
  last_ = previous;
  go_to(event);
  if (is_over()) return;
  if (now() > latest && event.when.kind != When::Kind::any) {
    return fail(event, "called at " + time_text(now()) + ", not at " + time_text(due_at));
  }
  transcript_.event(machine_->now(), event.text);
  auto begun = calls_->begin(call, event.at, machine_->now());
  if (!begun) return judge(event, begun.error());
  pending_.emplace(Pending{.event = &event,
                           .call = &call,
                           .begun = std::move(*begun),
                           .returns = returns,
                           .tolerance = tolerance,
                           .result = {},
                           .completed = {}});
  ask_pending(machine_->now());
  machine_->settle();
  judge_pending();
}

void Performance::ask_pending(Instant at) {
  if (!pending_ || pending_->result) return;
  pending_->result = pending_->begun.operation.progress(at);
  if (pending_->result) pending_->completed = at - origin_;
}

/// Judges the call if it is complete, or should be.
void Performance::judge_pending() {
  if (!pending_) return;
  const Pending& call = *pending_;
  const Duration latest = call.returns.value_or(Duration{}) + call.tolerance;
  if (!call.result) {
    if (!call.returns) {
      fail(*call.event, "the call waits; write +0...0.1 for one that may");
      pending_.reset();
    } else if (now() > latest) {
      fail(*call.event, "the call still waits at " + time_text(now()));
      pending_.reset();
    }
    return;
  }
  const Event& event = *call.event;
  const std::string wrong = calls_->finish(*call.call, call.begun, *call.result);
  if (!wrong.empty()) fail(event, wrong);
  if (call.returns && (call.completed > latest || call.completed < *call.returns - call.tolerance)) {
    fail(event, "the call returned at " + time_text(call.completed) + ", not at " + time_text(*call.returns));
  }
  pending_.reset();
}

void Performance::await_pending() {
  if (!pending_ || is_over()) return;
  const Duration latest = pending_->returns.value_or(now()) + pending_->tolerance;
  machine_->run_until(origin_ + std::max(latest, now()));
  judge_pending();
  if (pending_ && !is_over()) fail(*pending_->event, "the call still waits at " + time_text(now()));
  pending_.reset();
}

}  // namespace strata::drill
