// Timeouts of poll(2) and epoll_wait(2).
#pragma once

#include "strata/time.hpp"

namespace strata::posix {

/// Negative: for ever. Zero: at once.
constexpr Instant deadline_of(int timeout_ms, Instant now) {
  return timeout_ms < 0 ? Instant::never() : now + Duration::millis(timeout_ms);
}

}  // namespace strata::posix
