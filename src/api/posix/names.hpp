// Addresses as the socket calls spell them: sockaddr_in or sockaddr_in6, by the socket's family, and back.
#pragma once

#include <sys/socket.h>

#include "strata/address.hpp"

namespace strata::posix {

class Socket;

/// 0 or -errno: -EINVAL for one that is too short, -EAFNOSUPPORT for another family, -ENETUNREACH for IPv4 on
/// a socket of IPv6 alone.
int read_name(const Socket& socket, const sockaddr* address, socklen_t size, Endpoint& endpoint);
/// Copies as much as `size` has room for, then says how long the whole is. Either may be null.
void write_name(const Socket& socket, const Endpoint& endpoint, sockaddr* address, socklen_t* size);
/// AF_UNSPEC: for connect(2), "disconnect".
bool is_unspecified_family(const sockaddr* address, socklen_t size);

}  // namespace strata::posix
