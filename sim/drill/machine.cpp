#include "sim/drill/machine.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace strata::drill {
namespace {

/// Turns at one moment after which the stack is surely answering itself for ever.
constexpr int kTurnsMax = 100'000;
/// Every other host is behind the default route.
Prefix alone(const IpAddress& address) {
  return {address, static_cast<std::uint8_t>(address.is_v4() ? 32 : 128)};
}

}  // namespace

Machine::Machine(const MachineConfig& config, Observers observers)
    : observers_(std::move(observers)),
      stack_(config.stack, Entropy::from_seed(config.seed)),
      host_(stack_),
      flows_(config.ends),
      splitter_({.has_ethernet_header = false}),
      now_(kOrigin) {
  const std::array addresses{alone(config.ends.local)};
  LinkCapabilities link = config.link;
  link.has_ethernet_header = false;
  const auto nic = stack_.add_interface({.mac = {}, .link = link, .addresses = addresses});
  STRATA_CHECK(nic.has_value());
  nic_ = *nic;
  const auto route = stack_.add_route({.destination = {IpAddress::any(config.ends.local.family()), 0},
                                       .gateway = IpAddress::any(config.ends.local.family()),
                                       .nic = nic_});
  STRATA_CHECK(route.has_value());
  stack_.set_trace({.context = this, .function = &Machine::on_trace});
  settle();
}

Machine::~Machine() { stack_.set_trace({}); }

void Machine::on_trace(void* context, const TraceEvent& event) {
  const Machine& machine = *static_cast<const Machine*>(context);
  if (machine.observers_.trace) machine.observers_.trace(event);
}

bool Machine::add_address(const IpAddress& address) {
  const std::array addresses{alone(address)};
  return stack_.add_interface({.mac = {}, .link = stack_.link(nic_), .addresses = addresses}).has_value();
}

void Machine::inject(Bytes frame) {
  Packet packet = stack_.make_packet(frame);
  STRATA_CHECK(static_cast<bool>(packet));
  const CaptureSink& capture = observers_.capture;
  if (capture.function != nullptr) capture.function(capture.context, packet, FrameDirection::in, now_);
  stack_.input(nic_, std::move(packet), now_);
  settle();
}

void Machine::settle() {
  for (int turn = 0; turn < kTurnsMax; ++turn) {
    const std::size_t before = sent_.size();
    stack_.advance(now_);
    stack_.dispatch();
    if (waiter_) waiter_(now_);
    pull();
    if (sent_.size() == before && stack_.next_deadline() > now_) return;
  }
  const bool stack_comes_to_rest = false;
  STRATA_CHECK(stack_comes_to_rest);
}

void Machine::pull() {
  while (Packet packet = stack_.next_output(nic_, now_)) {
    STRATA_CHECK(splitter_.start(packet));
    while (!splitter_.done()) {
      const Packet frame = splitter_.next();
      STRATA_CHECK(static_cast<bool>(frame));
      take_frame(frame);
    }
  }
}

void Machine::take_frame(const Packet& frame) {
  const CaptureSink& capture = observers_.capture;
  if (capture.function != nullptr) capture.function(capture.context, frame, FrameDirection::out, now_);
  std::vector<std::uint8_t> bytes(frame.size());
  frame.copy_to(bytes);
  auto segment = read_segment(bytes);
  if (!segment) {
    if (!foreign_output_) foreign_output_ = segment.error();
    return;
  }
  Sent sent{.at = now_, .segment = std::move(*segment), .flow = nullptr};
  sent.flow = flows_.for_sent(sent.segment);
  if (sent.flow != nullptr) sent.flow->on_sent(sent.segment);
  if (observers_.sent) observers_.sent(sent);
  sent_.push_back(std::move(sent));
}

Instant Machine::next_deadline() const {
  const Instant stack = stack_.next_deadline();
  return waiter_deadline_ ? std::min(stack, waiter_deadline_()) : stack;
}

void Machine::run_until(Instant until) {
  while (next_deadline() <= until) {
    now_ = std::max(next_deadline(), now_ + Duration::nanos(1));
    if (now_ > until) break;
    settle();
  }
  now_ = std::max(now_, until);
  settle();
}

bool Machine::step(Instant limit) {
  const Instant next = next_deadline();
  if (next > limit || next.is_never()) return false;
  now_ = std::max(next, now_ + Duration::nanos(1));
  settle();
  return true;
}

bool Machine::run_until_sent(std::size_t count, Instant limit) {
  while (sent_.size() < count) {
    if (!step(limit)) return false;
  }
  return true;
}

}  // namespace strata::drill
