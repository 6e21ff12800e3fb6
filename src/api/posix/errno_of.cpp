#include "api/posix/errno_of.hpp"

#include <cerrno>

namespace strata::posix {

int errno_of(Errc error) {
  switch (error) {
    case Errc::would_block: return EAGAIN;
    case Errc::invalid_argument: return EINVAL;
    case Errc::address_in_use: return EADDRINUSE;
    case Errc::address_not_available: return EADDRNOTAVAIL;
    case Errc::network_unreachable: return ENETUNREACH;
    case Errc::host_unreachable: return EHOSTUNREACH;
    case Errc::connection_refused: return ECONNREFUSED;
    case Errc::connection_reset: return ECONNRESET;
    case Errc::connection_aborted: return ECONNABORTED;
    case Errc::timed_out: return ETIMEDOUT;
    case Errc::broken_pipe: return EPIPE;
    case Errc::not_connected: return ENOTCONN;
    case Errc::already_connected: return EISCONN;
    case Errc::message_too_large: return EMSGSIZE;
    case Errc::no_memory: return ENOBUFS;
    case Errc::closed: return EBADF;
  }
  return EIO;
}

}  // namespace strata::posix
