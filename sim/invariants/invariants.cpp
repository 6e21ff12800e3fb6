#include "sim/invariants/invariants.hpp"

#include "sim/invariants/check_tcb.hpp"
#include "stack/stack_core.hpp"

namespace strata::sim {
namespace {

/// The stack's clock is checked against a deadline with the wheel's coarsest near tick as slack.
constexpr Duration kDeadlineSlack = Duration::millis(2);

const char* went_back(SeqNum before, SeqNum now, const char* what) {
  return now.before(before) ? what : nullptr;
}

}  // namespace

void Invariants::note(const Machine& machine, std::uint32_t flow, Instant at, const char* what) {
  if (what == nullptr || !broken_.empty()) return;
  const std::int64_t micros = (at - Instant()).count_micros();
  broken_ = machine.name() + ", connection " + std::to_string(flow) + ", at " + std::to_string(micros) +
            " us: " + what;
}

void Invariants::on_trace(const Machine& machine, const TraceEvent& event, Instant at) {
  if (event.kind != TraceKind::state_changed) return;
  const TraceState& state = event.state;
  if (!is_rfc_edge(state.old_state, state.new_state))
    note(machine, event.flow, at, "took an edge between states that RFC 9293 does not have");
  const auto known = states_.find({machine.number(), event.flow});
  if (known != states_.end() && known->second != state.old_state)
    note(machine, event.flow, at, "left a state that it was not in");
  states_[{machine.number(), event.flow}] = state.new_state;
}

void Invariants::on_power(Machine& machine, bool, Instant) {
  const auto is_of_machine = [&](const auto& row) { return row.first.first == machine.number(); };
  std::erase_if(edges_, is_of_machine);
  std::erase_if(states_, is_of_machine);
}

void Invariants::after_turn(Machine& machine, Instant at) {
  if (!broken_.empty()) return;
  machine.core().tcp().for_each([&](const Flow& flow) { check_flow(machine, flow, at); });
  check_stack(machine, at);
}

void Invariants::check_flow(const Machine& machine, const Flow& flow, Instant at) {
  const tcp::Tcb& tcb = flow.tcb();
  const tcp::Context& context = machine.core().tcp().context();
  const std::uint32_t number = tcb.flow_number;
  const Instant now = machine.now();
  if (flow.detached) return;  // a TIME-WAIT record stands for it
  note(machine, number, at, broken_order(tcb));
  note(machine, number, at, broken_scoreboard(tcb));
  note(machine, number, at, broken_timers(tcb, now));
  note(machine, number, at, broken_limit(tcb, context.config, context.islands_max));
  note(machine, number, at, check_progress(machine, flow));
  if (!tcp::is_synchronized(tcb.state)) return;
  const Edges edges{tcb.snd_una, tcb.snd_max, tcb.rcv_nxt, tcb.rcv_edge};
  const auto [known, is_new] = edges_.try_emplace({machine.number(), number}, edges);
  if (is_new) return;
  const Edges& before = known->second;
  note(machine, number, at, went_back(before.snd_una, edges.snd_una, "SND.UNA went back"));
  note(machine, number, at, went_back(before.snd_max, edges.snd_max, "the end of what was sent went back"));
  note(machine, number, at, went_back(before.rcv_nxt, edges.rcv_nxt, "RCV.NXT went back"));
  note(machine, number, at,
       went_back(before.rcv_edge, edges.rcv_edge, "the window shrank (RFC 9293 §3.8.6)"));
  known->second = edges;
}

/// The contract of Stack::next_deadline(): may be early, never late.
const char* Invariants::check_progress(const Machine& machine, const Flow& flow) {
  const Instant due = flow.connection.next_deadline();
  if (due.is_never() || machine.stack().next_deadline() <= due + kDeadlineSlack) return nullptr;
  return "the stack will wake too late for it";
}

void Invariants::check_stack(const Machine& machine, Instant at) {
  TcpHost& tcp = machine.core().tcp();
  const TcpConfig& config = tcp.config();
  if (tcp.connection_count() > machine.limits().connections_max)
    note(machine, 0, at, "more connections than there may be");
  if (tcp.time_wait_count() > machine.limits().time_wait_max)
    note(machine, 0, at, "more TIME-WAIT records than there may be");
  std::size_t half_open = 0;
  tcp.for_each(
      [&](const Flow& flow) { half_open += flow.connection.state() == TcpState::syn_received ? 1U : 0U; });
  if (half_open > config.syn_queue_max * machine.limits().listeners_max)
    note(machine, 0, at, "more half-open connections than there may be");
}

std::string leak_of(const Machine& machine) {
  if (!machine.is_up() || machine.stack().connection_count() > 0) return {};
  StackCore& core = machine.core();
  const auto held = [&](std::size_t count, const char* what) {
    return machine.name() + " without connections holds " + std::to_string(count) + " " + what;
  };
  if (const std::size_t n = core.pools().blocks.in_use(); n > 0) return held(n, "blocks");
  if (const std::size_t n = core.pools().nodes.in_use(); n > 0) return held(n, "queue nodes");
  if (const std::size_t n = core.pools().packets.in_use(); n > 0) return held(n, "packets");
  if (const std::size_t n = core.tcp().context().records.used(); n > 0) return held(n, "records");
  if (const std::size_t n = core.tcp().context().islands.size(); n > 0) return held(n, "islands");
  return {};
}

}  // namespace strata::sim
