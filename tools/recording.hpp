// What a run leaves behind: the capture, the trace, the lines on stderr. Files are watched while they are
// written, so that a full disk is noticed at once and never looks like a short run.
#pragma once

#include <memory>
#include <string>

#include "device/file_sink.hpp"
#include "obs/pcapng.hpp"
#include "strata/capture.hpp"
#include "strata/system_error.hpp"
#include "strata/trace.hpp"
#include "tools/network_options.hpp"

namespace strata::tools {

class Recording {
 public:
  /// Creates the files. `interface` names the device in the capture.
  static SystemResult<std::unique_ptr<Recording>> create(const RecordingOptions& options,
                                                         const std::string& interface);

  bool captures() const { return writer_ != nullptr; }
  bool traces() const { return trace_file_ != nullptr || to_stderr_; }
  CaptureSink capture_sink() { return {this, &Recording::on_frame}; }
  TraceSink trace_sink() { return {this, &Recording::on_event}; }

  /// Hands what is buffered to the system; the error of either file.
  SystemResult<void> flush();
  /// Ends both files.
  SystemResult<void> close();

 private:
  Recording() = default;
  static void on_frame(void* context, const Packet& frame, FrameDirection direction, Instant at);
  static void on_event(void* context, const TraceEvent& event);

  std::unique_ptr<FileSink> capture_file_;
  std::unique_ptr<obs::PcapngWriter> writer_;
  std::unique_ptr<FileSink> trace_file_;
  bool to_stderr_ = false;
  std::string line_;
};

}  // namespace strata::tools
