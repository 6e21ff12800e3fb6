#include "sim/bulk.hpp"

#include <algorithm>

namespace strata::sim {

BulkRun::BulkRun(const BulkConfig& config)
    : there_(config.path, config.seed), back_({.delay = config.path.delay}, ~config.seed) {
  for (std::uint32_t i = 0; i < config.flows.size(); ++i) {
    const TcpConfig& tcp = config.flows[i].config;
    Flow flow;
    flow.sender =
        std::make_unique<Endpoint>(Endpoint::Setup{.config = tcp, .flow = i, .active = true}, pattern_);
    flow.receiver =
        std::make_unique<Endpoint>(Endpoint::Setup{.config = tcp, .flow = i, .active = false}, pattern_);
    flow.starts = flow.sender_wakes = Instant() + config.flows[i].starts;
    flows_.push_back(std::move(flow));
  }
  wakes_ = Instant();
}

void BulkRun::until(Instant end, std::uint64_t segments) {
  const std::uint64_t last = segments > UINT64_MAX - arrived_ ? UINT64_MAX : arrived_ + segments;
  while (arrived_ < last) {
    const Instant next = next_event();
    if (next > end) {
      now_ = end;
      return;
    }
    now_ = std::max(now_, next);
    deliver();
    if (wakes_ > now_) continue;
    wakes_ = Instant::never();
    for (Flow& flow : flows_) {
      run_timers(flow);
      wakes_ = std::min({wakes_, flow.sender_wakes, flow.receiver_wakes});
    }
  }
}

bool BulkRun::drain(Duration limit) {
  const auto is_done = [](const Flow& flow) {
    return flow.sender->has_ended() || flow.receiver->has_ended();
  };
  for (Flow& flow : flows_) {
    flow.sender->finish(now_);
    after_sender(flow);
  }
  const Instant end = now_ + limit;
  while (now_ < end && !std::ranges::all_of(flows_, is_done)) until(end, 1);
  return std::ranges::all_of(flows_, [](const Flow& flow) {
    return flow.receiver->has_ended() && flow.receiver->delivered() == flow.sender->queued();
  });
}

std::uint64_t BulkRun::count(Counter counter) const {
  std::uint64_t sum = 0;
  for (const Flow& flow : flows_) sum += flow.sender->counters()[counter];
  return sum;
}

bool BulkRun::is_sound() const {
  return std::ranges::all_of(
      flows_, [](const Flow& flow) { return flow.sender->is_sound() && flow.receiver->is_sound(); });
}

Instant BulkRun::next_event() const {
  return std::min({there_.next_arrival(), back_.next_arrival(), wakes_});
}

void BulkRun::start(Flow& flow) {
  flow.started = true;
  flow.sender->connect(now_);
  after_sender(flow);
}

void BulkRun::deliver() {
  if (there_.next_arrival() <= now_) {
    const WireSegment segment = there_.pop();
    Flow& flow = flows_[segment.flow];
    ++arrived_;
    flow.receiver->on_arrival(segment, now_);
    after_receiver(flow);
  }
  if (back_.next_arrival() <= now_) {
    const WireSegment segment = back_.pop();
    Flow& flow = flows_[segment.flow];
    flow.sender->on_arrival(segment, now_);
    after_sender(flow);
  }
}

void BulkRun::run_timers(Flow& flow) {
  if (!flow.started) {
    if (flow.starts <= now_) start(flow);
    return;
  }
  if (flow.sender_wakes <= now_) {
    flow.sender->on_timers(now_);
    after_sender(flow);
  }
  if (flow.receiver_wakes <= now_) {
    flow.receiver->on_timers(now_);
    after_receiver(flow);
  }
}

void BulkRun::after_sender(Flow& flow) {
  flow.sender->transmit(there_, now_);
  flow.sender_wakes = flow.sender->next_deadline();
  wakes_ = std::min(wakes_, flow.sender_wakes);
}

void BulkRun::after_receiver(Flow& flow) {
  flow.receiver->transmit(back_, now_);
  flow.receiver_wakes = flow.receiver->next_deadline();
  wakes_ = std::min(wakes_, flow.receiver_wakes);
}

}  // namespace strata::sim
