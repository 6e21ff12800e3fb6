// Machines, switches, links, and one clock that nobody winds: time jumps to the next moment at which
// something happens. What happens at one moment happens in a fixed order, and every random bit comes from one
// seed, so a run depends on its configuration and its seed only; its trace hash says whether two runs were
// the same.
//
//   Network network(7);
//   Machine& client = network.add_machine({.name = "client"});
//   Machine& server = network.add_machine({.name = "server"});
//   network.connect(client, server, {.there = {.faults = {.delay = Duration::millis(10)}}});
//   server.run([&](Machine& machine) -> Task<> { ... co_await accept(listener) ... });
//   network.run_until([&] { return done; }, Duration::seconds(60));
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "buf/byte_queue.hpp"
#include "sim/machine.hpp"
#include "sim/pipe.hpp"
#include "sim/switch.hpp"
#include "sim/timers.hpp"
#include "sim/trace_hash.hpp"
#include "sim/watcher.hpp"

namespace strata::sim {

struct LinkConfig {
  std::size_t mtu = 1500;
  std::size_t gso_max = 0;  ///< of both ends' interfaces: super-segments are cut before they reach the wire
  PipeConfig there;         ///< from the first end to the second
  PipeConfig back;
};

class Link {
 public:
  Link(std::string name, Node& a, Node& b, const LinkConfig& config, std::array<std::uint64_t, 2> seeds);

  const std::string& name() const { return name_; }
  /// From the first end to the second, and back.
  Pipe& there() { return pipes_[0]; }
  Pipe& back() { return pipes_[1]; }
  void set_up(bool up) {
    for (Pipe& pipe : pipes_) pipe.set_up(up);
  }

 private:
  friend class Network;
  struct End {
    Node* node;
    std::size_t port;
  };
  std::string name_;
  std::array<Pipe, 2> pipes_;
  std::array<End, 2> ends_{};  ///< [0]: where pipes_[0] leads to
};

class Network {
 public:
  explicit Network(std::uint64_t seed);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network();

  // --- Building ---
  Machine& add_machine(const MachineConfig& config);
  Switch& add_switch(std::string name, bool learns = true);
  Link& connect(Node& a, Node& b, const LinkConfig& config);
  /// Something outside the machines happens at a moment: a fault, as a rule.
  void call_at(Instant at, std::function<void()> function) { timers_.call_at(at, std::move(function)); }
  void watch(Watcher& watcher) { watchers_.push_back(&watcher); }

  // --- Running ---
  Instant now() const { return now_; }
  /// Runs until `done` holds: true; or for `limit`: whether it holds then.
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }
  /// Ends the run at the end of this moment, for good.
  void stop() { stopped_ = true; }
  /// A moment had no end: machines answered each other for ever without time going on.
  bool is_stuck() const { return is_stuck_; }

  // --- Looking ---
  std::size_t machine_count() const { return machines_.size(); }
  Machine& machine(std::size_t number) { return *machines_[number]; }
  std::size_t link_count() const { return links_.size(); }
  Link& link(std::size_t number) { return *links_[number]; }
  std::uint64_t frames_arrived() const { return frames_arrived_; }
  std::uint64_t trace_hash() const { return hash_.value(); }

  // --- For machines ---
  buf::Pools& pools() { return pools_; }
  void tell_frame(const FrameSeen& frame);
  void tell_trace(const Machine& machine, const TraceEvent& event);
  void tell_turn(Machine& machine);
  void tell_power(Machine& machine, bool on);

 private:
  void add_port(Link& link, std::size_t direction, Node& from, const LinkCapabilities& capabilities);
  void settle();
  bool move_frames();
  bool move_machines();
  Instant next_event() const;

  Xoshiro seeds_;
  Instant now_;
  buf::Pools pools_;
  Timers timers_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<Switch>> switches_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::pair<const Node*, std::size_t>> port_counts_;
  std::vector<Watcher*> watchers_;
  TraceHash hash_;
  std::uint64_t frames_arrived_ = 0;
  bool stopped_ = false;
  bool is_stuck_ = false;
};

}  // namespace strata::sim
