// TCP of one stack: finds the connection that a segment belongs to, wraps what connections say into packets,
// runs their timers, and keeps listeners and TIME-WAIT records. The procedures of the RFC live in
// transport/tcp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/siphash.hpp"
#include "base/timer_wheel.hpp"
#include "internet/internet.hpp"
#include "stack/fast_open_cache.hpp"
#include "stack/flow.hpp"
#include "stack/flow_table.hpp"
#include "stack/listen_table.hpp"
#include "stack/port_allocator.hpp"
#include "strata/tcp.hpp"
#include "transport/tcp/time_wait.hpp"

namespace strata {

class TcpHost {
 public:
  /// Everything given by reference must outlive this.
  TcpHost(const Config& config, const Entropy& entropy, buf::Pools& pools, Counters& counters,
          const TraceSink& trace, internet::Internet& internet);
  TcpHost(const TcpHost&) = delete;
  TcpHost& operator=(const TcpHost&) = delete;
  ~TcpHost();

  // --- From below (tcp_input.cpp) ---
  void input(const internet::Delivery& delivery, Packet& packet, Instant now);
  void on_icmp_error(const internet::IcmpError& error, Instant now);
  // path_mtu.cpp
  void on_too_big(Flow& flow, const internet::IcmpError& error);

  // --- To below (tcp_output.cpp) ---
  /// The next frame for `nic`; empty when no connection has anything to say there.
  Packet next_output(NicId nic, Instant now);
  bool has_output(NicId nic) const { return !dirty_[static_cast<std::size_t>(nic)].empty(); }
  /// Wakers wait for dispatch().
  bool has_ready() const { return !ready_.empty() || !ready_listeners_.empty(); }
  void advance(Instant now);
  Instant next_deadline() const;

  // --- From above (tcp_sockets.cpp) ---
  Result<SocketId> listen(const Endpoint& local, const ListenOptions& options);
  void close_listener(SocketId id);
  Result<SocketId> accept(SocketId listener);
  Result<SocketId> connect(const Endpoint& remote, const ConnectOptions& options, Instant now);
  /// Something (listener, connection, TIME-WAIT) has a local end that `place` would overlap, unless both are
  /// shared. `reuse`: connections that allow it (TcpSettings::reuse_address) do not count. Looks at all.
  bool is_port_used(const ListenPlace& place, bool reuse);
  /// A port of the range that `is_free(port)`; nothing when there is none.
  template <class IsFree>
  std::optional<std::uint16_t> choose_port(const IpAddress& local, IsFree&& is_free) {
    const Endpoint end{.address = local, .zone = 0, .port = 0};
    return ports_.choose({.local = end, .remote = {}}, is_free);
  }
  /// After TcpConfig changed: what was copied from it is brought up to date.
  void on_config_changed() {
    ports_.set_range(config_.port_first, config_.port_last);
    challenge_.set_rate(config_.challenge_acks_per_second);
    memory_.set_marks(config_.memory);
  }
  std::uint16_t bounded_backlog(std::uint16_t backlog) const;
  Flow* find(SocketId id) { return flows_.find(id.index, id.generation); }
  Listener* find_listener(SocketId id) { return listeners_.all().find(id.index, id.generation); }
  /// After a call changed a connection: files its timers, queues its output and its waker.
  void touch(Flow& flow);
  /// The application lets go: close() or abort().
  void release(Flow& flow, bool abort);
  /// Its writer wants to hear of room, or of memory.
  void wait_for_room(Flow& flow);
  /// One whose writer was refused for want of memory hears when there is some.
  void file_waiter(Flow& flow);
  /// The state that a handle shows; a detached connection lives on in its TIME-WAIT record.
  TcpState state_of(const Flow& flow) const;
  void set_waker(Listener& listener, Waker waker);
  void set_waker(Flow& flow, Waker waker);
  /// Calls the wakers that are due.
  void dispatch();

