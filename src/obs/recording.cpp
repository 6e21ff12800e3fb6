#include "obs/recording.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace strata::obs {

std::expected<Recording, std::string> read_recording(const std::string& capture_path,
                                                     const std::string& trace_path) {
  auto frames = read_capture(capture_path);
  if (!frames) return std::unexpected(frames.error());
  Recording recording{std::move(*frames), {}};
  if (trace_path.empty()) return recording;

  std::ifstream file(trace_path);
  if (!file) return std::unexpected(trace_path + ": " + std::strerror(errno));
  recording.trace = parse_trace(std::string(std::istreambuf_iterator<char>(file), {}));
  if (recording.trace.bad_lines != 0) {
    return std::unexpected(trace_path + ": " + std::to_string(recording.trace.bad_lines) +
                           " lines are not trace lines");
  }
  return recording;
}

}  // namespace strata::obs
