// Who looks at a simulated network: captures, plots, invariants, expectations. Watching changes nothing.
#pragma once

#include <cstddef>

#include "strata/bytes.hpp"
#include "strata/capture.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata::sim {

class Machine;

struct FrameSeen {
  const Machine& machine;
  std::size_t port = 0;
  FrameDirection direction = FrameDirection::in;
  Instant at;  ///< on the world's clock
  Bytes bytes;
};

class Watcher {
 public:
  Watcher() = default;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  virtual ~Watcher() = default;

  /// Before the stack sees it, or after the stack said it.
  virtual void on_frame(const FrameSeen&) {}
  /// `event.at` is the machine's own time; `at` the world's.
  virtual void on_trace(const Machine&, const TraceEvent&, Instant /*at*/) {}
  /// The machine's stack has done all that it could do now.
  virtual void after_turn(Machine&, Instant /*at*/) {}
  /// The machine has a new stack, or none.
  virtual void on_power(Machine&, bool /*on*/, Instant /*at*/) {}
};

}  // namespace strata::sim
