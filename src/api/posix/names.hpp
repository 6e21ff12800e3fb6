// Addresses as the socket calls spell them: sockaddr_in and back.
#pragma once

#include <sys/socket.h>

#include "strata/address.hpp"

namespace strata::posix {

/// 0 or -errno: -EINVAL for one that is too short, -EAFNOSUPPORT for another family.
int read_name(const sockaddr* address, socklen_t size, Endpoint& endpoint);
/// Copies as much as `size` has room for, then says how long the whole is. Either may be null.
void write_name(const Endpoint& endpoint, sockaddr* address, socklen_t* size);
/// AF_UNSPEC: for connect(2), "disconnect".
bool is_unspecified_family(const sockaddr* address, socklen_t size);

}  // namespace strata::posix
