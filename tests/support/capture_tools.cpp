#include "tests/support/capture_tools.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace strata::test {
namespace {

constexpr const char* kVerify =
    " -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE";

}  // namespace

bool is_installed(const std::string& tool) { return run_tool("command -v " + tool).status == 0; }

ToolResult run_tool(const std::string& command) {
  ToolResult result;
  std::FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> chunk{};
  for (std::size_t n = 1; n > 0;) {
    n = std::fread(chunk.data(), 1, chunk.size(), pipe);
    result.output.append(chunk.data(), n);
  }
  const int status = ::pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

std::string unique_path(const std::string& suffix) {
  static int next = 0;
  return testing::TempDir() + "strata_" + std::to_string(::getpid()) + "_" + std::to_string(next++) + "." +
         suffix;
}

std::string tshark_select(const std::string& capture, const std::string& filter) {
  const ToolResult result =
      run_tool("tshark -n -r '" + capture + "'" + kVerify + " -Y '" + filter + "' 2>/dev/null");
  return result.status == 0 ? result.output : "tshark failed: " + result.output;
}

std::string tshark_complaints(const std::string& capture) {
  return tshark_select(capture,
                       "_ws.malformed || ip.checksum.status == \"Bad\" || tcp.checksum.status == \"Bad\" || "
                       "udp.checksum.status == \"Bad\" || icmp.checksum.status == \"Bad\" || "
                       "icmpv6.checksum.status == \"Bad\"");
}

int frames_with_good_checksums(const std::string& capture) {
  const std::string lines =
      tshark_select(capture, "ip.checksum.status == \"Good\" && tcp.checksum.status == \"Good\"");
  return static_cast<int>(std::ranges::count(lines, '\n'));
}

}  // namespace strata::test
