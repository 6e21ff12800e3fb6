// Urgent data as programs know it from Linux: one octet out of band, read with MSG_OOB, and a mark in the
// stream where it was. With SO_OOBINLINE only the mark is left. Asked by receive.cpp, ioctl.cpp and
// stream_socket.cpp.
#pragma once

#include <sys/socket.h>

#include "api/posix/stream_socket.hpp"

namespace strata::posix {

/// recv(2) with MSG_OOB, which never waits: 1, 0 or -errno.
long receive_urgent(StreamSocket& socket, msghdr& message, int flags);
/// SIOCATMARK.
bool is_at_mark(const StreamSocket& socket);
/// FIONREAD: what can be read before an urgent octet that stands alone.
std::uint32_t readable_bytes(const StreamSocket& socket);

}  // namespace strata::posix
