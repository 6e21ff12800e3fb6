// The code between `%{` and `}%`: a list of `assert expression, message` on the numbers of tcp_info. The
// expressions are Python's as far as scripts use them: integers, names, comparisons that chain, bits,
// arithmetic, and, or, not.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/drill/script.hpp"

namespace strata::drill {

/// The value of a name such as `tcpi_snd_cwnd`; nothing when there is none.
using NameLookup = std::function<std::optional<std::int64_t>(std::string_view name)>;

/// What is wrong with the code before it runs.
std::optional<ScriptError> check_code(const CodeBlock& block);

/// The first assertion that does not hold, with the values of its names, or a name without a value (which is
/// `unsupported`); nothing when all hold.
std::optional<ScriptError> run_code(const CodeBlock& block, const NameLookup& lookup);

}  // namespace strata::drill
