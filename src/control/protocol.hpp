// What can be asked of a running process: one line each way (docs/control.md). A request is words of ASCII
// with tabs between them: its name, then its arguments, as on a command line. The answer is JSON:
// {"result": ...} or {"error": "ENOENT", "text": "..."}.
//
// Pure: it knows no socket. Whoever owns the stack calls answer() on the stack's thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "strata/error.hpp"
#include "strata/stack.hpp"

namespace strata::control {

/// Why a request was not met.
struct Refusal {
  std::string_view code;  ///< as errno names it: `ENOENT`, `EINVAL`
  std::string text;       ///< what was wrong and what would be right
};

using Arguments = std::span<const std::string_view>;
using Answer = Result<std::string, Refusal>;  ///< JSON

/// A kind of request; a family of them is a file of its own.
struct Request {
  std::string_view name;
  Answer (*answer)(Stack& stack, Arguments arguments);
};

/// The answer to a line, neither with its line feed. Any bytes may come in.
std::string answer(Stack& stack, std::string_view line);

}  // namespace strata::control
