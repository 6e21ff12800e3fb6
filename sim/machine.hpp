// A host of a simulated network: a whole stack, a clock of its own, and programs on it, written as coroutines
// like any other code on the stack's API. It can lose power and come back: then everything in it is new.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "buf/byte_queue.hpp"
#include "link/offload.hpp"
#include "sim/host_clock.hpp"
#include "sim/node.hpp"
#include "sim/small_stack.hpp"
#include "sim/timers.hpp"
#include "sim/watcher.hpp"
#include "strata/coroutine.hpp"
#include "strata/stack.hpp"

namespace strata::sim {

class Network;

struct MachineConfig {
  std::string name;
  std::optional<Prefix> address;  ///< of the first port; by default 10.0.0.N/24
  Config stack = small_stack();
  ClockConfig clock;
};

class Machine : public Node {
 public:
  using Program = std::function<Task<>(Machine&)>;

  Machine(Network& network, std::size_t number, const MachineConfig& config, std::uint64_t seed);
  ~Machine() override;

  // --- For programs ---
  /// Precondition: is_up().
  Stack& stack();
  const Stack& stack() const { return *stack_; }
  /// Runs beside the programs, for as long as the machine has power.
  void spawn(Task<> task) { tasks_->spawn(std::move(task)); }
  IpAddress address(std::size_t port = 0) const { return ports_[port].address.address; }
  /// What this machine's clock shows: the time that its stack lives in.
  Instant now() const;
  /// What the world's clock shows.
  Instant world_now() const;
  /// `co_await machine.sleep(...)`.
  SleepWait<Timers> sleep(Duration time) { return sleep_until(timers_, world_now() + time); }

  // --- For who builds the world ---
  /// From `at` on; again after each restart if `restarts`.
  void run(Program program, Instant at = Instant(), bool restarts = false);
  bool is_up() const { return stack_ != nullptr; }
  void crash();
  void restart();
  void jump_clock(Duration ahead);
  /// Memory runs short: so many blocks and packets are left to allocate. Until relieve().
  void squeeze(std::size_t blocks_left, std::size_t packets_left);
  void relieve();
  std::size_t number() const { return number_; }
  /// The inside, for who looks only: looking is no reason for a turn. Precondition: is_up().
  StackCore& core() const { return stack_->core(); }
  /// A frame that no stack made, as if this machine had sent it.
  void put_frame(std::size_t port, Bytes frame);
  MacAddress mac(std::size_t port = 0) const { return ports_[port].mac; }
  const TableLimits& limits() const { return config_.stack.tables; }
  /// Programs that run.
  std::size_t program_count() const { return tasks_ ? tasks_->size() : 0; }

  // --- For Network ---
  void add_port(Pipe& out, const LinkCapabilities& link) override;
  void receive(Packet frame, std::size_t port, Instant now) override;
  /// Something may have changed since the last turn.
  bool has_work(Instant now) const;
  /// Everything the stack can do now. True when a frame or a program moved.
  bool take_turn(Instant now);
  Instant next_deadline(Instant now) const;

 private:
  struct Port {
    Pipe* out;
    LinkCapabilities link;
    MacAddress mac;
    Prefix address;
    NicId nic = NicId::none;
    std::deque<Packet> inbox;
  };
  struct Planned {
    Program program;
    Instant at;
    bool restarts;
  };

  static void on_trace(void* context, const TraceEvent& event);
  void boot();
  void plug_in(Port& port);
  void schedule(Planned& planned);
  std::size_t take_in(std::size_t port, Instant now);
  std::size_t put_out(std::size_t port, Instant now);
  void put_on_wire(std::size_t port, const Packet& frame);

  Network& network_;
  std::size_t number_;
  MachineConfig config_;
  Xoshiro seeds_;
  HostClock clock_;
  Timers timers_;
  std::deque<Planned> planned_;  ///< stay where they are: coroutines refer to what they captured
  std::deque<Port> ports_;
  Splitter splitter_{SplitterOptions{}};
  std::vector<std::uint8_t> flat_;
  std::unique_ptr<Stack> stack_;
  std::vector<buf::Slice> hoard_;
  std::vector<Packet> hoarded_packets_;
  std::optional<TaskGroup> tasks_;  ///< after the stack that their sockets are of
  bool touched_ = true;
};

}  // namespace strata::sim
