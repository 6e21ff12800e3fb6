// A run that can be looked at later: what the wire carried and what the stack said about it.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "obs/capture_reader.hpp"
#include "obs/trace_text.hpp"

namespace strata::obs {

struct Recording {
  std::vector<CapturedFrame> frames;
  Trace trace;
};

/// Both files of a run; an empty `trace_path` means "capture only". Else one sentence that says what is
/// wrong.
std::expected<Recording, std::string> read_recording(const std::string& capture_path,
                                                     const std::string& trace_path);

}  // namespace strata::obs
