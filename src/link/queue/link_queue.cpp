#include "link/queue/link_queue.hpp"

#include <utility>

#include "link/queue/mark.hpp"

namespace strata {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;
/// What RED takes for one frame when it counts idle time.
constexpr std::size_t kTypicalFrame = 1000;

CodelConfig of_link(CodelConfig codel, const LinkQueueConfig& config) {
  codel.has_ethernet_header = config.has_ethernet_header;
  return codel;
}

}  // namespace

LinkQueue::LinkQueue(const LinkQueueConfig& config, std::uint64_t seed)
    : config_(config),
      rng_(seed),
      codel_(of_link(config.codel, config)),
      red_(config.red),
      fair_(of_link(config.codel, config), is_fair() ? config.flows : 0) {}

void LinkQueue::push(Packet frame, Instant now) {
  if (!admits(frame, now)) {
    ++counts_.dropped;
    return;
  }
  if (is_fair()) {
    fair_.push(std::move(frame), now);
    while (is_full(0)) fair_.drop_from_longest(counts_);
  } else {
    held_.push(std::move(frame), now);
  }
  if (!sending_) start(now);
}

LinkQueue::Departure LinkQueue::pop(Instant now) {
  if (!sending_ || done_at_ > now) return {};
  Departure out{std::move(sending_), done_at_};
  start(done_at_);
  return out;
}

/// With `more` bytes on top. One frame may always wait.
bool LinkQueue::is_full(std::size_t more) const {
  const std::size_t frames = size() + (more > 0 ? 1 : 0);
  if (frames > config_.frames_max) return true;
  return config_.bytes_max > 0 && frames > 1 && bytes() + more > config_.bytes_max;
}

bool LinkQueue::admits(Packet& frame, Instant now) {
  if (is_fair()) return true;
  if (is_full(frame.size())) return false;
  if (config_.discipline != Discipline::red) return true;
  const bool idle = !sending_ && now > done_at_;
  const auto idle_time = static_cast<std::uint64_t>(idle ? (now - done_at_).count_nanos() : 0);
  const auto per_frame = static_cast<std::uint64_t>(time_of(kTypicalFrame).count_nanos());
  switch (red_.on_arrival(bytes(), idle_time / per_frame, rng_)) {
    case Red::Verdict::pass: return true;
    case Red::Verdict::full: return false;
    case Red::Verdict::chosen: break;
  }
  if (!config_.red_ecn || !mark_congestion_experienced(frame, config_.has_ethernet_header)) return false;
  ++counts_.marked;
  return true;
}

Packet LinkQueue::next(Instant now) {
  switch (config_.discipline) {
    case Discipline::tail_drop:
    case Discipline::red: return held_.pop().frame;
    case Discipline::codel: return codel_.pop(held_, now, counts_);
    case Discipline::fq_codel: return fair_.pop(now, counts_);
  }
  return {};
}

void LinkQueue::start(Instant now) {
  sending_ = next(now);
  if (sending_) done_at_ = now + time_of(sending_.size());
}

Duration LinkQueue::time_of(std::size_t bytes) const {
  const std::uint64_t rate = config_.rate_bits_per_second;
  return Duration::nanos(static_cast<std::int64_t>((bytes * 8 * kNanosPerSecond + rate - 1) / rate));
}

}  // namespace strata
