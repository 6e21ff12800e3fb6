// The buffers of a msghdr as one range of bytes.
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "strata/bytes.hpp"

namespace strata::posix {

/// 0, or what is wrong with the message.
inline int check_message(const msghdr& message) {
  constexpr std::size_t kPiecesMax = 1024;  // UIO_MAXIOV
  if (message.msg_iovlen > kPiecesMax) return -EMSGSIZE;
  // Of all bad addresses the one that can be seen from here.
  const auto leads_nowhere = [](const iovec& piece) {
    return piece.iov_base == nullptr && piece.iov_len != 0;
  };
  return std::any_of(message.msg_iov, message.msg_iov + message.msg_iovlen, leads_nowhere) ? -EFAULT : 0;
}

inline std::size_t size_of(const msghdr& message) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) size += message.msg_iov[i].iov_len;
  return size;
}

/// Calls `each(piece)` for the buffers behind the first `skip` bytes, until it returns less than the piece
/// has. The sum of what it returned.
template <class Each>
std::size_t for_each_piece(const msghdr& message, std::size_t skip, Each each) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    const iovec& buffer = message.msg_iov[i];
    const std::size_t skipped = std::min(skip, buffer.iov_len);
    skip -= skipped;
    const MutableBytes piece(static_cast<std::uint8_t*>(buffer.iov_base) + skipped, buffer.iov_len - skipped);
    if (piece.empty()) continue;
    const std::size_t done = each(piece);
    sum += done;
    if (done < piece.size()) break;
  }
  return sum;
}

}  // namespace strata::posix
