// Time as the stack sees it: a count of nanoseconds that the caller supplies. The core never reads a clock.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace strata {

/// A length of time in nanoseconds; may be negative as a difference.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration nanos(std::int64_t n) { return Duration(n); }
  static constexpr Duration micros(std::int64_t n) { return Duration(n * 1'000); }
  static constexpr Duration millis(std::int64_t n) { return Duration(n * 1'000'000); }
  static constexpr Duration seconds(std::int64_t n) { return Duration(n * 1'000'000'000); }

  constexpr std::int64_t count_nanos() const { return nanos_; }
  constexpr std::int64_t count_micros() const { return nanos_ / 1'000; }
  constexpr std::int64_t count_millis() const { return nanos_ / 1'000'000; }
  constexpr std::int64_t count_seconds() const { return nanos_ / 1'000'000'000; }

  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.nanos_ + b.nanos_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.nanos_ - b.nanos_); }
  friend constexpr Duration operator*(Duration a, std::int64_t k) { return Duration(a.nanos_ * k); }
  friend constexpr Duration operator/(Duration a, std::int64_t k) { return Duration(a.nanos_ / k); }
  friend constexpr auto operator<=>(Duration, Duration) = default;

 private:
  explicit constexpr Duration(std::int64_t n) : nanos_(n) {}
  std::int64_t nanos_ = 0;
};

/// A point on the caller's monotonic clock, in nanoseconds since an origin of the caller's choice.
class Instant {
 public:
  constexpr Instant() = default;
  static constexpr Instant from_nanos(std::int64_t n) { return Instant(n); }
  /// Later than every instant that occurs: "no deadline".
  static constexpr Instant never() { return Instant(std::numeric_limits<std::int64_t>::max()); }

  constexpr std::int64_t count_nanos() const { return nanos_; }
  constexpr bool is_never() const { return *this == never(); }

  /// Saturates at `never()`, so that a far deadline cannot wrap into the past.
  friend constexpr Instant operator+(Instant t, Duration d) {
    if (t.is_never() || (d.count_nanos() > 0 && t.nanos_ > never().nanos_ - d.count_nanos())) return never();
    return Instant(t.nanos_ + d.count_nanos());
  }
  friend constexpr Instant operator-(Instant t, Duration d) { return Instant(t.nanos_ - d.count_nanos()); }
  friend constexpr Duration operator-(Instant a, Instant b) { return Duration::nanos(a.nanos_ - b.nanos_); }
  friend constexpr auto operator<=>(Instant, Instant) = default;

 private:
  explicit constexpr Instant(std::int64_t n) : nanos_(n) {}
  std::int64_t nanos_ = 0;
};

}  // namespace strata
