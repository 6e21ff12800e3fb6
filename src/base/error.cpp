// Names and sentences for what can go wrong in a call.
#include "strata/error.hpp"

namespace strata {
namespace {

struct Text {
  std::string_view name;
  std::string_view sentence;
};

constexpr Text text_of(Errc error) {
  switch (error) {
    case Errc::would_block: return {"would_block", "nothing to read, or no room to write, at this moment"};
    case Errc::invalid_argument: return {"invalid_argument", "the call makes no sense with these values"};
    case Errc::address_in_use: return {"address_in_use", "another socket uses this address and port"};
    case Errc::address_not_available:
      return {"address_not_available", "no interface has this address, or no free port is left"};
    case Errc::network_unreachable: return {"network_unreachable", "no route leads to the destination"};
    case Errc::host_unreachable: return {"host_unreachable", "the host does not answer"};
    case Errc::connection_refused: return {"connection_refused", "the peer refused the connection"};
    case Errc::connection_reset: return {"connection_reset", "the peer reset the connection"};
    case Errc::connection_aborted: return {"connection_aborted", "the connection was aborted on our side"};
    case Errc::timed_out: return {"timed_out", "the peer did not answer in time"};
    case Errc::broken_pipe: return {"broken_pipe", "the sending side of the connection is closed"};
    case Errc::not_connected: return {"not_connected", "the socket is not connected"};
    case Errc::already_connected: return {"already_connected", "the socket is connected already"};
    case Errc::message_too_large: return {"message_too_large", "the datagram is too large"};
    case Errc::no_memory: return {"no_memory", "a pool or a table of the stack is at its limit"};
    case Errc::closed: return {"closed", "the socket was closed"};
  }
  return {"unknown", "unknown error"};
}

}  // namespace

std::string_view name(Errc error) { return text_of(error).name; }
std::string_view describe(Errc error) { return text_of(error).sentence; }

}  // namespace strata
