#include "sim/drill/script_file.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include "sim/drill/parser.hpp"

namespace strata::drill {
namespace {

constexpr std::uintmax_t kSizeMax = 16U << 20;

std::string_view word(Ending ending) {
  switch (ending) {
    case Ending::passed: return "passed";
    case Ending::failed: return "FAILED";
    case Ending::unsupported: return "skipped";
    case Ending::unreadable: return "ERROR";
  }
  return {};
}

Ending ending_of(Verdict verdict) {
  if (verdict == Verdict::unsupported) return Ending::unsupported;
  return verdict == Verdict::failed ? Ending::failed : Ending::passed;
}

}  // namespace

std::optional<std::vector<std::filesystem::path>> find_scripts(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status)) return std::nullopt;
  if (!fs::is_directory(status)) return std::vector{path};
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".pkt" && entry->is_regular_file(error)) found.push_back(entry->path());
  }
  std::ranges::sort(found);
  return found;
}

std::optional<std::string> read_script(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > kSizeMax) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return file.bad() || text.size() != size ? std::nullopt : std::optional(std::move(text));
}

FileResult run_file(const std::filesystem::path& path, const FileOptions& options) {
  FileResult result;
  result.path = path.string();
  auto text = read_script(path);
  if (!text) {
    result.ending = Ending::unreadable;
    result.outcome.what = "cannot be read";
    return result;
  }
  result.text = std::move(*text);
  const auto script = parse_script(result.text, options.defines);
  if (!script) {
    const bool foreign = script.error().trouble == Trouble::unsupported;
    result.ending = foreign ? Ending::unsupported : Ending::unreadable;
    result.outcome.at = script.error().at;
    result.outcome.what = script.error().what;
    return result;
  }
  if (options.dry_run) return result;
  result.outcome = play(*script, options.play);
  result.ending = ending_of(result.outcome.verdict);
  return result;
}

std::string report(const FileResult& result, bool transcript) {
  const Outcome& outcome = result.outcome;
  std::string text = std::string(word(result.ending)) + " " + place(result.path, outcome.at);
  if (result.ending == Ending::unsupported) text += ": unsupported";
  if (!outcome.what.empty()) text += ": " + outcome.what;
  text += "\n";
  const bool passed = result.ending == Ending::passed;
  if (!passed) text += excerpt(result.text, outcome.at);
  if (!outcome.actual.empty()) text += "  instead: " + outcome.actual + "\n";
  if (result.ending != Ending::failed && !transcript) return text;
  for (const std::string& line : outcome.transcript) text += "  | " + line + "\n";
  return text;
}

}  // namespace strata::drill
