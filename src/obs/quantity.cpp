// A decimal number is read as an integer of millionths, so that `0.5%` needs no floating point.
#include "obs/quantity.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace strata::obs {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;
constexpr std::uint64_t kWholeMax = 1'000'000'000;

struct Quantity {
  std::uint64_t millionths = 0;
  std::string_view unit;
};

std::optional<Quantity> split(std::string_view text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  Quantity quantity;
  std::size_t i = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) {
    quantity.millionths = quantity.millionths * 10 + static_cast<std::uint64_t>(text[i] - '0');
    if (quantity.millionths > kWholeMax) return {};
  }
  if (i == 0) return {};
  quantity.millionths *= kMillion;
  if (i < text.size() && text[i] == '.') {
    std::uint64_t place = kMillion / 10;
    for (++i; i < text.size() && is_digit(text[i]); ++i, place /= 10) {
      quantity.millionths += static_cast<std::uint64_t>(text[i] - '0') * place;
    }
  }
  quantity.unit = text.substr(i);
  return quantity;
}

using Unit = std::pair<std::string_view, std::uint64_t>;

/// The quantity in its smallest unit, of which the units of `table` hold so many.
template <std::size_t N>
std::optional<std::uint64_t> in_units(std::string_view text, const std::array<Unit, N>& table) {
  const auto quantity = split(text);
  if (!quantity) return {};
  for (const auto& [unit, size] : table) {
    if (quantity->unit == unit) {
      return quantity->millionths / kMillion * size + quantity->millionths % kMillion * size / kMillion;
    }
  }
  return {};
}

}  // namespace

std::optional<std::uint32_t> parse_percent(std::string_view text) {
  const auto ppm = in_units(text, std::array{Unit{"%", 10'000}});
  if (!ppm || *ppm > kMillion) return {};
  return static_cast<std::uint32_t>(*ppm);
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto nanos =
      in_units(text, std::array{Unit{"us", 1'000}, Unit{"ms", kMillion}, Unit{"s", 1'000 * kMillion}});
  if (!nanos) return {};
  return Duration::nanos(static_cast<std::int64_t>(*nanos));
}

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  return in_units(text, std::array{Unit{"bit", 1}, Unit{"kbit", 1'000}, Unit{"mbit", kMillion},
                                   Unit{"gbit", 1'000 * kMillion}});
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return in_units(text, std::array{Unit{"", 1}, Unit{"B", 1}, Unit{"kB", 1'000}, Unit{"MB", 1'000'000},
                                   Unit{"KiB", 1'024}, Unit{"MiB", 1'048'576}});
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  std::size_t unit = 0;
  std::uint64_t tenths = bytes * 10 / 1024;
  for (; tenths >= 10'240 && unit + 1 < kUnits.size(); ++unit) tenths /= 1024;
  return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + ' ' + kUnits[unit];
}

std::string format_millis(Duration duration) {
  char text[48];
  const long long micros = duration.count_micros();
  std::snprintf(text, sizeof text, "%lld.%03lld", micros / 1000, micros % 1000);
  return text;
}

}  // namespace strata::obs
