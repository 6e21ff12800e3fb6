#include "sim/path.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace strata::sim {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

/// How long `bytes` take at a rate. Precondition: rate > 0.
Duration time_of(std::uint64_t bytes, std::uint64_t rate_bits_per_second) {
  const std::uint64_t bits = bytes * 8;
  const std::uint64_t whole = bits / rate_bits_per_second * kNanosPerSecond;
  const std::uint64_t rest = bits % rate_bits_per_second * kNanosPerSecond;
  return Duration::nanos(
      static_cast<std::int64_t>(whole + (rest + rate_bits_per_second - 1) / rate_bits_per_second));
}

/// From `least` to `most`.
Duration between(Xoshiro& rng, Duration least, Duration most) {
  const std::uint64_t bits = rng.next_u64() >> 1;
  return least + Duration::nanos(static_cast<std::int64_t>(bits) % ((most - least).count_nanos() + 1));
}

}  // namespace

Path::Path(const PathConfig& config, std::uint64_t seed) : config_(config), rng_(seed) {
  if (config.rate_bits_per_second > 0)
    queue_max_ = time_of(config.queue_bytes_max, config.rate_bits_per_second);
  if (config.hold.every > Duration()) plan_hold(Instant());
}

void Path::push(const WireSegment& segment, Instant now) {
  Instant departed = now;
  if (config_.rate_bits_per_second > 0) {
    const Duration transmission = time_of(segment.wire_size(), config_.rate_bits_per_second);
    if (!has_room(now, transmission)) {
      ++queue_drops_;
      return;
    }
    departed = busy_until_ = std::max(busy_until_, now) + transmission;
  }
  if (is_lost(now)) {
    ++losses_;
    return;
  }
  const Instant at = held(departed + config_.delay);
  UnderWay one{.at = at, .order = pushed_++, .segment = segment};
  if (config_.reorder_ppm > 0 && chance(rng_, config_.reorder_ppm)) {
    one.at = at + config_.reorder_delay;
    overtaken_.push(one);
  } else {
    in_order_.push_back(one);
  }
}

Instant Path::next_arrival() const {
  const Instant ordered = in_order_.empty() ? Instant::never() : in_order_.front().at;
  return overtaken_.empty() ? ordered : std::min(ordered, overtaken_.top().at);
}

WireSegment Path::pop() {
  STRATA_CHECK(!in_order_.empty() || !overtaken_.empty());
  const bool late = in_order_.empty() || (!overtaken_.empty() && in_order_.front() > overtaken_.top());
  const WireSegment segment = late ? overtaken_.top().segment : in_order_.front().segment;
  late ? overtaken_.pop() : in_order_.pop_front();
  return segment;
}

bool Path::has_room(Instant now, Duration transmission) const {
  const Duration wait = busy_until_ - now;
  return wait <= transmission || wait <= queue_max_;
}

bool Path::is_lost(Instant now) {
  // Counted in segments alone, a burst would wait for a sender that backs off.
  if (now - last_push_ > config_.burst_silence) in_burst_ = false;
  last_push_ = now;
  if (config_.burst.enter_ppm > 0) {
    if (chance(rng_, in_burst_ ? config_.burst.leave_ppm : config_.burst.enter_ppm)) in_burst_ = !in_burst_;
    if (in_burst_ && chance(rng_, config_.burst.loss_ppm)) return true;
  }
  return config_.loss_ppm > 0 && chance(rng_, config_.loss_ppm);
}

/// Precondition: `at` does not go back from call to call.
Instant Path::held(Instant at) {
  while (hold_end_ <= at && !hold_begin_.is_never()) plan_hold(hold_end_);
  return at < hold_begin_ ? at : hold_end_;
}

void Path::plan_hold(Instant after) {
  const HoldConfig& hold = config_.hold;
  hold_begin_ = after + between(rng_, hold.every / 2, hold.every / 2 * 3);
  hold_end_ = hold_begin_ + between(rng_, hold.least, hold.most);
}

}  // namespace strata::sim
