// `#ifdef NAME`, `#ifndef NAME`, `#else`, `#endif`.
#include <algorithm>
#include <vector>

#include "sim/drill/grammar.hpp"

namespace strata::drill {
namespace {

struct Branch {
  Position opened;
  bool taken;        ///< the lines up to the next directive count
  bool outer_taken;  ///< so do the lines around
};

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::string_view word = line.substr(0, std::min(line.find_first_of(" \t\r"), line.size()));
  line.remove_prefix(word.size());
  return word;
}

class Chooser {
 public:
  explicit Chooser(const Defines& defines) : defines_(&defines) {}

  bool taken() const { return open_.empty() || open_.back().taken; }
  const std::vector<Branch>& open() const { return open_; }

  /// `line` begins with `#`. What is wrong with it, or an empty text.
  std::string_view directive(std::string_view line, Position at) {
    const std::string_view name = next_word(line);
    if (name == "#ifdef" || name == "#ifndef") {
      const std::string_view condition = next_word(line);
      if (condition.empty()) return "a name is missing behind the directive";
      const bool holds = defines_->contains(condition) == (name == "#ifdef");
      open_.push_back({.opened = at, .taken = taken() && holds, .outer_taken = taken()});
      return {};
    }
    if (name != "#else" && name != "#endif")
      return "unknown directive; #ifdef, #ifndef, #else and #endif exist";
    if (open_.empty()) return "nothing is open that this directive could belong to";
    if (name == "#endif") {
      open_.pop_back();
    } else {
      open_.back().taken = open_.back().outer_taken && !open_.back().taken;
    }
    return {};
  }

 private:
  const Defines* defines_;
  std::vector<Branch> open_;
};

}  // namespace

std::expected<std::string, ScriptError> choose_lines(std::string_view text, const Defines& defines) {
  std::string chosen;
  chosen.reserve(text.size());
  Chooser chooser(defines);
  for (Position at{1, 1}; !text.empty(); ++at.line) {
    const std::string_view line = text.substr(0, std::min(text.find('\n'), text.size()));
    std::string_view trimmed = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
    const bool is_directive = trimmed.starts_with('#');
    if (is_directive) {
      const std::string_view complaint = chooser.directive(trimmed, at);
      at.column = 1 + static_cast<std::uint32_t>(line.size() - trimmed.size());
      if (!complaint.empty()) return std::unexpected(ScriptError{.at = at, .what = std::string(complaint)});
      at.column = 1;
    }
    chosen += is_directive || !chooser.taken() ? std::string(line.size(), ' ') : std::string(line);
    text.remove_prefix(line.size());
    if (text.empty()) break;
    chosen += '\n';
    text.remove_prefix(1);
  }
  if (!chooser.open().empty()) {
    return std::unexpected(
        ScriptError{.at = chooser.open().back().opened, .what = "this branch has no #endif"});
  }
  return chosen;
}

}  // namespace strata::drill
