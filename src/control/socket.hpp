// UNIX stream sockets by their path (unix(7)).
#pragma once

#include <sys/socket.h>
#include <string>

#include "device/fd.hpp"
#include "strata/system_error.hpp"

namespace strata::control {

/// Listens at `path`, open to the owner only, without blocking; EADDRINUSE when the path exists.
SystemResult<Fd> listen_at(const std::string& path, int backlog);
/// Waits for a busy listener no longer than `seconds`; reading and writing neither.
SystemResult<Fd> connect_to(const std::string& path, int seconds);
/// Nobody listens at `path`, though it exists.
bool is_abandoned(const std::string& path);
/// The process at the other end, as it was when it connected or began to listen.
SystemResult<ucred> peer_of(int socket);

}  // namespace strata::control
