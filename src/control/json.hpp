// Writes JSON (RFC 8259). Text is UTF-8 already; nothing here reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strata::control {

/// `{"name":"value","number":7}`, member by member, in the order of the calls.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text);
  JsonObject& add(std::string_view name, std::int64_t number);
  std::string text() const { return text_ + '}'; }

 private:
  void begin_member(std::string_view name);

  std::string text_ = "{";
};

/// `[...]` of what is JSON already.
class JsonArray {
 public:
  JsonArray& add(const JsonObject& element);
  std::string text() const { return text_ + ']'; }

 private:
  std::string text_ = "[";
};

}  // namespace strata::control
