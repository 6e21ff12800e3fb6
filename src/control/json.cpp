#include "control/json.hpp"

namespace strata::control {
namespace {

void append_string(std::string& to, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  to += '"';
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (code < 0x20) {
      to += "\\u00";
      to += kHex[code >> 4U];
      to += kHex[code & 0xfU];
    } else {
      to += c;
    }
  }
  to += '"';
}

}  // namespace

void JsonObject::begin_member(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  append_string(text_, name);
  text_ += ':';
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) {
  begin_member(name);
  append_string(text_, text);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, std::int64_t number) {
  begin_member(name);
  text_ += std::to_string(number);
  return *this;
}

JsonArray& JsonArray::add(const JsonObject& element) {
  if (text_.size() > 1) text_ += ',';
  text_ += element.text();
  return *this;
}

}  // namespace strata::control
