// Plays one script on a machine of its own and judges: every packet and every call at its time, or the first
// thing that is not as the script says. The same script gives the same bytes every time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/drill/script.hpp"
#include "sim/drill/settings.hpp"
#include "strata/capture.hpp"

namespace strata::drill {

struct PlayOptions {
  Profile profile = Profile::linux;
  bool exact = false;   ///< no tolerance where the script names none
  bool ipv6 = false;    ///< as if the script said --ip_version=ipv6
  CaptureSink capture;  ///< sees every frame; may be empty
};

enum class Verdict : std::uint8_t { passed, failed, unsupported };

struct Outcome {
  Verdict verdict = Verdict::passed;
  Position at;         ///< the event that decided
  std::string event;   ///< as the script writes it
  std::string what;    ///< what is wrong, or what is unsupported
  std::string actual;  ///< what came instead, if something did
  /// What happened up to there: the script's events, what the stack sent and why, its states and timers.
  std::vector<std::string> transcript;
};

Outcome play(const Script& script, const PlayOptions& options);

}  // namespace strata::drill
