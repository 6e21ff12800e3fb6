#include "sim/scenario/run_scenario.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.hpp"
#include "sim/invariants/invariants.hpp"
#include "sim/scenario/expectations.hpp"
#include "sim/scenario/open_ends.hpp"

namespace strata::sim {
namespace {

void restore(Pipe& pipe, const PipeConfig& config, FaultPlan::Kind kind) {
  if (kind == FaultPlan::Kind::mtu) return pipe.set_mtu(config.mtu);
  if (kind == FaultPlan::Kind::rate) return pipe.set_rate(config.queue.rate_bits_per_second);
  pipe.set_faults(config.faults);
  pipe.set_truncation(config.truncate_ppm);
}

class ScenarioRun {
 public:
  ScenarioRun(const Scenario& scenario, std::uint64_t seed, const std::vector<Watcher*>& watchers)
      : scenario_(scenario), network_(seed), observed_(scenario.expectations) {
    network_.watch(invariants_);
    network_.watch(observed_);
    for (Watcher* watcher : watchers) network_.watch(*watcher);
    build();
  }

  RunReport run() {
    RunReport report;
    const Duration limit = scenario_.settles_within > Duration()
                               ? std::min(scenario_.until, last_start() + scenario_.settles_within)
                               : scenario_.until;
    const bool over = network_.run_until([this] { return is_broken() || is_over(); }, limit);
    if (is_broken()) report.failures.push_back(invariants_.broken());
    if (network_.is_stuck())
      report.failures.emplace_back("machines answer each other for ever at one moment");
    if (!over && scenario_.settles && report.passed()) not_settled(report);
    if (over && scenario_.settles && report.passed()) run_to_rest(report);
    add_wrong_bytes(report);
    observed_.judge({.network = network_, .ledger = ledger_, .scenario = scenario_}, report.failures);
    report.trace_hash = network_.trace_hash();
    report.frames = network_.frames_arrived();
    report.ended = network_.now();
    report.voice_records = ledger_.voices();
    for (const auto& [name, record] : ledger_.voices()) report.voices[name] = judge(record, playout_of(name));
    return report;
  }

 private:
  void build();
  void add_program(const ProgramPlan& plan);
  Machine::Program program_of(const ProgramPlan& plan);
  void add_fault(const FaultPlan& plan);
  void begin_fault(const FaultPlan& plan);
  void end_fault(const FaultPlan& plan);
  Machine& machine(const std::string& name);
  Link& link(const std::string& name);
  const LinkPlan& link_plan(const std::string& name) const;
  Node& node(const std::string& name);

  bool is_broken() const { return !invariants_.broken().empty(); }
  /// When the last program starts and the last fault has ended.
  Duration last_start() const {
    Duration last;
    for (const ProgramPlan& program : scenario_.programs) last = std::max(last, program.at);
    for (const FaultPlan& fault : scenario_.faults) last = std::max(last, fault.at + fault.lasts);
    return last;
  }
  bool is_over() const {
    if (!scenario_.settles || network_.now() < Instant() + last_start()) return false;
    const auto has_ended = [](const TalkRecord& talk) { return talk.cut_off || !talk.ended.is_never(); };
    return std::ranges::all_of(ledger_.talks(), has_ended);
  }
  void not_settled(RunReport& report) {
    report.failures.push_back("did not settle by " + seconds_text(network_.now()));
    report.still_open = open_ends(network_, ledger_);
  }
  /// The programs are done: now every connection has to go, TIME-WAIT with it, and every byte of memory.
  void run_to_rest(RunReport& report) {
    const auto at_rest = [this] { return is_broken() || stacks_are_empty(); };
    const bool rested = network_.run_until(at_rest, kRestMax);
    if (is_broken()) report.failures.push_back(invariants_.broken());
    if (!rested) {
      report.failures.push_back("connections stay open after their programs have ended, at " +
                                seconds_text(network_.now()));
      report.still_open = open_ends(network_, ledger_);
    }
    if (!report.passed()) return;
    network_.run_for(kQuiet);  // what is still under way arrives
    for (std::size_t i = 0; i < network_.machine_count(); ++i) {
      if (const std::string leak = leak_of(network_.machine(i)); !leak.empty())
        report.failures.push_back(leak);
    }
  }
  bool stacks_are_empty() {
    for (std::size_t i = 0; i < network_.machine_count(); ++i) {
      const Machine& at = network_.machine(i);
      if (at.is_up() &&
          std::as_const(at).stack().connection_count() + std::as_const(at).stack().time_wait_count() > 0)
        return false;
    }
    return true;
  }
  void add_wrong_bytes(RunReport& report) const {
    for (const TalkRecord& talk : ledger_.talks()) {
      if (!talk.wrong.empty())
        report.failures.push_back(talk.program + " on " + talk.machine + ": " + talk.wrong);
    }
  }
  Duration playout_of(const std::string& name) const {
    const auto plan = std::ranges::find(scenario_.programs, name, &ProgramPlan::name);
    return plan == scenario_.programs.end() ? VoicePlan().playout : plan->voice.playout;
  }

  /// An orphan may still try for a while (orphan_retries), FIN-WAIT-2 and TIME-WAIT last a minute each.
  static constexpr Duration kRestMax = Duration::seconds(900);
  /// Longer than a neighbour that does not answer is asked, with packets waiting for it.
  static constexpr Duration kQuiet = Duration::seconds(10);

