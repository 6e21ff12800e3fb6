// Trace events as lines of text and back (STYLE R14: the core emits values, formatting happens here). A line
// holds all that its event holds, so that a written trace can be drawn later as if the run were live:
//
//   0.001234567 flow 1 is 10.77.0.2:80 to 10.77.0.1:43210
//   0.001234567 flow 1 received S seq 2886412345 ack 0 len 0 win 64240
//   0.001234567 flow 1 state LISTEN -> SYN-RECEIVED (syn_arrived)
//   0.001240000 server flow 1 sent S. seq 7 ack 2886412346 len 0 win 65535 (syn_arrived)
//
// A word between time and `flow` names the stack, for traces that hold several. Lines that begin with `#` are
// notes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "strata/trace.hpp"

namespace strata::obs {

/// tcpdump's letters: `S.`, `P.`, `F.`, `R`, `none`. `flags` are the wire bits.
std::string tcp_flag_letters(std::uint16_t flags);

/// The flags that such letters mean; nothing when a letter is unknown.
std::optional<std::uint16_t> parse_tcp_flag_letters(std::string_view letters);

/// Appends one line, with its end, to `to`: a string that is kept and cleared costs no memory after the first
/// lines.
void append_trace_line(std::string& to, const TraceEvent& event, std::string_view host = {});

/// An event and the stack it comes from; `host` is empty in the trace of a single stack.
struct TraceRecord {
  std::string host;
  TraceEvent event;
};

/// Nothing when the line (without its end) is not exactly what append_trace_line() writes.
std::optional<TraceRecord> parse_trace_line(std::string_view line);

/// A whole trace. Notes are lines `# key: value`: what the run knew and the events do not say.
struct Trace {
  std::vector<std::pair<std::string, std::string>> notes;
  std::vector<TraceRecord> records;
  std::size_t bad_lines = 0;

  /// The value of a note, empty when there is none.
  std::string_view note(std::string_view key) const;
};

Trace parse_trace(std::string_view text);
/// `# key: value`, with its line end.
std::string note_line(std::string_view key, std::string_view value);

}  // namespace strata::obs
