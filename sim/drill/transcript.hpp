// What happened in a run, line by line: the script's events, the stack's segments with their causes, its
// states and timers. Times count from the beginning of the script.
#pragma once

#include <string>
#include <vector>

#include "sim/drill/expectation.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata::drill {

class Transcript {
 public:
  explicit Transcript(Instant origin) : origin_(origin) {}

  void event(Instant at, const std::string& text);
  void sent(const Sent& sent);
  void trace(TraceEvent event);
  void note(Instant at, const std::string& text);

  std::vector<std::string> take() { return std::move(lines_); }

 private:
  void line(Instant at, std::string_view mark, const std::string& text);

  Instant origin_;
  Cause cause_ = Cause::none;  ///< of the segment that goes out next
  std::vector<std::string> lines_;
};

/// Seconds since `origin` with microseconds, `0.100000`.
std::string time_text(Duration time);

}  // namespace strata::drill
