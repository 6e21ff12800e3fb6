// TCP Fast Open (RFC 7413), the client's side: what a connection carries of it from connect() until the
// SYN-ACK. Set up by the stack, which knows the cookies; the answer goes back there.
#pragma once

#include <cstdint>

#include "wire/tcp_options.hpp"

namespace strata::tcp {

struct FastOpen {
  FastOpenOption option;       ///< of the first SYN; none: data without a cookie
  std::uint16_t peer_mss = 0;  ///< as the peer once announced it; 0: unknown
  bool is_on = false;
  bool carries_data = false;    ///< there is a cookie, or none is wanted
  bool waits_for_data = false;  ///< no SYN leaves before the application has said what it shall carry
  bool has_left = false;        ///< RFC 7413 §4.1.3.1: a SYN that is sent again is a plain one
  bool is_answered = false;     ///< and this is what the SYN-ACK said:
  bool was_ignored = false;     ///< no cookie came although one was asked for
  FastOpenOption cookie;
  std::uint16_t announced_mss = 0;
};

}  // namespace strata::tcp
