// Amounts as people write them on a command line and in files, in whole numbers: `2%`, `200ms`, `10mbit`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "strata/time.hpp"

namespace strata::obs {

/// `2%`, `0.5%`: parts per million, from 0 to 1,000,000.
std::optional<std::uint32_t> parse_percent(std::string_view text);
/// `200ms`, `1.5s`, `80us`.
std::optional<Duration> parse_duration(std::string_view text);
/// `10mbit`, `1.5gbit`, `500kbit`: bits per second.
std::optional<std::uint64_t> parse_rate(std::string_view text);
/// `1500`, `64KiB`, `1.5MB`: bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// `1.5 MiB`, `312 bytes`.
std::string format_bytes(std::uint64_t bytes);
/// Milliseconds with three digits: `12.345`.
std::string format_millis(Duration duration);

}  // namespace strata::obs
