// HTTP dates (RFC 9110 §5.6.7) as seconds since 1970: written as IMF-fixdate, read in all three forms that
// servers must accept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
std::string format_date(std::int64_t unix_seconds);
/// Also `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`; nothing when it is no date.
/// Two-digit years are of 1969 to 2068, as POSIX reads them.
std::optional<std::int64_t> parse_date(std::string_view text);

}  // namespace strata::http
