// Where a script goes wrong and how: every complaint of the drill names a line and a column, and shows the
// line with a mark under the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strata::drill {

/// Counted from 1; 0 means that there is no place.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend constexpr bool operator==(Position, Position) = default;
};

enum class Trouble : std::uint8_t {
  syntax,       ///< not in the language
  unsupported,  ///< in the language, and nothing here does it
};

struct ScriptError {
  Trouble trouble = Trouble::syntax;
  Position at;
  std::string what;
};

/// `file:line:column`.
std::string place(std::string_view file, Position at);

/// The line of the script with a caret below the column, each with its line end; empty when there is no such
/// line.
std::string excerpt(std::string_view text, Position at);

}  // namespace strata::drill
