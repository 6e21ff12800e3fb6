// What can go wrong when an application calls the stack (STYLE R7 b), and the type that carries it.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace strata {

enum class Errc : std::uint8_t {
  would_block = 1,        ///< nothing to read, or no room to write, at this moment
  invalid_argument,       ///< the call makes no sense with these values
  address_in_use,         ///< another socket owns this address and port
  address_not_available,  ///< no interface has this address, or no free port is left
  network_unreachable,    ///< no route leads to the destination
  host_unreachable,       ///< the neighbour did not answer, or an ICMP error said so
  connection_refused,     ///< the peer answered our SYN with RST, or an ICMP port unreachable came
  connection_reset,       ///< the peer sent RST
  connection_aborted,     ///< aborted on our side (abort(), no memory, stack gone)
  timed_out,              ///< retransmissions or keepalives stayed unanswered
  broken_pipe,            ///< sending after shutdown_send() or after the connection ended
  not_connected,          ///< the call needs a connection
  already_connected,      ///< the socket has a peer already
  message_too_large,      ///< the datagram does not fit
  no_memory,              ///< a pool or a table of the stack is at its limit
  closed,                 ///< the handle was closed
};

/// A stable lower-case name, as in the enumeration: `connection_refused`.
std::string_view name(Errc error);
/// One sentence for people.
std::string_view describe(Errc error);

template <class T, class E = Errc>
using Result = std::expected<T, E>;

/// `return Err{Errc::would_block};`
template <class E>
using Err = std::unexpected<E>;

}  // namespace strata
