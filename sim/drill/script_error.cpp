#include "sim/drill/script_error.hpp"

#include <algorithm>

namespace strata::drill {
namespace {

std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (std::uint32_t line = 1; line < number; ++line) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string place(std::string_view file, Position at) {
  std::string text(file);
  if (at.line != 0) text += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  return text;
}

std::string excerpt(std::string_view text, Position at) {
  if (at.line == 0) return {};
  const std::string_view line = line_of(text, at.line);
  if (line.empty()) return {};
  std::string mark(line.substr(0, std::min<std::size_t>(line.size(), at.column - 1)));
  // Tabs stay tabs, so that the caret stands under its column on every terminal.
  std::ranges::replace_if(mark, [](char c) { return c != '\t'; }, ' ');
  return "  " + std::string(line) + "\n  " + mark + "^\n";
}

}  // namespace strata::drill
