// The life of a connection inside the stack: made, settled after each change, destroyed.
#include "stack/tcp_host.hpp"

#include <algorithm>

#include "transport/tcp/user_calls.hpp"

namespace strata {
TcpHost::TcpHost(const Config& config, const Entropy& entropy, buf::Pools& pools, Counters& counters,
                 const TraceSink& trace, internet::Internet& internet)
    : config_(config.tcp),
      ttl_(config.ttl),
      isn_key_{entropy.words[0], entropy.words[1]},
      flow_key_{entropy.words[2] | 1, entropy.words[3] | 1},
      internet_(internet),
      challenge_(config.tcp.challenge_acks_per_second, entropy.words[4]),
      islands_(config.tables.connections_max),
      records_(config.tables.records_max),
      memory_(pools.blocks, config.tcp.memory, counters),
      controllers_(config.tables.connections_max),
      context_{.config = config_,
               .pools = pools,
               .islands = islands_,
               .records = records_,
               .memory = memory_,
               .controllers = controllers_,
               .islands_max = config.tables.reassembly_ranges_max,
               .counters = counters,
               .challenge = challenge_,
               .trace = trace,
               .now = {}},
      flows_(config.tables.connections_max),
      listeners_(config.tables.listeners_max),
      time_wait_(config.tables.time_wait_max),
      ports_({entropy.words[1], entropy.words[0]}, config.tcp.port_first, config.tcp.port_last),
      fast_open_servers_(config.tables.fast_open_servers_max, flow_key_),
      dirty_(config.tables.interfaces_max + 1) {}

TcpHost::~TcpHost() {
  flows_.for_each([this](std::uint32_t, Flow& flow) { flow.connection.release(context_); });
}

/// RFC 9293 §3.7.1: the IP and TCP headers without options come off the link's MTU. What we announce is about
/// the way to us, so what routers said about the way from us does not count (RFC 1191 §3.1).
tcp::PathInfo TcpHost::path_of(const internet::RouteChoice& choice, const IpAddress& remote) const {
  const std::uint32_t headers = tcp_headers_size(remote);
  std::uint32_t mss = choice.route_mtu - headers;
  if (choice.advertised_mss != 0) mss = std::min<std::uint32_t>(mss, choice.advertised_mss);
  if (config_.mss_clamp != 0) mss = std::min<std::uint32_t>(mss, config_.mss_clamp);
  return {.mss = static_cast<std::uint16_t>(mss),
          .carried = static_cast<std::uint16_t>(choice.mtu - headers),
          // The IP length field bounds a super-segment together with its headers and options.
          .gso_max =
              static_cast<std::uint32_t>(std::min<std::size_t>(choice.link->gso_max, 65'535 - headers - 40))};
}

Flow* TcpHost::make_flow(const tcp::FlowKey& key, const internet::RouteChoice& choice) {
  const std::uint32_t index = flows_.emplace(key, path_of(choice, key.remote.address), config_);
  if (index == FlowTable::kNone) {
    context_.count(Counter::tcp_connection_table_full);
    return nullptr;
  }
  Flow& flow = flows_[index];
  flow.index = index;
  flow.way = choice;
  flow.way_version = internet_.routes_version();
  flow.hash = flow_hash(flow_key_, key);
  flow.timer.owner = index;
  flow.tcb().flow_number = ++flow_numbers_;
  flow.tcb().ts_offset = tcp::timestamp_offset(isn_key_, key);
  if (!table_.insert(flow.hash, index)) {
    context_.count(Counter::tcp_connection_table_full);
    flows_.erase(index);
    return nullptr;
  }
  flow.in_table = true;
  if (context_.tracing()) {
    TraceEvent event;
    event.at = context_.now;
    event.flow = flow.tcb().flow_number;
    event.kind = TraceKind::established_flow;
    event.endpoints = {.local = key.local.address,
                       .remote = key.remote.address,
                       .local_port = key.local.port,
                       .remote_port = key.remote.port};
    context_.trace.function(context_.trace.context, event);
  }
  return &flow;
}

void TcpHost::leave_table(Flow& flow) {
  if (!flow.in_table) return;
  table_.erase(flow.hash, flow.index);
  flow.in_table = false;
}

/// The connection is no longer its listener's: established, failed, or the listener closed.
void TcpHost::leave_listener(Flow& flow) {
  if (flow.listener == Flow::kNoListener) return;
  Listener& listener = listeners_.all()[flow.listener];
  if (flow.wait_hook.linked()) {
    listener.accepted.remove(flow);
    --listener.waiting;
  } else {
    --listener.half_open;
  }
  flow.listener = Flow::kNoListener;
}

void TcpHost::on_handshake_done(Flow& flow) {
  Listener& listener = listeners_.all()[flow.listener];
  --listener.half_open;
  ++listener.waiting;
  listener.accepted.push_back(flow);
  if (listener.waker.function != nullptr && !listener.ready_hook.linked())
    ready_listeners_.push_back(listener);
}

void TcpHost::collect_events(Flow& flow) {
  flow.pending = flow.pending | flow.connection.take_events();
  if (any(flow.pending) && flow.owned && flow.waker.function != nullptr && !flow.ready_hook.linked()) {
    ready_.push_back(flow);
  }
}

void TcpHost::touch(Flow& flow) {
  if (!flow.dirty_hook.linked()) dirty(flow.way.nic).push_back(flow);
  settle(flow);
}

/// Brings everything around a connection up to date with its state. The flow may be gone afterwards.
void TcpHost::settle(Flow& flow) {
  const tcp::State state = flow.connection.state();
  const bool queued = flow.listener != Flow::kNoListener && flow.wait_hook.linked();
  if (flow.listener != Flow::kNoListener && !queued && tcp::is_synchronized(state)) on_handshake_done(flow);
  collect_events(flow);
  file_waiter(flow);
  wheel_.file_if_earlier(flow.timer, flow.connection.next_deadline());
  if (state != tcp::State::closed) return;
  leave_table(flow);
  // One that waits for accept() is accepted all the same: its owner hears from it what happened (as Linux).
  if (!flow.owned && !queued) {
    flow.tcb().orphan = true;
    leave_listener(flow);
  }
  if (flow.connection.is_finished()) destroy(flow);
}

void TcpHost::destroy(Flow& flow) {
  leave_table(flow);
  leave_listener(flow);
  if (flow.timer.linked) wheel_.remove(flow.timer);
  if (flow.dirty_hook.linked()) dirty(flow.way.nic).remove(flow);
  if (flow.ready_hook.linked()) ready_.remove(flow);
  if (flow.wait_hook.linked()) memory_waiters_.remove(flow);
  flow.connection.release(context_);
  flows_.erase(flow.index);
}

void TcpHost::advance(Instant now) {
  context_.now = now;
  while (WheelNode* node = wheel_.pop_due(now)) {
    Flow& flow = flows_[node->owner];
    flow.connection.on_timers(context_);
    touch(flow);
  }
  while (time_wait_.next_expiry() <= now) expire_time_wait(time_wait_.oldest(), Cause::timeout_time_wait);
  if (!memory_.may_grow()) give_back_idle();
  wake_waiters();
}

Instant TcpHost::next_deadline() const {
  if (may_wake_waiters()) return context_.now;
  return std::min(wheel_.next_deadline(), time_wait_.next_expiry());
}

}  // namespace strata
