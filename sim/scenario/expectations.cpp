#include "sim/scenario/expectations.hpp"

#include <algorithm>

#include "sim/scenario/open_ends.hpp"
#include "stack/stack_core.hpp"

namespace strata::sim {
namespace {

/// Parts by which a moment may be off, of the time since the first: hosts round, links take time.
constexpr std::int64_t kTolerance = 20;
constexpr Duration kTimeSlack = Duration::millis(5);

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "nothing" : text;
}

std::string range_text(const Expectation& wanted) {
  if (wanted.least == wanted.most) return std::to_string(wanted.least);
  if (wanted.most == UINT64_MAX) return "at least " + std::to_string(wanted.least);
  return "from " + std::to_string(wanted.least) + " to " + std::to_string(wanted.most);
}

bool is_within(const Expectation& wanted, std::uint64_t value) {
  return value >= wanted.least && value <= wanted.most;
}

const Machine* machine_named(const Observed::World& world, const std::string& name) {
  for (std::size_t i = 0; i < world.network.machine_count(); ++i) {
    if (world.network.machine(i).name() == name) return &world.network.machine(i);
  }
  return nullptr;
}

std::string counter_verdict(const Expectation& wanted, const Observed::World& world) {
  const Machine* machine = machine_named(world, wanted.whose);
  if (machine == nullptr || !machine->is_up()) return wanted.whose + " is down";
  const std::uint64_t value = machine->stack().counters()[wanted.counter];
  if (is_within(wanted, value)) return {};
  return wanted.whose + " counted " + std::to_string(value) + " " + std::string(name(wanted.counter)) +
         ", expected " + range_text(wanted);
}

std::string talk_fault(const Expectation& wanted, const TalkRecord& talk) {
  const std::string failure = talk.failure ? std::string(name(*talk.failure)) : "none";
  if (!wanted.failure.empty() && failure != wanted.failure)
    return "ended with " + failure + ", expected " + wanted.failure;
  if (wanted.received && talk.received != *wanted.received)
    return "read " + std::to_string(talk.received) + " bytes, expected " + std::to_string(*wanted.received);
  if (!wanted.within) return {};
  if (talk.ended.is_never()) return "has not ended";
  if (talk.ended - talk.began > *wanted.within)
    return "took " + seconds_text(Instant() + (talk.ended - talk.began)) + ", expected at most " +
           seconds_text(Instant() + *wanted.within);
  return {};
}

std::string talk_verdict(const Expectation& wanted, const Observed::World& world) {
  bool found = false;
  for (const TalkRecord& talk : world.ledger.talks()) {
    if (talk.program != wanted.whose) continue;
    found = true;
    if (const std::string fault = talk_fault(wanted, talk); !fault.empty()) return wanted.whose + " " + fault;
  }
  return found ? "" : wanted.whose + " never had a connection";
}

std::string voice_verdict(const Expectation& wanted, const Observed::World& world) {
  const auto record = world.ledger.voices().find(wanted.whose);
  if (record == world.ledger.voices().end() || record->second.frames.empty())
    return wanted.whose + " never spoke";
  const auto program = std::ranges::find(world.scenario.programs, wanted.whose, &ProgramPlan::name);
  const VoiceVerdict voice = judge(record->second, program->voice.playout);
  const std::uint64_t lost = voice.lost * 1'000'000 / voice.sent;
  const std::uint64_t late = voice.late * 1'000'000 / voice.sent;
  if (lost <= wanted.lost_most_ppm && late <= wanted.late_most_ppm && late >= wanted.late_least_ppm)
    return {};
  return wanted.whose + ": of " + std::to_string(voice.sent) + " frames " + std::to_string(voice.lost) +
         " lost, " + std::to_string(voice.late) + " late";
}

std::string open_verdict(const Expectation& wanted, const Observed::World& world) {
  const Machine* machine = machine_named(world, wanted.whose);
  std::vector<std::string> states;
  if (machine != nullptr && machine->is_up()) {
    machine->core().tcp().for_each([&](const Flow& flow) { states.emplace_back(name(flow.tcb().state)); });
    states.insert(states.end(), machine->stack().time_wait_count(), "TIME-WAIT");
  }
  if (states == wanted.states) return {};
  return wanted.whose + " has open " + joined(states) + ", expected " + joined(wanted.states);
}

}  // namespace

void Observed::on_frame(const FrameSeen& frame) {
  if (frame.direction != FrameDirection::out) return;
  for (std::size_t i = 0; i < left_.size(); ++i) {
    const Expectation& wanted = expectations_[i];
    if (wanted.kind == Expectation::Kind::frames && wanted.whose == frame.machine.name() &&
        is_of_kind(frame.bytes, wanted.frames))
      left_[i].push_back(frame.at);
  }
}

void Observed::on_trace(const Machine& machine, const TraceEvent& event, Instant) {
  if (event.kind != TraceKind::state_changed) return;
  states_[{machine.name(), event.flow}].emplace_back(name(event.state.new_state));
}

void Observed::judge(const World& world, std::vector<std::string>& failures) const {
  for (std::size_t i = 0; i < expectations_.size(); ++i) {
    const std::string fault = verdict(i, world);
    if (fault.empty()) continue;
    const int line = expectations_[i].line;
    failures.push_back((line > 0 ? "line " + std::to_string(line) + ": " : "") + fault);
  }
}

std::string Observed::verdict(std::size_t number, const World& world) const {
  const Expectation& wanted = expectations_[number];
  switch (wanted.kind) {
    case Expectation::Kind::counter: return counter_verdict(wanted, world);
    case Expectation::Kind::frames: return frames_verdict(number);
    case Expectation::Kind::talk: return talk_verdict(wanted, world);
    case Expectation::Kind::voice: return voice_verdict(wanted, world);
    case Expectation::Kind::open: return open_verdict(wanted, world);
    case Expectation::Kind::states: break;
  }
  const auto seen = states_.find({wanted.whose, wanted.flow});
  const std::vector<std::string> states = seen == states_.end() ? std::vector<std::string>() : seen->second;
  if (states == wanted.states) return {};
  return wanted.whose + " went through " + joined(states) + ", expected " + joined(wanted.states);
}

std::string Observed::frames_verdict(std::size_t number) const {
  const Expectation& wanted = expectations_[number];
  const std::vector<Instant>& left = left_[number];
  const std::string what = wanted.whose + " sent " + std::to_string(left.size()) + " frames of kind " +
                           std::string(name(wanted.frames));
  if (!is_within(wanted, left.size())) return what + ", expected " + range_text(wanted);
  if (wanted.times.empty()) return {};
  if (left.size() != wanted.times.size()) return what + ", expected " + std::to_string(wanted.times.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    const Duration since = left[i] - left.front();
    const Duration slack = std::max(kTimeSlack, wanted.times[i] / kTolerance);
    if (since < wanted.times[i] - slack || since > wanted.times[i] + slack)
      return what + ", number " + std::to_string(i + 1) + " after " + seconds_text(Instant() + since) +
             ", expected " + seconds_text(Instant() + wanted.times[i]);
  }
  return {};
}

}  // namespace strata::sim
