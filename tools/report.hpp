// What a verb tells the user at its end: one line that says what went wrong, or a summary for programs.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "strata/address.hpp"
#include "strata/error.hpp"

namespace strata::tools {

inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kInterrupted = 130;

/// `strata get: text` on stderr; returns kFailed.
int report_failure(std::string_view verb, std::string_view text);

/// Why nothing came of a connection to `server`, and what to look at.
std::string explain(Errc error, const Endpoint& server);

using JsonValue = std::variant<std::uint64_t, std::string>;
/// One line of JSON: an object with these members.
std::string json_object(std::initializer_list<std::pair<const char*, JsonValue>> members);

}  // namespace strata::tools
