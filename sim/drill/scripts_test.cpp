// Our own scripts, the RFC's word for what the stack does; and those that must fail, which show that the
// judge is not lenient. All without tolerance: virtual time has no excuse.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "sim/drill/script_file.hpp"

namespace strata::drill {
namespace {

const std::filesystem::path kScripts = "tests/scripts";

FileOptions exact() {
  FileOptions options;
  options.play.exact = true;
  return options;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

bool must_fail(const std::filesystem::path& path) { return path.parent_path().filename() == "must_fail"; }

TEST(DrillScripts, AllPass) {
  const auto files = find_scripts(kScripts);
  ASSERT_TRUE(files.has_value() && files->size() > 1);
  for (const auto& file : *files) {
    if (must_fail(file)) continue;
    const FileResult result = run_file(file, exact());
    EXPECT_EQ(result.ending, Ending::passed) << report(result, false);
  }
}

/// A TCP that knows no IP header behaves the same over both.
TEST(DrillScripts, AllPassOverIpv6) {
  FileOptions options = exact();
  options.play.ipv6 = true;
  const auto files = find_scripts(kScripts);
  std::size_t passed = 0;
  for (const auto& file : *files) {
    if (must_fail(file)) continue;
    const FileResult result = run_file(file, options);
    EXPECT_TRUE(result.ending == Ending::passed || result.ending == Ending::unsupported)
        << report(result, false);
    if (result.ending == Ending::passed) ++passed;
  }
  // What IPv6 does not have: source quench, and links below 1280 bytes.
  EXPECT_GT(passed, files->size() * 9 / 10);
}

TEST(DrillScripts, TheFirstLineCitesTheParagraph) {
  const auto files = find_scripts(kScripts);
  for (const auto& file : *files) {
    if (must_fail(file)) continue;
    const std::string line = first_line(*read_script(file));
    EXPECT_TRUE(line.starts_with("// RFC ") && line.find(" §") != line.npos && line.find(": ") != line.npos)
        << file << ": " << line;
  }
}

TEST(DrillScripts, ThoseThatMustFailFailForTheirReason) {
  constexpr std::string_view kMark = "// must fail: ";
  const auto files = find_scripts(kScripts / "must_fail");
  ASSERT_TRUE(files.has_value() && !files->empty());
  for (const auto& file : *files) {
    const FileResult result = run_file(file, exact());
    const std::string line = first_line(result.text);
    ASSERT_TRUE(line.starts_with(kMark)) << file;
    EXPECT_EQ(result.ending, Ending::failed) << report(result, true);
    EXPECT_TRUE(result.outcome.what.starts_with(line.substr(kMark.size()))) << file << ": " << line << "\n"
                                                                            << report(result, false);
  }
}

TEST(DrillScripts, TheSameScriptGivesTheSameBytes) {
  const auto files = find_scripts(kScripts);
  for (std::size_t i = 0; i < files->size(); i += 10) {
    const FileResult once = run_file((*files)[i], exact());
    const FileResult again = run_file((*files)[i], exact());
    EXPECT_EQ(report(once, true), report(again, true));
  }
}

}  // namespace
}  // namespace strata::drill
