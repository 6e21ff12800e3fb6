#include "sim/wire.hpp"

#include <algorithm>
#include <utility>

#include "base/rng.hpp"

namespace strata::sim {
namespace {

/// TCP payload of a super-segment: what an IP packet holds beside the longest headers.
constexpr std::size_t kGsoMax = 65535 - 120;

/// Directions fail independently of each other.
std::array<Impairment, 2> make_directions(const WireConfig& config, std::uint64_t seed) {
  Xoshiro seeds(seed);
  const std::uint64_t to_a = seeds.next_u64();
  const std::uint64_t to_b = seeds.next_u64();
  return {Impairment(config.b_to_a, to_a), Impairment(config.a_to_b, to_b)};
}

}  // namespace

LinkCapabilities capabilities(const WireConfig& config) {
  return {.mtu = config.mtu, .gso_max = kGsoMax, .checksum_offload_tx = true, .has_ethernet_header = true};
}

Wire::Wire(const WireConfig& config, std::uint64_t seed)
    : link_(capabilities(config)), towards_(make_directions(config, seed)) {}

Packet Wire::End::receive(Stack& stack, Instant now) {
  while (const Packet frame = wire_->towards_[index(side_)].pop(now)) {
    wire_->arrived_.resize(frame.size());
    frame.copy_to(wire_->arrived_);
    if (!passes(stack, now)) continue;
    if (wire_->on_arrival_) wire_->on_arrival_(side_, wire_->arrived_, now);
    Packet copy = stack.make_packet(wire_->arrived_);
    if (!copy) continue;
    copy.meta().arrival = now;
    return copy;
  }
  return {};
}

/// What the narrow link drops is answered from here, in memory of this side's stack.
bool Wire::End::passes(Stack& stack, Instant now) {
  const NarrowLink& link = wire_->narrow_[index(side_)];
  if (link.lets_through(wire_->arrived_)) return true;
  Packet answer = stack.make_packet(link.answer_to(wire_->arrived_));
  if (answer && answer.size() > 0) wire_->towards_[index(other(side_))].push(std::move(answer), now);
  return false;
}

bool Wire::End::transmit(Packet& frame, Instant now) {
  Packet taken = std::move(frame);
  if (!wire_->is_cut(side_) && !wire_->is_cut(other(side_)))
    wire_->towards_[index(other(side_))].push(std::move(taken), now);
  return true;
}

void Wire::cut(Side side) {
  is_cut_[index(side)] = true;
  while (towards_[index(side)].pop(Instant::never())) {
  }
}

Instant Wire::next_deadline() const {
  return std::min(towards_[0].next_deadline(), towards_[1].next_deadline());
}

}  // namespace strata::sim