  const tcp::Context& context(Instant now) {
    context_.now = now;
    return context_;
  }
  const tcp::Context& context() const { return context_; }
  const TcpConfig& config() const { return config_; }
  std::size_t connection_count() const { return flows_.size(); }
  /// Every connection that has memory of its own, for who looks only.
  template <class Visit>
  void for_each(Visit&& visit) {
    flows_.for_each([&](std::uint32_t, const Flow& flow) { visit(flow); });
  }
  std::size_t time_wait_count() const { return time_wait_.size(); }

 private:
  // tcp_input.cpp
  bool checksum_is_good(const internet::Delivery& delivery, const buf::PacketBuf& raw) const;
  void input_flow(Flow& flow, const tcp::Segment& segment);
  void input_time_wait(std::uint32_t index, const tcp::FlowKey& key, const tcp::Segment& segment);
  void acknowledge_in_time_wait(const tcp::TimeWaitRecord& record);
  void input_no_flow(const tcp::FlowKey& key, const tcp::Segment& segment);
  void open_passive(Listener& listener, const tcp::FlowKey& key, const tcp::Segment& syn,
                    std::optional<SeqNum> above);
  std::uint32_t lookup(const tcp::FlowKey& key, std::uint32_t hash) const;
  // tcp_sockets.cpp
  void prepare_fast_open(Flow& flow, FastOpenUse use);
  void learn_fast_open(Flow& flow);
  // tcp_output.cpp
  void send_stray(const tcp::FlowKey& key, tcp::TxSegment segment);
  bool choose_way(Flow& flow);
  Result<internet::RouteChoice> way_of(const tcp::FlowKey& key) const;
  std::uint32_t label_of(const Flow& flow) const;
  tcp::PathInfo path_of(const internet::RouteChoice& choice, const IpAddress& remote) const;
  /// What a connection adds to the headers below its own.
  struct FlowMarks {
    std::uint32_t label = 0;  ///< IPv6 (RFC 6437)
    bool progressed = false;  ///< the peer acknowledged something new since the last packet
  };
  Packet wrap(const tcp::FlowKey& key, tcp::TxSegment& segment, const internet::RouteChoice& choice,
              const FlowMarks& marks);
  void detach_time_wait(Flow& flow);
  void expire_time_wait(std::uint32_t index, Cause cause);
  // tcp_host.cpp
  Flow* make_flow(const tcp::FlowKey& key, const internet::RouteChoice& choice);
  void settle(Flow& flow);
  void leave_table(Flow& flow);
  void leave_listener(Flow& flow);
  void on_handshake_done(Flow& flow);
  void collect_events(Flow& flow);
  // tcp_memory.cpp
  bool may_wake_waiters() const;
  void wake_waiters();
  void give_back_idle();
  void destroy(Flow& flow);
  IntrusiveList<Flow, &Flow::dirty_hook>& dirty(NicId nic) { return dirty_[static_cast<std::size_t>(nic)]; }

  const TcpConfig& config_;
  std::uint8_t ttl_;
  SipKey isn_key_;
  SipKey flow_key_;
  internet::Internet& internet_;
  tcp::ChallengeLimiter challenge_;
  tcp::IslandSlab islands_;
  tcp::RecordPool records_;
  mutable tcp::MemoryBudget memory_;
  tcp::ControllerPools controllers_;
  tcp::Context context_;
  Slab<Flow> flows_;
  FlowTable table_;
  ListenTable listeners_;
  tcp::TimeWaitTable time_wait_;
  PortAllocator ports_;
  FastOpenCache fast_open_servers_;
  TimerWheel wheel_;
  std::vector<IntrusiveList<Flow, &Flow::dirty_hook>> dirty_;  ///< by NicId; NicId::none: to this host
  IntrusiveList<Flow, &Flow::ready_hook> ready_;
  IntrusiveList<Listener, &Listener::ready_hook> ready_listeners_;
  IntrusiveList<Flow, &Flow::wait_hook> memory_waiters_;  ///< their writers, in order of coming
  std::uint32_t idle_hand_ = 0;                           ///< of give_back_idle()
  std::uint32_t flow_numbers_ = 0;
};

}  // namespace strata
