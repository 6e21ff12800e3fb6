// Who waits for memory hears of it, and while it is short the idle give back what they grew to. Without the
// first a writer that has nothing under way would wait for ever: no ACK will wake it.
#include <algorithm>

#include "stack/tcp_host.hpp"
#include "transport/tcp/receive_space.hpp"
#include "transport/tcp/send_space.hpp"

namespace strata {
namespace {

/// Connections that one call of advance() looks at.
constexpr int kLooks = 64;

}  // namespace

void TcpHost::file_waiter(Flow& flow) {
  if (flow.owned && flow.tcb().waits_for_memory && !flow.wait_hook.linked()) memory_waiters_.push_back(flow);
}

void TcpHost::wait_for_room(Flow& flow) {
  tcp::wait_for_room(flow.tcb(), context_);
  file_waiter(flow);
}

bool TcpHost::may_wake_waiters() const {
  return !memory_waiters_.empty() && memory_.level() < tcp::MemoryLevel::full;
}

/// In order of coming, and no more of them than there is memory for.
void TcpHost::wake_waiters() {
  if (!may_wake_waiters()) return;
  const std::size_t each = std::max<std::size_t>(config_.send_buffer, 1);
  for (std::size_t left = memory_.room() / each + 1; left > 0 && !memory_waiters_.empty(); --left) {
    Flow& flow = *memory_waiters_.pop_front();
    tcp::Tcb& tcb = flow.tcb();
    tcb.waits_for_memory = tcb.send_blocked = false;
    tcb.signal(Ready::writable);
    collect_events(flow);
  }
}

void TcpHost::give_back_idle() {
  for (int i = 0; i < kLooks; ++i) {
    if (idle_hand_ >= flows_.index_end()) idle_hand_ = 0;
    if (Flow* flow = flows_.at_or_null(idle_hand_++)) tcp::give_back_if_idle(flow->tcb(), context_.now);
  }
}

}  // namespace strata
