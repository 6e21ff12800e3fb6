#include "link/impairment.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "link/frame.hpp"
#include "wire/ethernet.hpp"

namespace strata {
namespace {

constexpr std::uint64_t kNanosPerSecond = 1'000'000'000;

/// A length of time from 1 ns to `longest`. Precondition: longest > 0.
Duration up_to(Xoshiro& rng, Duration longest) {
  const std::uint64_t bits = rng.next_u64();
  return Duration::nanos(1 +
                         static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(longest.count_nanos())));
}

}  // namespace

Impairment::Impairment(const ImpairmentConfig& config, std::uint64_t seed)
    : config_(config),
      rng_(seed),
      splitter_({.has_ethernet_header = config.has_ethernet_header, .leave_partial = false}) {
  STRATA_CHECK(config.reorder_ppm == 0 || config.reorder_delay > Duration());
  under_way_.reserve(config.frames_max);
}

void Impairment::set_config(const ImpairmentConfig& config) {
  STRATA_CHECK(config.reorder_ppm == 0 || config.reorder_delay > Duration());
  STRATA_CHECK(config.has_ethernet_header == config_.has_ethernet_header);
  config_ = config;
}

bool Impairment::later(const UnderWay& a, const UnderWay& b) {
  return a.at != b.at ? a.at > b.at : a.order > b.order;
}

void Impairment::push(Packet frame, Instant now) {
  if (!splitter_.start(frame)) {
    counters_.add(Counter::no_block);
    return;
  }
  while (!splitter_.done()) {
    Packet next = splitter_.next();
    if (!next) {
      counters_.add(Counter::no_packet);
      splitter_.drop();
      return;
    }
    send(std::move(next), now);
  }
}

Packet Impairment::pop(Instant now) {
  if (under_way_.empty() || under_way_.front().at > now) return {};
  std::pop_heap(under_way_.begin(), under_way_.end(), later);
  Packet frame = std::move(under_way_.back().frame);
  under_way_.pop_back();
  return frame;
}

/// One frame of the wire.
void Impairment::send(Packet frame, Instant now) {
  if (!has_room(now)) {
    counters_.add(Counter::link_queue_full);
    return;
  }
  const bool chosen = is_chosen(now);
  Instant at = arrival(departure(frame.size(), now));
  if (is_lost() || (chosen && !mark(frame))) {
    counters_.add(Counter::link_lost);
    return;
  }
  frame.meta().csum = ChecksumState::unverified;  // a wire vouches for nothing
  if (chance(rng_, config_.duplicate_ppm)) {
    if (Packet copy = share(frame)) {
      counters_.add(Counter::link_duplicated);
      deliver(std::move(copy), at);
    }
  }
  if (chance(rng_, config_.corrupt_ppm)) corrupt(frame);
  if (chance(rng_, config_.reorder_ppm)) {
    counters_.add(Counter::link_reordered);
    at = at + up_to(rng_, config_.reorder_delay);
  }
  deliver(std::move(frame), at);
}

bool Impairment::has_room(Instant now) const {
  if (under_way_.size() >= config_.frames_max) return false;
  if (config_.rate_bits_per_second == 0 || config_.queue_bytes_max == 0 || busy_until_ <= now) return true;
  return queued_bytes(now) <= config_.queue_bytes_max;
}

/// What waits for the rate. Precondition: there is one.
std::uint64_t Impairment::queued_bytes(Instant now) const {
  if (busy_until_ <= now) return 0;
  const auto wait_micros = static_cast<std::uint64_t>((busy_until_ - now).count_micros());
  return wait_micros * (config_.rate_bits_per_second / 8) / 1'000'000;
}

bool Impairment::is_chosen(Instant now) {
  const Marking& marking = config_.mark;
  const bool by_queue = marking.queue_bytes_min > 0 && config_.rate_bits_per_second > 0 &&
                        queued_bytes(now) >= marking.queue_bytes_min;
  return by_queue || (marking.ppm > 0 && chance(rng_, marking.ppm));
}

/// False: its sender does not understand marks, or memory ran out. Frames without IP pass as they are.
bool Impairment::mark(Packet& frame) {
  const std::size_t first = first_ip_byte(frame);
  if (first >= frame.size()) return true;
  if (!mark_congestion(*frame.raw(), first)) return false;
  counters_.add(Counter::link_marked);
  return true;
}

/// When the last bit of `size` bytes has left the sender.
Instant Impairment::departure(std::size_t size, Instant now) {
  if (config_.rate_bits_per_second == 0) return now;
  const std::uint64_t bits = std::uint64_t{size} * 8;
  const std::uint64_t nanos =
      (bits * kNanosPerSecond + config_.rate_bits_per_second - 1) / config_.rate_bits_per_second;
  busy_until_ = std::max(busy_until_, now) + Duration::nanos(static_cast<std::int64_t>(nanos));
  return busy_until_;
}

Instant Impairment::arrival(Instant departed) {
  Instant at = departed + config_.delay;
  if (config_.jitter > Duration()) at = at + up_to(rng_, config_.jitter);
  last_arrival_ = std::max(last_arrival_, at);
  return last_arrival_;
}

bool Impairment::is_lost() {
  if (config_.burst.enter_ppm > 0) {
    if (chance(rng_, in_burst_ ? config_.burst.leave_ppm : config_.burst.enter_ppm)) in_burst_ = !in_burst_;
    if (in_burst_ && chance(rng_, config_.burst.loss_ppm)) return true;
  }
  return chance(rng_, config_.loss_ppm);
}

void Impairment::corrupt(Packet& frame) {
  const std::size_t first = first_ip_byte(frame);
  if (first >= frame.size()) return;
  const auto bits = static_cast<std::uint32_t>(8 * (frame.size() - first));
  if (flip_bit(*frame.raw(), 8 * first + below(rng_, bits))) counters_.add(Counter::link_corrupted);
}

/// The frame's size when there is no IP packet in it. Damage to ARP would go unnoticed: it has no checksum,
/// because on a real wire Ethernet's own would have caught it.
std::size_t Impairment::first_ip_byte(const Packet& frame) const {
  if (!config_.has_ethernet_header) return 0;
  const auto ethernet = EthernetView::parse(frame.head());
  const bool is_ip = ethernet && (ethernet->type() == kEtherTypeIpv4 || ethernet->type() == kEtherTypeIpv6);
  return is_ip ? EthernetView::kSize : frame.size();
}

void Impairment::deliver(Packet frame, Instant at) {
  if (under_way_.size() >= config_.frames_max) {
    counters_.add(Counter::link_queue_full);
    return;
  }
  under_way_.push_back({.at = at, .order = pushed_++, .frame = std::move(frame)});
  std::push_heap(under_way_.begin(), under_way_.end(), later);
}

}  // namespace strata
