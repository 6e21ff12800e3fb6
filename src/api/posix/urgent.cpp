#include "api/posix/urgent.hpp"

#include <algorithm>
#include <cerrno>

#include "api/posix/message.hpp"

namespace strata::posix {

// In Linux's order.
long receive_urgent(StreamSocket& socket, msghdr& message, int flags) {
  if (socket.phase() == StreamSocket::Phase::listening) return -ENOTCONN;
  const auto mark = socket.stream().urgent();
  if (socket.options.urgent_inline || !mark || mark->is_taken) return -EINVAL;
  const bool is_over = socket.state() == TcpState::closed;
  if (is_over && !any(socket.stream().ready() & Ready::peer_closed)) return -ENOTCONN;
  if (!mark->is_here) return is_over || socket.is_receive_shut() ? 0 : -EAGAIN;
  if ((flags & MSG_PEEK) == 0) socket.stream().take_urgent();
  message.msg_flags |= MSG_OOB;
  if (size_of(message) == 0) {
    message.msg_flags |= MSG_TRUNC;
    return 0;
  }
  if ((flags & MSG_TRUNC) != 0) return 1;
  for_each_piece(message, 0, [&](MutableBytes piece) {
    piece[0] = mark->octet;
    return std::size_t{0};
  });
  return 1;
}

bool is_at_mark(const StreamSocket& socket) {
  const auto mark = socket.stream().urgent();
  return mark && mark->before == 0;
}

std::uint32_t readable_bytes(const StreamSocket& socket) {
  const std::uint32_t queued = socket.stream().info().receive_queued;
  const auto mark = socket.stream().urgent();
  return mark && !socket.options.urgent_inline && mark->before < queued ? mark->before : queued;
}

}  // namespace strata::posix
