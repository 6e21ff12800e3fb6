#include "sim/machine.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.hpp"
#include "sim/network.hpp"
#include "stack/core_access.hpp"

namespace strata::sim {
namespace {

MacAddress mac_of(std::size_t machine, std::size_t port) {
  return {{0x02, 0, static_cast<std::uint8_t>(port), 0, static_cast<std::uint8_t>(machine >> 8),
           static_cast<std::uint8_t>(machine)}};
}

}  // namespace

Machine::Machine(Network& network, std::size_t number, const MachineConfig& config, std::uint64_t seed)
    : Node(config.name),
      network_(network),
      number_(number),
      config_(config),
      seeds_(seed),
      clock_(config.clock) {
  boot();
}

Machine::~Machine() {
  tasks_.reset();
  relieve();
}

Stack& Machine::stack() {
  STRATA_CHECK(is_up());
  touched_ = true;
  return *stack_;
}

Instant Machine::now() const { return clock_.at(network_.now()); }
Instant Machine::world_now() const { return network_.now(); }

void Machine::run(Program program, Instant at, bool restarts) {
  planned_.push_back({.program = std::move(program), .at = at, .restarts = restarts});
  if (is_up()) schedule(planned_.back());
}

void Machine::schedule(Planned& planned) {
  timers_.call_at(std::max(planned.at, network_.now()),
                  [this, &planned] { tasks_->spawn(planned.program(*this)); });
}

void Machine::boot() {
  stack_ = std::make_unique<Stack>(config_.stack, Entropy::from_seed(seeds_.next_u64()));
  stack_->set_trace({.context = this, .function = &Machine::on_trace});
  tasks_.emplace();
  for (Port& port : ports_) plug_in(port);
  touched_ = true;
}

void Machine::crash() {
  tasks_.reset();
  timers_.clear();
  relieve();
  for (Port& port : ports_) port.inbox.clear();
  if (!is_up()) return;
  stack_.reset();
  network_.tell_power(*this, false);
}

void Machine::restart() {
  crash();
  boot();
  for (Planned& planned : planned_) {
    if (planned.restarts || planned.at > network_.now()) schedule(planned);
  }
  network_.tell_power(*this, true);
}

void Machine::jump_clock(Duration ahead) {
  clock_.jump(network_.now(), ahead);
  touched_ = true;
}

void Machine::squeeze(std::size_t blocks_left, std::size_t packets_left) {
  if (!is_up()) return;
  buf::Pools& memory = pools(*stack_);
  while (memory.blocks.available() > blocks_left) {
    buf::Block* const block = memory.blocks.allocate();
    if (block == nullptr) break;
    hoard_.push_back(buf::Slice::adopt(block, 0, 0));
  }
  while (Packet packet = memory.packets.allocate()) hoarded_packets_.push_back(std::move(packet));
  hoarded_packets_.resize(hoarded_packets_.size() - std::min(packets_left, hoarded_packets_.size()));
}

void Machine::relieve() {
  hoard_.clear();
  hoarded_packets_.clear();
}

void Machine::add_port(Pipe& out, const LinkCapabilities& link) {
  const std::size_t port = ports_.size();
  Prefix address{IpAddress::v4(10, static_cast<std::uint8_t>(port), static_cast<std::uint8_t>(number_ >> 8),
                               static_cast<std::uint8_t>(number_ + 1)),
                 16};
  if (port == 0 && config_.address) address = *config_.address;
  ports_.push_back({.out = &out, .link = link, .mac = mac_of(number_ + 1, port), .address = address});
  if (is_up()) plug_in(ports_.back());
}

void Machine::plug_in(Port& port) {
  const std::array addresses{port.address};
  const auto nic = stack_->add_interface({.mac = port.mac, .link = port.link, .addresses = addresses});
  STRATA_CHECK(nic.has_value());
  port.nic = *nic;
}

void Machine::receive(Packet frame, std::size_t port, Instant) {
  if (is_up()) ports_[port].inbox.push_back(std::move(frame));
}

bool Machine::has_work(Instant now) const {
  if (!is_up()) return false;
  if (touched_ || timers_.next_deadline() <= now || stack_->next_deadline() <= clock_.at(now)) return true;
  return std::ranges::any_of(ports_, [](const Port& port) { return !port.inbox.empty(); });
}

bool Machine::take_turn(Instant now) {
  touched_ = false;
  std::size_t moved = timers_.run(now) ? 1 : 0;
  const Instant local = clock_.at(now);
  for (std::size_t port = 0; port < ports_.size(); ++port) moved += take_in(port, now);
  stack_->advance(local);
  stack_->dispatch();
  for (std::size_t port = 0; port < ports_.size(); ++port) moved += put_out(port, now);
  network_.tell_turn(*this);
  return moved > 0 || touched_;
}

Instant Machine::next_deadline(Instant now) const {
  if (!is_up()) return Instant::never();
  return std::min(timers_.next_deadline(), clock_.world_time_of(stack_->next_deadline(), now));
}

std::size_t Machine::take_in(std::size_t port, Instant now) {
  Port& at = ports_[port];
  std::size_t count = 0;
  for (; !at.inbox.empty(); ++count) {
    const Packet frame = std::move(at.inbox.front());
    at.inbox.pop_front();
    flat_.resize(frame.size());
    frame.copy_to(flat_);
    network_.tell_frame(
        {.machine = *this, .port = port, .direction = FrameDirection::in, .at = now, .bytes = flat_});
    Packet copy = stack_->make_packet(flat_);
    if (!copy) continue;
    copy.meta().arrival = clock_.at(now);
    stack_->input(at.nic, std::move(copy), clock_.at(now));
  }
  return count;
}

std::size_t Machine::put_out(std::size_t port, Instant now) {
  std::size_t count = 0;
  while (Packet frame = stack_->next_output(ports_[port].nic, clock_.at(now))) {
    ++count;
    if (!splitter_.start(frame)) continue;
    while (!splitter_.done()) {
      const Packet piece = splitter_.next();
      if (!piece) splitter_.drop();  // no memory for the rest: lost as on a full device
      if (piece) put_on_wire(port, piece);
    }
  }
  return count;
}

/// Frames on the wire are the network's memory, so that they outlive the machine.
void Machine::put_on_wire(std::size_t port, const Packet& frame) {
  flat_.resize(frame.size());
  frame.copy_to(flat_);
  put_frame(port, flat_);
}

void Machine::put_frame(std::size_t port, Bytes frame) {
  const Instant now = network_.now();
  network_.tell_frame(
      {.machine = *this, .port = port, .direction = FrameDirection::out, .at = now, .bytes = frame});
  if (Packet copy = buf::copy_in(network_.pools(), frame)) ports_[port].out->push(std::move(copy), now);
}

void Machine::on_trace(void* context, const TraceEvent& event) {
  const auto& self = *static_cast<const Machine*>(context);
  self.network_.tell_trace(self, event);
}

}  // namespace strata::sim
