#include "sim/network.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace strata::sim {
namespace {

/// Turns at one moment after which machines are surely answering each other for ever.
constexpr int kTurnsMax = 100'000;
/// Frames under way on all links.
constexpr BufferLimits kWireMemory{
    .block_size = 2048, .blocks_max = 128 * 1024, .packets_max = 128 * 1024, .queue_nodes_max = 16};

}  // namespace

Link::Link(std::string name, Node& a, Node& b, const LinkConfig& config, std::array<std::uint64_t, 2> seeds)
    : name_(std::move(name)),
      pipes_{Pipe(config.there, seeds[0]), Pipe(config.back, seeds[1])},
      ends_{{{&b, 0}, {&a, 0}}} {}

Network::Network(std::uint64_t seed) : seeds_(seed), pools_(kWireMemory) {}

/// Programs first: they may refer to anything. Nobody looks any more: who did may be gone.
Network::~Network() {
  watchers_.clear();
  machines_.clear();
}

Machine& Network::add_machine(const MachineConfig& config) {
  machines_.push_back(std::make_unique<Machine>(*this, machines_.size(), config, seeds_.next_u64()));
  return *machines_.back();
}

Switch& Network::add_switch(std::string name, bool learns) {
  switches_.push_back(std::make_unique<Switch>(std::move(name), learns));
  return *switches_.back();
}

Link& Network::connect(Node& a, Node& b, const LinkConfig& config) {
  std::array<std::uint64_t, 2> seeds{};
  for (std::uint64_t& seed : seeds) seed = seeds_.next_u64();
  links_.push_back(std::make_unique<Link>(a.name() + "-" + b.name(), a, b, config, seeds));
  Link& link = *links_.back();
  const LinkCapabilities capabilities{
      .mtu = config.mtu, .gso_max = config.gso_max, .checksum_offload_tx = true, .has_ethernet_header = true};
  add_port(link, 0, a, capabilities);
  add_port(link, 1, b, capabilities);
  return link;
}

/// `from` sends into the pipe of `direction`, and is where the other one leads to.
void Network::add_port(Link& link, std::size_t direction, Node& from, const LinkCapabilities& capabilities) {
  const auto counted = std::ranges::find(port_counts_, &from, [](const auto& row) { return row.first; });
  auto& count = counted == port_counts_.end() ? port_counts_.emplace_back(&from, 0) : *counted;
  link.ends_[1 - direction].port = count.second++;
  from.add_port(link.pipes_[direction], capabilities);
}

bool Network::run_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = now_ + limit;
  while (!stopped_) {
    settle();
    if (done()) return true;
    const Instant next = next_event();
    if (next > end || next.is_never()) break;
    now_ = std::max(next, now_ + Duration::nanos(1));
  }
  if (stopped_) return false;
  now_ = end;
  return done();
}

void Network::settle() {
  for (int turn = 0; turn < kTurnsMax; ++turn) {
    bool moved = timers_.run(now_);
    moved = move_frames() || moved;
    moved = move_machines() || moved;
    if (!moved || stopped_) return;
  }
  is_stuck_ = stopped_ = true;
}

bool Network::move_frames() {
  bool moved = false;
  for (const auto& link : links_) {
    for (std::size_t direction = 0; direction < 2; ++direction) {
      const Link::End& to = link->ends_[direction];
      while (Packet frame = link->pipes_[direction].pop(now_)) {
        to.node->receive(std::move(frame), to.port, now_);
        moved = true;
      }
    }
  }
  return moved;
}

bool Network::move_machines() {
  bool moved = false;
  for (const auto& machine : machines_) {
    if (machine->has_work(now_)) moved = machine->take_turn(now_) || moved;
  }
  return moved;
}

Instant Network::next_event() const {
  Instant next = timers_.next_deadline();
  for (const auto& link : links_) {
    for (const Pipe& pipe : link->pipes_) next = std::min(next, pipe.next_deadline());
  }
  for (const auto& machine : machines_) next = std::min(next, machine->next_deadline(now_));
  return next;
}

void Network::tell_frame(const FrameSeen& frame) {
  if (frame.direction == FrameDirection::in) {
    ++frames_arrived_;
    hash_.add(frame.at);
    hash_.add(std::uint64_t{frame.machine.number()});
    hash_.add(frame.bytes);
  }
  for (Watcher* watcher : watchers_) watcher->on_frame(frame);
}

void Network::tell_trace(const Machine& machine, const TraceEvent& event) {
  hash_.add(event);
  for (Watcher* watcher : watchers_) watcher->on_trace(machine, event, now_);
}

void Network::tell_turn(Machine& machine) {
  for (Watcher* watcher : watchers_) watcher->after_turn(machine, now_);
}

void Network::tell_power(Machine& machine, bool on) {
  for (Watcher* watcher : watchers_) watcher->on_power(machine, on, now_);
}

}  // namespace strata::sim
