#include "tools/demo_trace.hpp"

#include "device/file_sink.hpp"
#include "obs/trace_text.hpp"
#include "strata/host.hpp"

namespace strata::tools {

DemoTrace::DemoTrace() : origin_(monotonic_now() - Instant()) {}

TraceSink DemoTrace::sink(std::string_view host) {
  return {&hosts_.emplace_back(this, std::string(host)), &DemoTrace::on_event};
}

void DemoTrace::note(std::string_view key, std::string_view value) { text_ += obs::note_line(key, value); }

SystemResult<void> DemoTrace::save(const std::string& path) const {
  auto file = FileSink::create(path);
  if (!file) return Err<SystemError>(file.error());
  file->write(as_bytes(text_));
  return file->close();
}

void DemoTrace::on_event(void* context, const TraceEvent& event) {
  const auto& host = *static_cast<Host*>(context);
  const Duration origin = host.trace->origin_;
  TraceEvent shown = event;
  shown.at = event.at - origin;
  const bool has_deadline =
      event.kind == TraceKind::timer_armed && event.timer.deadline_nanos != Instant::never().count_nanos();
  if (has_deadline) shown.timer.deadline_nanos -= origin.count_nanos();
  obs::append_trace_line(host.trace->text_, shown, host.name);
}

}  // namespace strata::tools
