// HTTP messages as values (RFC 9110 §6): what a parser yields, what a handler sees and returns. No bytes of
// the wire here.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "application/http/file_root.hpp"
#include "strata/time.hpp"

namespace strata::http {

/// The caller's two clocks: the monotonic one for timeouts, the civil one (seconds since 1970) for dates.
struct Now {
  Instant monotonic;
  std::int64_t unix_seconds = 0;
};

struct Field {
  std::string name;
  std::string value;
};

/// Header fields in the order of the message; names compare without case (RFC 9110 §5.1).
class Fields {
 public:
  void add(std::string_view name, std::string_view value) {
    list_.push_back({std::string(name), std::string(value)});
  }
  /// The first value of that name, or nullptr.
  const std::string* find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  void clear() { list_.clear(); }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }

 private:
  std::vector<Field> list_;
};

struct Request {
  std::string method;
  std::string target;
  Fields fields;
  bool http_1_1 = true;
  bool keep_alive = true;
  bool has_body = false;
};

/// A stretch of an open file that is read while it is sent.
struct FileRange {
  std::shared_ptr<const File> file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// A body is a list of parts: texts, and stretches of files that are never loaded whole.
using Part = std::variant<std::string, FileRange>;
std::uint64_t size(const Part& part);

struct Response {
  int status = 200;
  Fields fields;  ///< Date, Content-Length and Connection are added by the connection
  std::vector<Part> body;
};

std::uint64_t body_size(const Response& response);
/// RFC 9110 §15: `Not Found` for 404.
std::string_view reason_phrase(int status);
/// A response that says its status in one line of plain text.
Response status_response(int status);

}  // namespace strata::http
