// The names that calls use, with their values on this system: constants of sockets, errors, states.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::drill {

/// `SOCK_STREAM`, `MSG_PEEK`, `EPOLLIN`, `EAGAIN`, `TCP_ESTABLISHED`, ...
std::optional<std::int64_t> symbol_value(std::string_view name);

/// The number of an error such as `EAGAIN`.
std::optional<int> error_value(std::string_view name);
/// Its name; `errno 200` when it has none here.
std::string error_name(int error);

}  // namespace strata::drill
