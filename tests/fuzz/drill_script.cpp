// Scripts from arbitrary bytes: a script, or a complaint whose place lies in the text. The commands of a
// script are understood or refused.
#include <string_view>
#include <variant>

#include "base/check.hpp"
#include "sim/drill/parser.hpp"
#include "sim/drill/shell.hpp"

namespace strata::drill {
namespace {

void read_commands(const Script& script) {
  for (const Event& event : script.events) {
    const auto* line = std::get_if<ShellLine>(&event.what);
    if (line == nullptr) continue;
    const auto actions = interpret_shell(line->text);
    STRATA_CHECK(actions.has_value() || !actions.error().empty());
  }
}

void read_script(std::string_view text) {
  const Defines defines{{"A", "1"}, {"COOKIE", "abcd"}};
  const auto script = parse_script(text, defines);
  if (script) return read_commands(*script);
  const ScriptError& error = script.error();
  STRATA_CHECK(error.at.line >= 1 && error.at.column >= 1 && !error.what.empty());
  excerpt(text, error.at);
}

}  // namespace
}  // namespace strata::drill

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  strata::drill::read_script({reinterpret_cast<const char*>(data), size});
  return 0;
}
