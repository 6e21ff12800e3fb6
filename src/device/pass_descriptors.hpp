// One message with file descriptors from one process to another (unix(7), SCM_RIGHTS).
#pragma once

#include <span>
#include <vector>

#include "device/fd.hpp"
#include "strata/bytes.hpp"
#include "strata/system_error.hpp"

namespace strata {

/// At most this many descriptors go in one message.
inline constexpr std::size_t kPassedDescriptorsMax = 8;

SystemResult<void> send_with_descriptors(int socket, Bytes message, std::span<const int> descriptors);

/// Fills `message` exactly; an error when less arrived or the other end is closed.
SystemResult<std::vector<Fd>> receive_with_descriptors(int socket, MutableBytes message);

}  // namespace strata
