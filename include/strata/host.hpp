// What a stack wants from the machine it runs on: a clock and random bits.
#pragma once

#include "strata/config.hpp"
#include "strata/time.hpp"

namespace strata {

/// CLOCK_MONOTONIC.
Instant monotonic_now();

/// What to add to a monotonic_now() to get the time since 1970 (captures carry wall-clock times).
Duration wall_clock_offset();

/// Random bits of the operating system. Blocks only while the machine has not yet gathered any after boot.
Entropy host_entropy();

}  // namespace strata
