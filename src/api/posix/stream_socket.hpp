// A TCP socket in the sense of BSD: one object that is first nothing, then listens or connects. Its questions
// are Linux's (which state, shut down which way, which error is pending), answered from the handle of the
// core.
#pragma once

#include <memory>

#include "api/posix/socket.hpp"
#include "api/posix/zero_copy.hpp"
#include "strata/stack.hpp"
#include "strata/tcp.hpp"

namespace strata::posix {

class StreamSocket final : public Socket {
 public:
  enum class Phase : std::uint8_t {
    unconnected,  ///< fresh, or disconnected again
    listening,
    connecting,  ///< connect(2) has begun, and nobody heard how it ended
    connected,
    disconnecting,  ///< shut down after connecting had failed, and before anybody heard: it connects no more
  };

  explicit StreamSocket(Stack& stack) : Socket(Kind::stream, stack) {}
  /// close(2): SO_LINGER with zero seconds resets.
  ~StreamSocket() override;

  std::uint32_t events() override;
  int take_error() override;
  bool has_error() const override;
  void apply_options() override;

  // --- Becoming something ---
  /// 0 or -errno. Precondition: unconnected, bound.
  int start_listening(std::uint16_t backlog);
  int start_connecting(const Endpoint& remote, FastOpenUse fast_open, Instant now);
  /// A connection that `listener` accepted.
  void adopt(TcpStream stream, const StreamSocket& listener);
  /// Back to unconnected; an open connection is reset (connect(2) with AF_UNSPEC).
  void disconnect();
  /// shutdown(2).
  int shut_down(bool receiving, bool sending);
  /// The program heard how connecting ended.
  void finish_connecting() { phase_ = Phase::connected; }

  // --- Questions ---
  Phase phase() const { return phase_; }
  TcpState state() const;
  bool is_established() const;  ///< data may be sent: ESTABLISHED or CLOSE-WAIT
  bool is_handshaking() const;
  bool is_receive_shut() const;  ///< by us, by the peer's FIN, or because it is over
  bool is_send_shut() const;
  /// The peer's FIN was read up to, or the connection is over: no error follows but the end of the stream.
  bool is_done() const;
  /// poll(2)'s idea of room: a third of the send buffer is free.
  bool is_writable();

  TcpStream& stream() { return stream_; }
  const TcpStream& stream() const { return stream_; }
  TcpListener& listener() { return listener_; }

  ZeroCopyNotices zero_copy;

 private:
  static void on_ready(void* context, Ready ready);

  Phase phase_ = Phase::unconnected;
  bool receive_shut_ = false;
  bool send_shut_ = false;
  bool error_taken_ = false;
  int own_error_ = 0;  ///< ECONNRESET: we reset a connection by disconnect()
  TcpStream stream_;
  TcpListener listener_;
};

}  // namespace strata::posix