  const Scenario& scenario_;
  Ledger ledger_;  // before the network: programs write to it to their end
  Invariants invariants_;
  Network network_;
  Observed observed_;
  std::vector<Switch*> switches_;
};

void ScenarioRun::build() {
  for (const MachineConfig& config : scenario_.machines) network_.add_machine(config);
  for (const SwitchPlan& plan : scenario_.switches)
    switches_.push_back(&network_.add_switch(plan.name, plan.learns));
  for (const LinkPlan& plan : scenario_.links) network_.connect(node(plan.from), node(plan.to), plan.config);
  for (const ProgramPlan& plan : scenario_.programs) {
    if (!plan.left_out) add_program(plan);
  }
  for (const FaultPlan& plan : scenario_.faults) {
    if (!plan.left_out) add_fault(plan);
  }
}

void ScenarioRun::add_program(const ProgramPlan& plan) {
  const bool is_server = plan.kind == ProgramPlan::Kind::listen;
  machine(plan.on).run(program_of(plan), Instant() + plan.at, is_server);
}

Machine::Program ScenarioRun::program_of(const ProgramPlan& plan) {
  using enum ProgramPlan::Kind;
  Endpoint remote;
  if (!plan.to.empty()) remote = {.address = machine(plan.to).address(), .zone = 0, .port = plan.port};
  switch (plan.kind) {
    case connect: return connecting(ledger_, plan.name, remote, plan.talk);
    case listen: return listening(ledger_, plan.name, plan.port, plan.talk);
    case flood: return flooding(machine(plan.to), plan.port, plan.flood);
    case voice_udp_send: return sim::voice_udp_send(ledger_, plan.name, remote, plan.voice);
    case voice_udp_receive: return sim::voice_udp_receive(ledger_, plan.name, plan.port);
    case voice_tcp_send: return sim::voice_tcp_send(ledger_, plan.name, remote, plan.voice);
    case voice_tcp_receive: return sim::voice_tcp_receive(ledger_, plan.name, plan.port, plan.voice);
  }
  return {};
}

void ScenarioRun::add_fault(const FaultPlan& plan) {
  network_.call_at(Instant() + plan.at, [this, &plan] { begin_fault(plan); });
  if (plan.lasts > Duration())
    network_.call_at(Instant() + plan.at + plan.lasts, [this, &plan] { end_fault(plan); });
}

void ScenarioRun::begin_fault(const FaultPlan& plan) {
  using enum FaultPlan::Kind;
  switch (plan.kind) {
    case down: return link(plan.target).set_up(false);
    case faults:
      for (Pipe* pipe : {&link(plan.target).there(), &link(plan.target).back()}) {
        pipe->set_faults(plan.faults);
        pipe->set_truncation(plan.truncate_ppm);
      }
      return;
    case mtu:
      for (Pipe* pipe : {&link(plan.target).there(), &link(plan.target).back()})
        pipe->set_mtu(static_cast<std::size_t>(plan.amount));
      return;
    case rate:
      for (Pipe* pipe : {&link(plan.target).there(), &link(plan.target).back()}) pipe->set_rate(plan.amount);
      return;
    case crash: return machine(plan.target).crash();
    case clock_jump: return machine(plan.target).jump_clock(plan.ahead);
    case squeeze: return machine(plan.target).squeeze(plan.amount, plan.amount);
  }
}

void ScenarioRun::end_fault(const FaultPlan& plan) {
  using enum FaultPlan::Kind;
  switch (plan.kind) {
    case down: return link(plan.target).set_up(true);
    case faults:
    case mtu:
    case rate: {
      Link& at = link(plan.target);
      const LinkConfig& config = link_plan(plan.target).config;
      restore(at.there(), config.there, plan.kind);
      restore(at.back(), config.back, plan.kind);
      return;
    }
    case crash: return machine(plan.target).restart();
    case clock_jump: return;
    case squeeze: return machine(plan.target).relieve();
  }
}

Machine& ScenarioRun::machine(const std::string& name) {
  const auto at = std::ranges::find(scenario_.machines, name, &MachineConfig::name);
  STRATA_CHECK(at != scenario_.machines.end());
  return network_.machine(static_cast<std::size_t>(at - scenario_.machines.begin()));
}

const LinkPlan& ScenarioRun::link_plan(const std::string& name) const {
  const auto at = std::ranges::find(scenario_.links, name, &LinkPlan::name);
  STRATA_CHECK(at != scenario_.links.end());
  return *at;
}

Link& ScenarioRun::link(const std::string& name) {
  return network_.link(static_cast<std::size_t>(&link_plan(name) - scenario_.links.data()));
}

Node& ScenarioRun::node(const std::string& name) {
  const auto at = std::ranges::find(scenario_.switches, name, &SwitchPlan::name);
  if (at == scenario_.switches.end()) return machine(name);
  return *switches_[static_cast<std::size_t>(at - scenario_.switches.begin())];
}

}  // namespace

RunReport run_scenario(const Scenario& scenario, std::uint64_t seed, const std::vector<Watcher*>& watchers) {
  ScenarioRun run(scenario, seed, watchers);
  return run.run();
}

}  // namespace strata::sim
