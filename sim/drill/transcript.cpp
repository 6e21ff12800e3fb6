#include "sim/drill/transcript.hpp"

#include "obs/trace_text.hpp"
#include "sim/drill/segment_text.hpp"

namespace strata::drill {
namespace {

/// More than any script needs; a run that goes on for ever keeps its beginning.
constexpr std::size_t kLinesMax = 10'000;

}  // namespace

std::string time_text(Duration time) {
  const std::int64_t micros = time.count_micros();
  std::string fraction = std::to_string(micros < 0 ? -micros % 1'000'000 : micros % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return (micros < 0 ? "-" : "") + std::to_string((micros < 0 ? -micros : micros) / 1'000'000) + "." +
         fraction;
}

void Transcript::line(Instant at, std::string_view mark, const std::string& text) {
  if (lines_.size() >= kLinesMax) return;
  std::string time = time_text(at - origin_);
  if (time.size() < 11) time.insert(0, 11 - time.size(), ' ');
  lines_.push_back(time + " " + std::string(mark) + text);
}

void Transcript::event(Instant at, const std::string& text) { line(at, "script   ", text); }

void Transcript::note(Instant at, const std::string& text) { line(at, "         ", text); }

void Transcript::sent(const Sent& sent) {
  const WireSegment segment = sent.flow == nullptr ? sent.segment : sent.flow->to_script(sent.segment);
  std::string text = segment_text(segment);
  if (cause_ != Cause::none) text += "   (" + std::string(describe(cause_)) + ")";
  line(sent.at, "sent     ", text);
}

void Transcript::trace(TraceEvent event) {
  if (event.kind == TraceKind::segment_sent) cause_ = event.cause;
  const bool shown_by_the_script =
      event.kind == TraceKind::segment_sent || event.kind == TraceKind::segment_received ||
      event.kind == TraceKind::app_call || event.kind == TraceKind::established_flow;
  if (shown_by_the_script) return;
  if (event.kind == TraceKind::timer_armed) event.timer.deadline_nanos -= origin_.count_nanos();
  std::string text;
  obs::append_trace_line(text, event);
  text.erase(0, text.find("flow"));
  while (text.ends_with('\n')) text.pop_back();
  line(event.at, "stack    ", text);
}

}  // namespace strata::drill
