// What all sockets share: readiness and the waker that tells of it.
#pragma once

#include <cstdint>

namespace strata {

/// Level-triggered facts about a socket; a set.
enum class Ready : std::uint8_t {
  none = 0,
  readable = 1,     ///< receive() would return data, end of stream or an error
  writable = 2,     ///< send() would take at least one byte, or report an error
  acceptable = 4,   ///< accept() would return a stream
  peer_closed = 8,  ///< the peer sent FIN; what is queued can still be read
  closed = 16,      ///< the connection is over; error() says how
  stalled = 64,     ///< the path may be dead: sent `tcp_retries1` times again, no answer (RFC 9293 §3.8.3)
  urgent = 32,      ///< the peer has urgent data that was not read (RFC 9293 §3.8.5)
};
constexpr Ready operator|(Ready a, Ready b) {
  return static_cast<Ready>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
constexpr Ready operator&(Ready a, Ready b) {
  return static_cast<Ready>(static_cast<std::uint8_t>(a) & static_cast<std::uint8_t>(b));
}
constexpr bool any(Ready r) { return r != Ready::none; }

/// Called by Stack::dispatch() when a fact that was false has become true (an edge). Inside it every socket
/// call is allowed, also closing the socket.
struct Waker {
  void* context = nullptr;
  void (*function)(void* context, Ready ready) = nullptr;
};

/// Names a socket of one stack; a stale name finds nothing.
struct SocketId {
  std::uint32_t index = 0xffff'ffff;
  std::uint32_t generation = 0;
  friend constexpr bool operator==(SocketId, SocketId) = default;
};

}  // namespace strata
