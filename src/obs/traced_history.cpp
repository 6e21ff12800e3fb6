// States and causes from an end's own trace. The events of the flow are laid beside the captured segments;
// both have one order, so clocks need not agree, and a captured segment that the stack never saw simply stays
// without an event.
#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "obs/end_history.hpp"
#include "wire/tcp.hpp"

namespace strata::obs {
namespace {

constexpr std::size_t kNoRow = std::numeric_limits<std::size_t>::max();

/// Whether the captured segment is the traced one, or a piece of the super-segment that was traced.
bool shows(const SeenSegment& s, const TraceSegment& traced) {
  const auto has = [&](std::uint16_t flag) { return (traced.flags & flag) != 0; };
  if (s.has(tcp_flag::kSyn) != has(tcp_flag::kSyn) || s.has(tcp_flag::kRst) != has(tcp_flag::kRst))
    return false;
  if (s.has(tcp_flag::kAck) && s.ack.raw() != traced.ack) return false;
  const SeqNum begin(traced.seq);
  const SeqNum end = begin + traced.length + (has(tcp_flag::kSyn) ? 1 : 0) + (has(tcp_flag::kFin) ? 1 : 0);
  if ((s.end() == s.seq) != (end == begin)) return false;
  return begin.at_or_before(s.seq) && s.end().at_or_before(end);
}

class Alignment {
 public:
  Alignment(const Conversation& conversation, Side side, std::span<const TraceEvent> events)
      : conversation_(conversation), side_(side), events_(events), row_of_(events.size(), kNoRow) {
    for (std::size_t row = 0; row < conversation.segments.size(); ++row) place(row);
  }

  /// The last row that shows the event, or kNoRow.
  std::size_t row_of(std::size_t event) const { return row_of_[event]; }
  /// The row of the last segment before the event; the first row when there is none.
  std::size_t row_before(std::size_t event) const {
    while (event-- > 0) {
      if (row_of_[event] != kNoRow) return row_of_[event];
    }
    return 0;
  }
  /// The first row in which this end sent one of these flags, or kNoRow.
  std::size_t first_sent(std::uint16_t flags) const {
    for (std::size_t row = 0; row < conversation_.segments.size(); ++row) {
      const SeenSegment& s = conversation_.segments[row];
      if (s.from == side_ && s.has(flags)) return row;
    }
    return kNoRow;
  }

 private:
  /// How far one direction of the trace may run ahead of the capture.
  static constexpr std::size_t kLookAhead = 4096;

  void place(std::size_t row) {
    const SeenSegment& s = conversation_.segments[row];
    const TraceKind kind = s.from == side_ ? TraceKind::segment_sent : TraceKind::segment_received;
    std::size_t& cursor = cursors_[s.from == side_ ? 0 : 1];
    const std::size_t stop = std::min(events_.size(), cursor + kLookAhead);
    for (std::size_t i = cursor; i < stop; ++i) {
      if (events_[i].kind != kind || !shows(s, events_[i].segment)) continue;
      row_of_[i] = row;
      cursor = events_[i].segment.gso_size != 0 ? i : i + 1;
      return;
    }
  }

  const Conversation& conversation_;
  Side side_;
  std::span<const TraceEvent> events_;
  std::vector<std::size_t> row_of_;
  std::array<std::size_t, 2> cursors_{};
};

bool is_timeout(Cause cause) {
  return cause >= Cause::timeout_retransmission && cause <= Cause::timeout_persist;
}

/// A change of state and the row that shows it; an interlude stands after its row.
struct Placed {
  std::size_t row = 0;
  std::size_t event = 0;
  bool interlude = false;
  TcpState state = TcpState::closed;
  Cause cause = Cause::none;
};

/// What an end decides by itself shows in the segment that says so; all else follows from the segment before.
Placed place_change(const TraceEvent& event, std::size_t index, const Alignment& alignment) {
  const TcpState state = event.state.new_state;
  Placed placed{.row = alignment.row_before(index),
                .event = index,
                .interlude = is_timeout(event.cause),
                .state = state,
                .cause = event.cause};
  if (placed.interlude) return placed;
  std::size_t said = kNoRow;
  if (state == TcpState::fin_wait_1 || state == TcpState::last_ack)
    said = alignment.first_sent(tcp_flag::kFin);
  if (state == TcpState::syn_sent) said = alignment.first_sent(tcp_flag::kSyn);
  if (event.cause == Cause::app_close || event.cause == Cause::app_abort) {
    if (said == kNoRow) said = alignment.first_sent(tcp_flag::kRst);
    placed.interlude = said == kNoRow;
  }
  if (said != kNoRow) placed.row = said;
  return placed;
}

TcpState state_before(const std::vector<TraceEvent>& events) {
  for (const TraceEvent& event : events) {
    if (event.kind != TraceKind::state_changed) continue;
    // A connection that a SYN makes was its listener's until then (RFC 9293 §3.10.7.2).
    return event.cause == Cause::syn_arrived ? TcpState::listen : event.state.old_state;
  }
  return TcpState::established;
}

}  // namespace

std::vector<TraceEvent> events_of(const Conversation& conversation, Side side, const Trace& trace) {
  const Endpoint& local = conversation.end(side);
  const Endpoint& remote = conversation.end(other(side));
  const auto named = std::find_if(trace.records.begin(), trace.records.end(), [&](const TraceRecord& record) {
    if (record.event.kind != TraceKind::established_flow) return false;
    const TraceFlow& flow = record.event.endpoints;
    return flow.local == local.address && flow.local_port == local.port && flow.remote == remote.address &&
           flow.remote_port == remote.port;
  });
  std::vector<TraceEvent> events;
  if (named == trace.records.end()) return events;
  for (const TraceRecord& record : trace.records) {
    if (record.host == named->host && record.event.flow == named->event.flow) events.push_back(record.event);
  }
  return events;
}

std::optional<EndHistory> trace_history(const Conversation& conversation, Side side, const Trace& trace) {
  const std::vector<TraceEvent> events = events_of(conversation, side, trace);
  const std::size_t rows = conversation.segments.size();
  if (events.empty() || rows == 0) return std::nullopt;

  EndHistory history;
  history.exact = true;
  history.before = state_before(events);
  history.causes.resize(rows, Cause::none);
  history.remarks.resize(rows);
  const Alignment alignment(conversation, side, events);
  std::vector<Placed> changes;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const TraceEvent& event = events[i];
    if (event.kind == TraceKind::segment_sent && alignment.row_of(i) != kNoRow) {
      history.causes[alignment.row_of(i)] = event.cause;
    } else if (event.kind == TraceKind::segment_dropped) {
      history.remarks[alignment.row_before(i)] = "dropped: " + std::string(name(event.drop.counter));
    } else if (event.kind == TraceKind::state_changed) {
      changes.push_back(place_change(event, i, alignment));
    }
  }
  std::sort(changes.begin(), changes.end(), [](const Placed& a, const Placed& b) {
    return std::pair(a.row, a.event) < std::pair(b.row, b.event);
  });

  TcpState state = history.before;
  auto change = changes.begin();
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<Placed> interludes;
    for (; change != changes.end() && change->row == row; ++change) {
      if (change->interlude) {
        history.interludes.push_back({row, change->state, change->cause});
        interludes.push_back(*change);
      } else {
        state = change->state;
      }
    }
    history.after.push_back(state);
    if (!interludes.empty()) state = interludes.back().state;
  }
  return history;
}

}  // namespace strata::obs
