// Bytes in, HTTP/1.1 messages out (RFC 9112): Boost.Beast's parser behind a wall, with the limits that a
// public peer needs. Beast must never be included anywhere but in parser.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "application/http/message.hpp"
#include "strata/bytes.hpp"

namespace strata::http {

/// A start line and header fields together; also a chunk's header or trailer.
inline constexpr std::size_t kHeaderBytesMax = 32 * 1024;
/// A request-target of its own.
inline constexpr std::size_t kTargetBytesMax = 8 * 1024;

/// Reads one request after another. A request ends with its header: bodies are never parsed
/// (Request::has_body tells of one).
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  /// Takes bytes up to the end of one request at most; returns how many. Call it again only after take().
  std::size_t feed(Bytes data);
  /// The request, once, as soon as it is complete; the parser is then ready for the next one.
  std::optional<Request> take();
  /// The status that answers bytes which are no request (400, 414, 431, 505), else 0. Final.
  int error_status() const;
  /// True between the first byte of a request and its end.
  bool has_partial() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct ResponseHead {
  int status = 0;
  std::string reason;
  Fields fields;
  std::optional<std::uint64_t> content_length;
};

/// Receives the body piece by piece; false stops the transfer.
using BodySink = std::function<bool(Bytes)>;

/// Reads one response; interim ones (1xx) are passed over.
class ResponseParser {
 public:
  explicit ResponseParser(BodySink sink);
  ~ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;

  /// Takes all bytes, up to the end of the response; otherwise one line that says what is wrong with them.
  std::expected<void, std::string> feed(Bytes data);
  /// The server has closed: the end of some bodies, the truncation of others.
  std::expected<void, std::string> finish();
  /// The head, from the moment it is complete.
  const ResponseHead* head() const;
  bool done() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace strata::http
