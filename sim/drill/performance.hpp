// One run of one script: the clock of its events, the call that waits, and the first thing that went wrong.
// Used by play() alone.
#pragma once

#include <optional>
#include <string>

#include "sim/drill/calls.hpp"
#include "sim/drill/machine.hpp"
#include "sim/drill/player.hpp"
#include "sim/drill/settings.hpp"
#include "sim/drill/shell.hpp"
#include "sim/drill/transcript.hpp"

namespace strata::drill {

class Performance {
 public:
  explicit Performance(const PlayOptions& options);

  void set_option(const OptionLine& option);
  void play(const Event& event);
  bool is_over() const { return outcome_.verdict != Verdict::passed; }
  /// What is still to be judged when the script has no more events.
  Outcome finish();

 private:
  /// A call that was made, may still wait, and is judged when it is complete.
  struct Pending {
    const Event* event;
    const Call* call;
    Begun begun;
    std::optional<Duration> returns;  ///< when, since the beginning; nothing: at once
    Duration tolerance;
    std::optional<long> result;
    Duration completed;
  };

  // --- Time: since the beginning of the script ---
  Duration now() const { return machine_ ? machine_->now() - origin_ : last_; }
  /// When the script says that the event happens; the time of the last one for `*`.
  Duration due(const When& when) const;
  Duration from_origin_of(const When& when, Duration time) const;
  Duration tolerance_at(Duration due) const;
  void go_to(const Event& event);

  // --- Steps (performance.cpp) ---
  /// False when the script asks for what cannot be.
  bool start(const Event& event);
  void inject(const Event& event, const PacketSpec& packet);
  void inject_icmp(const Event& event, const IcmpSpec& icmp);
  void run_shell(const Event& event, const ShellLine& line);
  void perform(const Event& event, const ShellAction& action);
  void set_parameter(const Event& event, const SetParameter& parameter);
  void put_in_force(const Event& event);
  void run_code(const Event& event, const CodeBlock& block);

  // --- Calls (performance_calls.cpp) ---
  void make_call(const Event& event, const Call& call);
  void ask_pending(Instant now);
  void judge_pending();
  void await_pending();

  // --- Expected packets (performance_packets.cpp) ---
  void expect(const Event& event, const PacketSpec& packet);
  void judge_packet(const Event& event, const PacketSpec& packet, std::size_t burst);
  void judge_time(const Event& event, Duration at, std::string_view what);
  void report_missing(const Event& event);
  void judge_leftovers();

  void fail(const Event& event, std::string what, std::string actual = {});
  void unsupported(const Event& event, std::string what) { unsupported(event, event.at, std::move(what)); }
  void unsupported(const Event& event, Position at, std::string what);
  void judge(const Event& event, const ScriptError& error);

  PlayOptions options_;
  Settings settings_;
  Outcome outcome_;
  Instant origin_;
  Transcript transcript_;
  Duration last_;  ///< the time of the last event, as it happened
  const Event* last_event_ = nullptr;
  std::optional<Machine> machine_;
  std::optional<Calls> calls_;
  std::optional<Pending> pending_;  // last: it refers to the machine
};

}  // namespace strata::drill
