// What handles do: listen, accept, connect, let go, and hear.
#include <algorithm>

#include "stack/tcp_host.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata {

Result<SocketId> TcpHost::listen(const Endpoint& local, const ListenOptions& options) {
  if (local.port == 0 && !options.any_port) return Err{Errc::invalid_argument};
  if (!options.any_address && !local.address.is_unspecified() &&
      !internet_.is_local(local.address, NicId{local.zone}))
    return Err{Errc::address_not_available};
  const ListenPlace place{.local = local,
                          .any_port = options.any_port,
                          .shared = options.share_port,
                          .ipv6_only = options.ipv6_only};
  if (listeners_.is_taken(place)) return Err{Errc::address_in_use};
  const std::uint32_t index = listeners_.add(place);
  if (index == ListenTable::kNone) return Err{Errc::no_memory};
  listeners_.all()[index].backlog = bounded_backlog(options.backlog);
  listeners_.all()[index].settings = options.settings;
  return SocketId{.index = index, .generation = listeners_.all().generation(index)};
}

void TcpHost::close_listener(SocketId id) {
  Listener* listener = find_listener(id);
  if (listener == nullptr) return;
  // What was not accepted has no owner, nor will it get one.
  flows_.for_each([&](std::uint32_t, Flow& flow) {
    if (flow.listener != id.index) return;
    leave_listener(flow);
    release(flow, true);
  });
  if (listener->ready_hook.linked()) ready_listeners_.remove(*listener);
  listeners_.remove(id.index);
}

Result<SocketId> TcpHost::accept(SocketId id) {
  Listener* listener = find_listener(id);
  if (listener == nullptr) return Err{Errc::closed};
  Flow* flow = listener->accepted.front();
  if (flow == nullptr) return Err{Errc::would_block};
  leave_listener(*flow);
  flow->owned = true;
  return SocketId{.index = flow->index, .generation = flows_.generation(flow->index)};
}

Result<SocketId> TcpHost::connect(const Endpoint& remote, const ConnectOptions& options, Instant now) {
  context_.now = now;
  if (remote.port == 0 || remote.address.is_unspecified() || remote.address.is_multicast() ||
      remote.address.is_limited_broadcast()) {
    return Err{Errc::invalid_argument};
  }
  const bool fixed = !options.local.address.is_unspecified();
  const NicId zone{remote.zone};
  if (fixed && !options.any_address && !internet_.is_local(options.local.address, zone))
    return Err{Errc::address_not_available};
  const auto choice = fixed ? internet_.route(remote.address, options.local.address, zone)
                            : internet_.route(remote.address, zone);
  if (!choice) return Err{choice.error()};
  if (choice->to_group) return Err{Errc::invalid_argument};
  tcp::FlowKey key{.local = {.address = choice->source, .zone = 0, .port = options.local.port},
                   .remote = remote};
  // What the peer's packets will come with.
  const bool scoped = remote.address.needs_zone() || choice->source.needs_zone();
  key.local.zone = key.remote.zone = scoped ? static_cast<std::uint32_t>(choice->nic) : 0;
  const auto is_free = [&](std::uint16_t port) {
    key.local.port = port;
    return lookup(key, flow_hash(flow_key_, key)) == FlowTable::kNone &&
           !listeners_.is_taken({.local = key.local});
  };
  if (key.local.port == 0) {
    if (!ports_.choose(key, is_free)) return Err{Errc::address_not_available};
  } else if (lookup(key, flow_hash(flow_key_, key)) != FlowTable::kNone) {
    return Err{Errc::address_in_use};
  }
  Flow* flow = make_flow(key, *choice);
  if (flow == nullptr) return Err{Errc::no_memory};
  flow->owned = true;
  flow->tcb().settings.set(options.settings);
  tcp::open_active(flow->tcb(), context_, tcp::initial_sequence_number(isn_key_, key, now));
  if (options.fast_open != FastOpenUse::none) prepare_fast_open(*flow, options.fast_open);
  const SocketId id{.index = flow->index, .generation = flows_.generation(flow->index)};
  touch(*flow);
  return id;
}

