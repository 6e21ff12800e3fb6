// Addresses of pages (RFC 3986): the `http://...` that a user types, and the request-target that a client
// sends (RFC 9112 §3.2). Parsed by Boost.URL.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "strata/address.hpp"

namespace strata::http {

struct Url {
  Endpoint server;
  std::string host;    ///< for the Host field: `10.77.0.1:8000`, without `:80`
  std::string target;  ///< path and query: `/f?x=1`
};

/// Reads `http://ADDRESS[:PORT][/PATH][?QUERY]`; `http://` may be left out. Otherwise one line that says what
/// to do.
std::expected<Url, std::string> parse_url(std::string_view text);

/// The path of a request-target, decoded and split at its slashes.
struct TargetPath {
  std::vector<std::string> names;  ///< never empty, `.`, `..`; never with a slash or a zero in it
  bool is_directory = false;       ///< it ended with a slash
};

/// Nothing for what is malformed or tries to climb: `..` in any spelling, an encoded slash, a zero byte.
std::expected<TargetPath, std::string> parse_target(std::string_view target);

/// `/a%20b/` for the names `a b` and the directory's slash.
std::string encode_directory(const std::vector<std::string>& names);

}  // namespace strata::http
