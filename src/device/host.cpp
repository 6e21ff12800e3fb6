#include "strata/host.hpp"

#include <sys/random.h>
#include <time.h>

#include <cerrno>

#include "base/check.hpp"

namespace strata {
namespace {

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  STRATA_CHECK(::clock_gettime(clock, &now) == 0);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Instant monotonic_now() { return Instant::from_nanos(read_clock(CLOCK_MONOTONIC)); }

Duration wall_clock_offset() {
  const std::int64_t monotonic = read_clock(CLOCK_MONOTONIC);
  return Duration::nanos(read_clock(CLOCK_REALTIME) - monotonic);
}

Entropy host_entropy() {
  Entropy entropy;
  // Up to 256 bytes come whole or not at all (getrandom(2)); a signal can only interrupt the wait after boot.
  ssize_t got = 0;
  do {
    got = ::getrandom(entropy.words.data(), sizeof(entropy.words), 0);
  } while (got < 0 && errno == EINTR);
  STRATA_CHECK(got == static_cast<ssize_t>(sizeof(entropy.words)));
  return entropy;
}

}  // namespace strata
