// What one end of a conversation went through, segment by segment: its states and why it sent what it sent.
// Exact when the end's own trace is at hand, else inferred from the segments by the rules of RFC 9293.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "obs/conversation.hpp"
#include "obs/trace_text.hpp"
#include "strata/trace.hpp"

namespace strata::obs {

/// A change of state that no segment caused or announced.
struct Interlude {
  std::size_t after_row = 0;
  TcpState state = TcpState::closed;
  Cause cause = Cause::none;
};

/// A row is a segment of the conversation; vectors have one element per row.
struct EndHistory {
  bool exact = false;
  TcpState before = TcpState::closed;  ///< before the first row
  std::vector<TcpState> after;         ///< once the row's segment was sent or has arrived
  std::vector<Cause> causes;           ///< of rows this end sent
  std::vector<std::string> remarks;    ///< what else is worth a word: a retransmission, a drop
  std::vector<Interlude> interludes;
};

/// The events of the flow that is this end of the conversation; none when the trace does not know it.
std::vector<TraceEvent> events_of(const Conversation& conversation, Side side, const Trace& trace);

EndHistory infer_history(const Conversation& conversation, Side side);
/// Nothing when the trace has no flow between these endpoints as seen from `side`.
std::optional<EndHistory> trace_history(const Conversation& conversation, Side side, const Trace& trace);
/// From the trace where there is one.
EndHistory history_of(const Conversation& conversation, Side side, const Trace& trace);

}  // namespace strata::obs
