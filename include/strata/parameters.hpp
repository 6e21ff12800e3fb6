// The parameters of a stack by the names that people know from Linux: one table, read by `strata sysctl`, by
// scripts and by programs. Values are text, as in /proc/sys: numbers in the parameter's unit, several
// separated by blanks.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "strata/config.hpp"
#include "strata/error.hpp"

namespace strata {

struct Parameter {
  using Values = std::array<std::int64_t, 3>;

  std::string_view name;  ///< `tcp_fin_timeout`; Linux has them in net.ipv4 or net.core
  std::string_view unit;  ///< `s`, `ms`, `us`, `bytes`, `segments`, `tries`, `port`, `0 or 1`, ...
  std::uint8_t count;     ///< numbers in a value
  std::int64_t least;     ///< of each number
  std::int64_t most;
  std::string_view rfc;  ///< where it comes from; empty: the house's own bound
  Values (*get)(const TcpConfig& config);
  void (*set)(TcpConfig& config, const Values& values);
  std::span<const std::string_view> names = {};  ///< where the value is a word: word number n
};

std::span<const Parameter> parameters();
/// By name, also written `net.ipv4.tcp_fin_timeout` or `net/ipv4/tcp_fin_timeout`; nullptr: there is none.
const Parameter* find_parameter(std::string_view name);
std::string value_text(const Parameter& parameter, const TcpConfig& config);
/// `invalid_argument`, with nothing changed: not so many numbers, or out of range.
Result<void> set_parameter(const Parameter& parameter, TcpConfig& config, std::string_view text);

/// Parameters that are set together: `linux`, `freebsd`. Nothing: there is no such profile.
std::optional<TcpConfig> profile_config(std::string_view name);
/// The profiles there are.
std::span<const std::string_view> profile_names();

}  // namespace strata
