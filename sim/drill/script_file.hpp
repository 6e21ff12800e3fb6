// Script files: finding them, reading one, playing it, and the words for how it ended. What the verb, the
// tests and the plug-in share.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/drill/player.hpp"
#include "sim/drill/scanner.hpp"

namespace strata::drill {

/// `path` itself, or all .pkt files below it in the order of their names; nothing when there is no such path.
std::optional<std::vector<std::filesystem::path>> find_scripts(const std::filesystem::path& path);

/// Nothing when it cannot be read, or is larger than any script is.
std::optional<std::string> read_script(const std::filesystem::path& path);

enum class Ending : std::uint8_t { passed, failed, unsupported, unreadable };

/// How one file ended.
struct FileResult {
  std::string path;
  std::string text;
  Ending ending = Ending::passed;
  Outcome outcome;  ///< of `unreadable`, too: where and why
};

struct FileOptions {
  Defines defines;
  PlayOptions play;
  bool dry_run = false;  ///< read only
};

FileResult run_file(const std::filesystem::path& path, const FileOptions& options);

/// `passed FILE`, `FAILED FILE:LINE:COLUMN: what` with the line of the script, what came instead and the
/// transcript, or `skipped FILE:LINE:COLUMN: unsupported: what`; with its line ends. `transcript`: also of
/// those that passed.
std::string report(const FileResult& result, bool transcript);

}  // namespace strata::drill
