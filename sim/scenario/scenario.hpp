// A scenario as a value: which machines there are, how they are joined, what runs on them, what goes wrong,
// and what is expected. Written in C++ or read from a file (read_scenario.hpp); run_scenario.hpp makes it
// happen.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/frame_kind.hpp"
#include "sim/network.hpp"
#include "sim/programs/flood.hpp"
#include "sim/programs/talk.hpp"
#include "sim/programs/voice.hpp"
#include "strata/counters.hpp"
#include "strata/error.hpp"
#include "strata/time.hpp"

namespace strata::sim {

struct SwitchPlan {
  std::string name;
  bool learns = true;
};

struct LinkPlan {
  std::string from;
  std::string to;
  LinkConfig config;
  std::string name() const { return from + "-" + to; }
};

struct ProgramPlan {
  enum class Kind : std::uint8_t {
    connect,
    listen,
    flood,
    voice_udp_send,
    voice_udp_receive,
    voice_tcp_send,
    voice_tcp_receive,
  };
  std::string name;
  std::string on;
  Kind kind = Kind::connect;
  std::string to;  ///< a machine
  std::uint16_t port = 80;
  Duration at;
  TalkPlan talk;
  VoicePlan voice;
  FloodPlan flood;
  bool left_out = false;  ///< as if it were not there (shrink.hpp)
};

/// Something goes wrong at a moment, and is right again after a while.
struct FaultPlan {
  enum class Kind : std::uint8_t { down, faults, mtu, rate, crash, clock_jump, squeeze };
  Kind kind = Kind::down;
  Duration at;
  Duration lasts;           ///< zero: for good
  std::string target;       ///< a link or a machine
  ImpairmentConfig faults;  ///< of a link, both ways, in place of its own
  std::uint32_t truncate_ppm = 0;
  std::uint64_t amount = 0;  ///< an MTU, a rate, blocks left
  Duration ahead;            ///< of a clock
  bool left_out = false;
};

/// What must hold at the end.
struct Expectation {
  enum class Kind : std::uint8_t { counter, states, frames, talk, voice, open };
  Kind kind = Kind::counter;
  int line = 0;       ///< where it stands in the file
  std::string whose;  ///< a machine, or a program
  Counter counter = Counter::frames_in;
  FrameKind frames = FrameKind::any;
  std::uint64_t least = 0;
  std::uint64_t most = UINT64_MAX;
  std::vector<std::string>
      states;  ///< of the machine's connection `flow`, in order; open: of those still there
  std::uint32_t flow = 1;
  std::vector<Duration> times;  ///< when the frames left
  std::string failure;          ///< of a conversation: `none`, or an error's name; empty: any
  std::optional<std::uint64_t> received;
  std::optional<Duration> within;  ///< a conversation took so long at most
  std::uint32_t lost_most_ppm = 1'000'000;
  std::uint32_t late_most_ppm = 1'000'000;
  std::uint32_t late_least_ppm = 0;
};

struct Scenario {
  std::string name;
  std::string title;
  Duration until = Duration::seconds(600);
  bool settles = true;      ///< all conversations end and nothing stays open
  Duration settles_within;  ///< after the last fault and the last start; zero: until the end
  std::vector<MachineConfig> machines;
  std::vector<SwitchPlan> switches;
  std::vector<LinkPlan> links;
  std::vector<ProgramPlan> programs;
  std::vector<FaultPlan> faults;
  std::vector<Expectation> expectations;
  bool random = false;  ///< the seed chooses links, programs and faults (random_scenario.hpp)
};

}  // namespace strata::sim