void TcpHost::prepare_fast_open(Flow& flow, FastOpenUse use) {
  constexpr std::uint8_t kClient = 1;
  constexpr std::uint8_t kWithoutCookie = 4;
  using enum FastOpenOption::Form;
  if ((config_.fast_open & kClient) == 0 || flow.tcb().syn_extent != tcp::SynExtent::all) return;
  tcp::Rare* const rare = flow.tcb().rare.make();
  if (rare == nullptr) return;  // an ordinary SYN does as well
  tcp::FastOpen& fast = rare->fast_open;
  const KnownServer* const server = fast_open_servers_.find(flow.tcb().flow.remote.address);
  fast.is_on = true;
  if (server != nullptr) fast.peer_mss = server->mss;
  if ((config_.fast_open & kWithoutCookie) != 0) {
    fast.carries_data = true;
  } else if (server != nullptr && server->cookie.size > 0) {
    fast.option = server->cookie;
    fast.carries_data = true;
  } else {
    fast.option.form = server != nullptr && server->prefers_experimental ? experimental : standard;
  }
  if (use != FastOpenUse::deferred || !fast.carries_data) return;
  fast.waits_for_data = true;
  flow.tcb().syn_pending = false;
}

/// The SYN-ACK came: what it says of cookies is kept for the next connection.
void TcpHost::learn_fast_open(Flow& flow) {
  const tcp::FastOpen& fast = flow.tcb().rare->fast_open;
  KnownServer& server = fast_open_servers_.entry(flow.tcb().flow.remote.address);
  server.mss = fast.announced_mss;
  if (fast.cookie.size > 0) server.cookie = fast.cookie;
  if (fast.was_ignored) server.prefers_experimental = fast.option.form == FastOpenOption::Form::standard;
  flow.tcb().rare->fast_open = {};
  if (flow.tcb().rare->is_over()) flow.tcb().rare.reset();
}

bool TcpHost::is_port_used(const ListenPlace& place, bool reuse) {
  const auto is_in_way = [&](const Endpoint& other, bool other_reuses) {
    return overlap(place, {.local = other}) && !(reuse && other_reuses);
  };
  if (listeners_.is_taken(place)) return true;
  bool used = false;
  flows_.for_each([&](std::uint32_t, const Flow& flow) {
    used = used || (flow.in_table && is_in_way(flow.tcb().flow.local, flow.tcb().settings->reuse_address));
  });
  for (std::uint32_t i = time_wait_.oldest(); !used && i != tcp::TimeWaitTable::kNone; i = time_wait_[i].next)
    used = is_in_way(time_wait_[i].key().local, time_wait_[i].reuse_address);
  return used;
}

std::uint16_t TcpHost::bounded_backlog(std::uint16_t backlog) const {
  return std::max<std::uint16_t>(1, std::min(backlog, config_.backlog_max));
}

void TcpHost::release(Flow& flow, bool abort) {
  flow.owned = false;
  flow.waker = {};
  flow.pending = Ready::none;
  if (flow.ready_hook.linked()) ready_.remove(flow);
  if (flow.wait_hook.linked()) memory_waiters_.remove(flow);
  flow.tcb().waits_for_memory = false;
  if (abort) {
    tcp::abort(flow.tcb(), context_);
  } else {
    tcp::close(flow.tcb(), context_);
  }
  touch(flow);
}

TcpState TcpHost::state_of(const Flow& flow) const {
  if (!flow.detached) return flow.connection.state();
  const std::uint32_t slot = lookup(flow.tcb().flow, flow.hash);
  const bool waits = slot != FlowTable::kNone && (slot & FlowTable::kTimeWaitBit) != 0 &&
                     time_wait_[slot & ~FlowTable::kTimeWaitBit].flow_number == flow.tcb().flow_number;
  return waits ? TcpState::time_wait : TcpState::closed;
}

void TcpHost::set_waker(Flow& flow, Waker waker) {
  flow.waker = waker;
  collect_events(flow);
}

void TcpHost::set_waker(Listener& listener, Waker waker) {
  listener.waker = waker;
  if (waker.function != nullptr && !listener.accepted.empty() && !listener.ready_hook.linked()) {
    ready_listeners_.push_back(listener);
  }
}

// A waker may close its own socket or any other: each is taken off its list before it is called.
void TcpHost::dispatch() {
  while (Listener* listener = ready_listeners_.pop_front()) {
    const Waker waker = listener->waker;
    if (waker.function != nullptr) waker.function(waker.context, Ready::acceptable);
  }
  while (Flow* flow = ready_.pop_front()) {
    const Waker waker = flow->waker;
    const Ready pending = std::exchange(flow->pending, Ready::none);
    if (waker.function != nullptr) waker.function(waker.context, pending);
  }
}

}  // namespace strata
