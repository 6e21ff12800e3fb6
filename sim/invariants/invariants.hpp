// What must hold of every stack after every turn, whatever its peers and the network did: looked at from
// outside, with a table of its own where the stack has one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/seq_num.hpp"
#include "sim/machine.hpp"
#include "sim/watcher.hpp"

namespace strata {
struct Flow;
}

namespace strata::sim {

class Invariants : public Watcher {
 public:
  void on_trace(const Machine& machine, const TraceEvent& event, Instant at) override;
  void after_turn(Machine& machine, Instant at) override;
  void on_power(Machine& machine, bool on, Instant at) override;

  /// The first that was broken: where, when and what; empty: none.
  const std::string& broken() const { return broken_; }

 private:
  /// What may only go forward.
  struct Edges {
    SeqNum snd_una;
    SeqNum snd_max;
    SeqNum rcv_nxt;
    SeqNum rcv_edge;
  };
  void note(const Machine& machine, std::uint32_t flow, Instant at, const char* what);
  void check_flow(const Machine& machine, const Flow& flow, Instant at);
  const char* check_progress(const Machine& machine, const Flow& flow);
  void check_stack(const Machine& machine, Instant at);

  std::map<std::pair<std::size_t, std::uint32_t>, Edges> edges_;
  std::map<std::pair<std::size_t, std::uint32_t>, TcpState> states_;
  std::string broken_;
};

/// Memory that a stack without connections still holds; empty: none.
std::string leak_of(const Machine& machine);

}  // namespace strata::sim
