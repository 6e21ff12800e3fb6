// Other people's readers of captures, run from tests: tshark and tcpdump. A test that needs one that is not
// installed is skipped and says so.
#pragma once

#include <gtest/gtest.h>

#include <string>

#define STRATA_REQUIRE_TOOL(name)                  \
  do {                                             \
    if (!::strata::test::is_installed(name)) {     \
      GTEST_SKIP() << name << " is not installed"; \
    }                                              \
  } while (false)

namespace strata::test {

struct ToolResult {
  int status = -1;     ///< exit status
  std::string output;  ///< standard output and standard error
};

bool is_installed(const std::string& tool);
/// Runs a shell command and waits for it.
ToolResult run_tool(const std::string& command);
/// A path for a new file; no other test has the same.
std::string unique_path(const std::string& suffix);

/// The frames that a display filter selects, one line each; checksums are verified.
std::string tshark_select(const std::string& capture, const std::string& filter);
/// Frames that tshark finds malformed or with a bad checksum, one line each; empty when the capture is clean.
std::string tshark_complaints(const std::string& capture);
/// How many frames tshark verified the IP and the TCP checksum of.
int frames_with_good_checksums(const std::string& capture);

}  // namespace strata::test
