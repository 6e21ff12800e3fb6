// One HTTP/1.1 connection of a server, sans-IO (RFC 9112): request bytes in, a handler's responses out as
// bytes, in order. Back-pressure both ways: the next request is read only when the answer before it has been
// handed over, and files are read piece by piece as their bytes are taken. Never touches a socket, never
// reads a clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "application/http/message.hpp"
#include "application/http/parser.hpp"

namespace strata::http {

using Handler = std::function<Response(const Request& request, const Now& now)>;

/// How long a peer may take; beyond it the connection is given up.
struct ServerTimeouts {
  Duration keep_alive = Duration::seconds(60);  ///< between two requests
  Duration header = Duration::seconds(20);      ///< from a request's first byte to its last
  Duration send = Duration::seconds(60);        ///< without taking a byte of the answer
  Duration linger = Duration::seconds(5);       ///< after our last byte, for the peer to close
};

class ServerConnection {
 public:
  /// `handler` must outlive the connection.
  ServerConnection(const Handler& handler, const ServerTimeouts& timeouts, Instant now);

  /// Takes request bytes, at most to the end of one request; returns how many. 0 while an answer waits.
  std::size_t feed(Bytes data, const Now& now);
  /// The peer will send nothing more; what it asked for is still answered.
  void on_peer_closed();

  /// The next bytes to send, valid until the next call; empty when there is nothing to say.
  Bytes output();
  /// `n` bytes of output() went out.
  void consume_output(std::size_t n, Instant now);

  /// Nothing will follow what was sent: half-close now, and go on feeding (the bytes are discarded) until the
  /// peer closes. Closing at once could make a reset overtake the answer (RFC 9112 §9.6).
  bool wants_shutdown() const { return state_ == State::lingering; }
  /// An answer cannot be completed (the file was cut, the disk failed): only an abort tells the peer so.
  bool failed() const { return state_ == State::failed; }
  /// When the peer's patience budget ends.
  Instant deadline() const;

  std::uint64_t requests() const { return requests_; }

 private:
  enum class State : std::uint8_t { reading, answering, lingering, failed };

  void answer(const Request& request, const Now& now);
  void refuse(int status, const Now& now);
  void queue(Response response, const Request* request, const Now& now);
  void finish_answer(Instant now);
  Bytes read_file(FileRange& range);

  const Handler* handler_;
  ServerTimeouts timeouts_;
  State state_ = State::reading;
  RequestParser parser_;
  std::deque<Part> parts_;           // what is left of the answer
  std::size_t text_sent_ = 0;        // of a text in front
  std::vector<std::uint8_t> piece_;  // of a file in front, read and not yet taken
  std::size_t piece_sent_ = 0;
  Instant progress_;   // since when the present timeout runs
  bool last_ = false;  // no request after the present one
  std::uint64_t requests_ = 0;
};

}  // namespace strata::http
