// Programs for the simulator's tests: one end of a connection that sends what it has, reads what comes, and
// notes how it ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "strata/bytes.hpp"
#include "strata/error.hpp"
#include "strata/tcp.hpp"

namespace strata::sim {

/// Sends `to_send`, then half-closes if `closes_when_sent`. Reads to the end of the stream, or to an error.
class StreamProgram {
 public:
  std::vector<std::uint8_t> to_send;
  bool closes_when_sent = true;
  std::vector<std::uint8_t> received;
  bool saw_end = false;         ///< the peer closed, and everything was read
  std::optional<Errc> failure;  ///< the first error that a call or the connection reported

  TcpStream stream;

  void step() {
    if (!stream) return;
    send_more();
    read_more();
    const Result<void> end = stream.error();
    if (any(stream.ready() & Ready::closed) && !end) note(end.error());
  }
  bool sent_all() const { return sent_ == to_send.size(); }

 private:
  void send_more() {
    while (!sent_all()) {
      const auto n = stream.send(Bytes(to_send).subspan(sent_));
      if (!n) return note(n.error());
      sent_ += *n;
    }
    if (!closes_when_sent || has_shut_) return;
    const auto shut = stream.shutdown_send();
    has_shut_ = shut.has_value();
    if (!shut) note(shut.error());
  }
  void read_more() {
    std::uint8_t chunk[4096];
    while (!saw_end) {
      const auto n = stream.receive(chunk);
      if (!n) return note(n.error());
      received.insert(received.end(), chunk, chunk + *n);
      saw_end = *n == 0;
    }
  }
  void note(Errc error) {
    if (error != Errc::would_block && !failure) failure = error;
  }

  std::size_t sent_ = 0;
  bool has_shut_ = false;
};

/// Bytes that differ from place to place.
inline std::vector<std::uint8_t> text_of(std::size_t size, std::uint8_t salt = 0) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 151 + (i >> 8) * 29 + (i >> 16) + salt);
  return bytes;
}

}  // namespace strata::sim
