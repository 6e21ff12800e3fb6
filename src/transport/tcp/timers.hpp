// A connection's timers are data: one deadline each. The owner files one wheel node at the earliest (STYLE
// R12).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata::tcp {

using Timer = TcpTimer;

class TimerTable {
 public:
  TimerTable() { deadlines_.fill(Instant::never()); }

  void arm(Timer timer, Instant when) { at(timer) = when; }
  void stop(Timer timer) { at(timer) = Instant::never(); }
  void stop_all() { deadlines_.fill(Instant::never()); }
  bool is_armed(Timer timer) const { return !deadline(timer).is_never(); }
  bool is_due(Timer timer, Instant now) const { return deadline(timer) <= now; }
  Instant deadline(Timer timer) const { return deadlines_[static_cast<std::size_t>(timer)]; }
  Instant next() const { return *std::min_element(deadlines_.begin(), deadlines_.end()); }

 private:
  Instant& at(Timer timer) { return deadlines_[static_cast<std::size_t>(timer)]; }
  /// TIME-WAIT, the last, is not a connection's: its records have a table.
  std::array<Instant, static_cast<std::size_t>(Timer::time_wait)> deadlines_;
};

}  // namespace strata::tcp
