// errno as a SystemError.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include "strata/system_error.hpp"

namespace strata {

/// `what: <the system's words for `number`>`.
SystemError error_of(int number, std::string_view what);

/// The same for errno.
inline Err<SystemError> last_error(std::string_view what) { return Err<SystemError>(error_of(errno, what)); }

}  // namespace strata
