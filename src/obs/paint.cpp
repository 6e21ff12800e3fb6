#include "obs/paint.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace strata::obs {
namespace {

/// The first code point that may take this many bytes: shorter spellings exist for smaller ones and are not
/// UTF-8 (RFC 3629 §3).
constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

bool is_forbidden(std::uint32_t code, std::size_t size) {
  return code < kSmallest[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
}

/// C0, DEL and C1: what a terminal might obey.
bool is_control(std::string_view character) {
  const auto first = static_cast<std::uint8_t>(character[0]);
  const bool c1 = character.size() == 2 && first == 0xc2 && static_cast<std::uint8_t>(character[1]) < 0xa0;
  return first < 0x20 || first == 0x7f || c1;
}

std::string escape(std::string_view character) {
  if (character == "\r") return "\\r";
  if (character == "\n") return "\\n";
  if (character == "\t") return "\\t";
  std::string text;
  for (const char c : character) text += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(c));
  return text;
}

}  // namespace

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t size = (first & 0xe0) == 0xc0   ? 2
                           : (first & 0xf0) == 0xe0 ? 3
                           : (first & 0xf8) == 0xf0 ? 4
                                                    : 0;
  if (size == 0 || text.size() < size) return 0;
  std::uint32_t code = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<std::uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return 0;
    code = code << 6 | (next & 0x3fU);
  }
  return is_forbidden(code, size) ? 0 : size;
}

std::string_view utf8_prefix(std::string_view text, std::size_t limit) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::size_t next = std::max<std::size_t>(1, utf8_length(text.substr(size)));
    if (size + next > limit) break;
    size += next;
  }
  return text.substr(0, size);
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t size = std::max<std::size_t>(1, utf8_length(text));
    count += size >= 3 ? 2 : 1;
    text.remove_prefix(size);
  }
  return count;
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t size = utf8_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(1, size));
    shown += size == 0 || is_control(character) ? escape(character) : std::string(character);
    text.remove_prefix(character.size());
  }
  return shown;
}

}  // namespace strata::obs
