// Frames to the pcapng writer, events to lines; both go through FileSink.
#include "tools/recording.hpp"

#include <cstdio>
#include <utility>

#include "obs/trace_text.hpp"
#include "strata/host.hpp"

namespace strata::tools {
namespace {

SystemResult<std::unique_ptr<FileSink>> create_file(const std::string& path) {
  auto file = FileSink::create(path);
  if (!file) return Err<SystemError>(file.error());
  return std::make_unique<FileSink>(std::move(*file));
}

}  // namespace

SystemResult<std::unique_ptr<Recording>> Recording::create(const RecordingOptions& options,
                                                           const std::string& interface) {
  std::unique_ptr<Recording> recording(new Recording);
  recording->to_stderr_ = options.trace;
  if (!options.capture_file.empty()) {
    auto file = create_file(options.capture_file);
    if (!file) return Err<SystemError>(file.error());
    recording->capture_file_ = std::move(*file);
    recording->writer_ = std::make_unique<obs::PcapngWriter>(
        obs::ByteSink{recording->capture_file_.get(), &FileSink::write_to},
        obs::PcapngOptions{.origin_nanos = wall_clock_offset().count_nanos(),
                           .application = "strata " STRATA_VERSION});
    recording->writer_->add_interface({.name = interface, .description = {}});
  }
  if (!options.trace_file.empty()) {
    auto file = create_file(options.trace_file);
    if (!file) return Err<SystemError>(file.error());
    recording->trace_file_ = std::move(*file);
  }
  return recording;
}

void Recording::on_frame(void* context, const Packet& frame, FrameDirection direction, Instant at) {
  static_cast<Recording*>(context)->writer_->write_frame({.at = at, .direction = direction, .comment = {}},
                                                         frame);
}

void Recording::on_event(void* context, const TraceEvent& event) {
  auto& recording = *static_cast<Recording*>(context);
  recording.line_.clear();
  obs::append_trace_line(recording.line_, event);
  if (recording.to_stderr_) std::fputs(recording.line_.c_str(), stderr);
  if (recording.trace_file_ != nullptr) recording.trace_file_->write(as_bytes(recording.line_));
}

SystemResult<void> Recording::flush() {
  for (FileSink* file : {capture_file_.get(), trace_file_.get()}) {
    if (file != nullptr && !file->flush()) return file->status();
  }
  return {};
}

SystemResult<void> Recording::close() {
  SystemResult<void> result;
  for (FileSink* file : {capture_file_.get(), trace_file_.get()}) {
    if (file == nullptr) continue;
    if (auto closed = file->close(); !closed) result = closed;
  }
  return result;
}

}  // namespace strata::tools
