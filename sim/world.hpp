// Two hosts, a wire, and a clock that nobody winds: time jumps to the next moment at which something happens.
// A run depends on its configuration and its seed only, and its trace hash says whether two runs were the
// same.
//
//   World world({.seed = 7});
//   auto listener = world.host(Side::b).stack.listen({.port = 80});
//   world.add_app(Side::b, [&] { ... what a program would do now, without blocking ... });
//   world.run_until([&] { return everything_arrived; }, Duration::seconds(60));
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "sim/small_stack.hpp"
#include "sim/trace_hash.hpp"
#include "sim/wire.hpp"
#include "strata/address.hpp"
#include "strata/config.hpp"
#include "strata/stack.hpp"
#include "strata/time.hpp"

namespace strata::sim {

struct WorldConfig {
  std::uint64_t seed = 1;
  Config stack = small_stack();  ///< of both hosts
  WireConfig wire;
};

/// 10.0.0.1 is Side::a, 10.0.0.2 is Side::b.
struct Host {
  Stack stack;
  IpAddress address;
  NicId nic = NicId::none;
};

class World {
 public:
  explicit World(const WorldConfig& config);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Instant now() const { return now_; }
  Host& host(Side side) { return hosts_[index(side)]; }
  const Wire& wire() const { return wire_; }

  /// A program on a host: called again and again, whenever something may have changed for it. It must not
  /// wait.
  void add_app(Side side, std::function<void()> step) { apps_.push_back({side, std::move(step)}); }
  /// Called for every trace event of either stack.
  void set_observer(std::function<void(Side, const TraceEvent&)> observer) {
    observer_ = std::move(observer);
  }
  /// Called for every frame that arrives, before the stack sees it.
  void set_frame_observer(Wire::ArrivalHook observer) { frame_observer_ = std::move(observer); }
  /// Runs until `done` holds: true; or for `limit`, or until nothing will ever happen again: false.
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration time) {
    run_until([] { return false; }, time);
  }
  /// From now on a narrower link lies on the way to `to`.
  void narrow(Side to, const NarrowConfig& config) { wire_.narrow(to, config); }
  /// The host loses power: it sends, receives and does nothing any more.
  void kill(Side side) { wire_.cut(side); }
  /// Kills `side` at the moment when the `count`-th frame of the run has arrived at either end (the first is
  /// 1).
  void kill_after(Side side, std::uint64_t count);

  /// Frames that have arrived, at both ends together.
  std::uint64_t frames_arrived() const { return frames_arrived_; }
  std::uint64_t trace_hash() const { return hash_.value(); }

 private:
  struct App {
    Side side;
    std::function<void()> step;
  };
  struct TraceOf {
    World* world;
    Side side;
  };

  static void on_trace(void* context, const TraceEvent& event);
  void on_arrival(Side to, Bytes frame, Instant at);
  /// Everything that happens at this instant.
  void settle();
  std::size_t poll_host(Side side);
  Instant next_deadline() const;

  Instant now_;
  std::array<Host, 2> hosts_;
  Wire wire_;  // after the hosts: frames under way are their memory
  std::vector<App> apps_;
  std::array<TraceOf, 2> trace_of_{TraceOf{this, Side::a}, TraceOf{this, Side::b}};
  std::function<void(Side, const TraceEvent&)> observer_;
  Wire::ArrivalHook frame_observer_;
  TraceHash hash_;
  std::uint64_t frames_arrived_ = 0;
  std::uint64_t kill_at_ = 0;  ///< 0: never
  Side victim_ = Side::a;
};

}  // namespace strata::sim
