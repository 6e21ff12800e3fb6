// A web client for one GET on a TCP stream of our stack (RFC 9110 §9.3.1). Sans-IO like the stack below; all
// work happens in the waker that Stack::dispatch() calls. The body goes to a sink as it arrives; nothing of
// it is kept here.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "application/http/parser.hpp"
#include "application/http/url.hpp"
#include "strata/error.hpp"
#include "strata/tcp.hpp"

namespace strata::http {

/// The request as it goes out; the server is asked to close after its answer.
std::string get_request(const Url& url);

class Client {
 public:
  Client(TcpStream stream, const Url& url, BodySink sink);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// The answer is complete, or error() says why there is none. The stream is closed by then.
  bool done() const { return done_; }
  const std::string& error() const { return error_; }
  /// What the stack said, when it was the connection that failed.
  std::optional<Errc> connection_error() const { return connection_error_; }
  /// From the moment the answer's header is complete.
  const ResponseHead* head() const { return parser_.head(); }

 private:
  static void on_ready(void* context, Ready ready);
  void turn();
  void send();
  void receive();
  void fail(Errc error);
  void finish(std::string error);

  TcpStream stream_;
  std::string request_;
  std::size_t request_sent_ = 0;
  ResponseParser parser_;
  std::string error_;
  std::optional<Errc> connection_error_;
  bool done_ = false;
};

}  // namespace strata::http
