#include "sim/pipe.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "buf/packet_buf.hpp"
#include "wire/ethernet.hpp"

namespace strata::sim {
namespace {

std::optional<LinkQueue> make_queue(const PipeConfig& config, std::uint64_t seed) {
  if (config.queue.rate_bits_per_second == 0) return std::nullopt;
  LinkQueueConfig queue = config.queue;
  queue.has_ethernet_header = config.faults.has_ethernet_header;
  return LinkQueue(queue, seed);
}

}  // namespace

Pipe::Pipe(const PipeConfig& config, std::uint64_t seed) : Pipe(config, Xoshiro(seed)) {}

Pipe::Pipe(const PipeConfig& config, Xoshiro seeds)
    : config_(config),
      rng_(seeds.next_u64()),
      queue_(make_queue(config, seeds.next_u64())),
      impairment_(config.faults, seeds.next_u64()),
      seen_(config.losses.size()) {
  STRATA_CHECK(config.faults.rate_bits_per_second == 0);
}

void Pipe::push(Packet frame, Instant now) {
  pump(now);
  ++counts_.offered;
  if (!up_) {
    ++counts_.while_down;
    return;
  }
  const std::size_t link_header = config_.faults.has_ethernet_header ? EthernetView::kSize : 0;
  if (config_.mtu > 0 && frame.size() > config_.mtu + link_header) {
    ++counts_.too_big;
    return;
  }
  if (queue_) {
    queue_->push(std::move(frame), now);
  } else {
    leave(std::move(frame), now);
  }
}

Packet Pipe::pop(Instant now) {
  pump(now);
  return impairment_.pop(now);
}

Instant Pipe::next_deadline() const {
  const Instant arrival = impairment_.next_deadline();
  return queue_ ? std::min(arrival, queue_->next_departure()) : arrival;
}

void Pipe::set_faults(const ImpairmentConfig& faults) {
  STRATA_CHECK(faults.rate_bits_per_second == 0);
  config_.faults = faults;
  impairment_.set_config(faults);
}

/// What has left the queue by `now` sets off at the moment when it did.
void Pipe::pump(Instant now) {
  if (!queue_) return;
  while (true) {
    LinkQueue::Departure departed = queue_->pop(now);
    if (!departed.frame) return;
    leave(std::move(departed.frame), departed.at);
  }
}

void Pipe::leave(Packet frame, Instant at) {
  if ((!seen_.empty() || predicate_) && is_planned(frame, at)) {
    ++counts_.planned;
    return;
  }
  if (config_.truncate_ppm > 0 && chance(rng_, config_.truncate_ppm)) truncate(frame);
  impairment_.push(std::move(frame), at);
}

/// Each plan counts for itself, also what another one has lost.
bool Pipe::is_planned(const Packet& frame, Instant at) {
  flat_.resize(frame.size());
  frame.copy_to(flat_);
  bool lost = predicate_ && predicate_(flat_, at);
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    const PlannedLoss& loss = config_.losses[i];
    if (!is_of_kind(flat_, loss.kind)) continue;
    const std::uint64_t number = ++seen_[i];
    lost = lost || (number >= loss.first && number <= loss.last);
  }
  return lost;
}

/// The link header stays: a wire that cuts more has lost the frame.
void Pipe::truncate(Packet& frame) {
  const std::size_t least = config_.faults.has_ethernet_header ? EthernetView::kSize : 1;
  if (frame.size() <= least) return;
  const auto cut = below(rng_, static_cast<std::uint32_t>(frame.size() - least));
  frame.raw()->trim_to(least + cut);
  ++counts_.truncated;
}

}  // namespace strata::sim
