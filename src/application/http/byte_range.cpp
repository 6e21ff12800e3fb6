// The grammar of RFC 9110 §14.1.1 and §14.1.2: int-range, suffix-range, list.
#include "application/http/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace strata::http {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

/// One element of the list: nothing when it is malformed, length 0 when it lies outside the file.
std::optional<ByteRange> parse_one(std::string_view text, std::uint64_t size) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return {};
  const std::string_view left = text.substr(0, dash);
  const std::string_view right = text.substr(dash + 1);
  if (left.empty()) {
    const auto suffix = number(right);
    if (!suffix) return {};
    const std::uint64_t length = std::min(*suffix, size);
    return ByteRange{size - length, length};
  }
  const auto first = number(left);
  const auto last = right.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : number(right);
  if (!first || !last || *last < *first) return {};
  if (*first >= size) return ByteRange{0, 0};
  return ByteRange{*first, std::min(*last, size - 1) - *first + 1};
}

}  // namespace

RangeRequest parse_range(std::string_view field, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return {};
  field.remove_prefix(kUnit.size());
  RangeRequest result;
  std::uint64_t total = 0;
  std::size_t seen = 0;
  while (!field.empty()) {
    const auto comma = std::min(field.find(','), field.size());
    const std::string_view element = trim(field.substr(0, comma));
    field.remove_prefix(std::min(comma + 1, field.size()));
    if (element.empty()) continue;  // RFC 9110 §5.6.1.2: empty list elements are ignored
    const auto range = parse_one(element, size);
    if (!range || ++seen > kRangesMax) return {};
    if (range->length == 0) continue;
    total += range->length;
    result.ranges.push_back(*range);
  }
  // Overlapping ranges that add up to more than the file would let a small request ask for many copies of it.
  if (seen == 0 || total > size) return {};
  result.verdict = result.ranges.empty() ? RangeVerdict::unsatisfiable : RangeVerdict::partial;
  return result;
}

}  // namespace strata::http
