// Whether a TCP port is being listened on, without disturbing the listener by a connection.
#pragma once

#include <cstdint>

#include "strata/address.hpp"

namespace strata {

/// `proc_net_tcp` is an open /proc/net/tcp or tcp6; it tells about the network namespace that opened it
/// (proc(5)). Listeners on every address count, too.
bool is_listening(int proc_net_tcp, const IpAddress& address, std::uint16_t port);

}  // namespace strata
