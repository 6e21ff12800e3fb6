// TCP_INFO with Linux's field names and meanings. What this stack does not know stays zero.
#pragma once

#include <cstddef>

#include "api/posix/stream_socket.hpp"

namespace strata::posix {

/// Copies the first `size` bytes of Linux's struct tcp_info, or as many as it has; returns how many.
std::size_t copy_tcp_info(const StreamSocket& socket, void* to, std::size_t size);
/// The same of union tcp_cc_info: a controller's own numbers, if it has any.
std::size_t copy_cc_info(const StreamSocket& socket, void* to, std::size_t size);

}  // namespace strata::posix
