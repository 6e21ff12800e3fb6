// Where the time of a sender goes: nothing to do, busy, stopped by the peer's window, or stopped because the
// send buffer is smaller than what the network would take. At any moment one of them counts, the last that
// applies (Linux's tcpi_busy_time, tcpi_rwnd_limited and tcpi_sndbuf_limited). Never reads a clock.
#pragma once

#include <array>
#include <cstdint>

#include "strata/time.hpp"

namespace strata::tcp {

class SendClock {
 public:
  enum class What : std::uint8_t { idle, busy, window, buffer };

  /// Counts from now on, unless something weightier does.
  void start(What what, Instant now) {
    if (what > what_) change(what, now);
  }
  /// Back to busy if it was this.
  void stop(What what, Instant now) {
    if (what == what_) change(What::busy, now);
  }
  /// Everything is acknowledged.
  void rest(Instant now) { change(What::idle, now); }

  Duration total(What what, Instant now) const {
    const Duration closed = what == What::idle ? Duration{} : totals_[index(what)];
    return what == what_ ? closed + (now - since_) : closed;
  }

 private:
  static constexpr std::size_t index(What what) { return static_cast<std::size_t>(what) - 1; }
  void change(What what, Instant now) {
    if (what_ != What::idle) totals_[index(what_)] = total(what_, now);
    what_ = what;
    since_ = now;
  }

  std::array<Duration, 3> totals_;  ///< of all but idle
  Instant since_;
  What what_ = What::idle;
};

}  // namespace strata::tcp
