// Text for terminals: colours that can be switched off, bytes of strangers made harmless, columns counted in
// characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata::obs {

class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}
  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string note(std::string_view text) const { return wrap("36", text); }
  std::string alarm(std::string_view text) const { return wrap("33", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const {
    if (!on_ || text.empty()) return std::string(text);
    return std::string("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
  }
  bool on_;
};

/// 54,312
std::string grouped(std::uint64_t value);

/// One line that a terminal may show: control characters and bytes that are not UTF-8 become `\r`, `\n`,
/// `\xNN`.
std::string printable(std::string_view text);

/// At most `limit` bytes from the front, never a part of a UTF-8 character.
std::string_view utf8_prefix(std::string_view text, std::size_t limit);

/// How wide a terminal shows it: letters of three and more bytes count twice, as Korean ones are.
std::size_t columns(std::string_view text);

/// Bytes of the UTF-8 character that begins `text`; 0 when none does.
std::size_t utf8_length(std::string_view text);

}  // namespace strata::obs
