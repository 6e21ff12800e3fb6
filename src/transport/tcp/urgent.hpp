// Urgent data (RFC 9293 §3.8.5, RFC 6093 §3): where it ends, in both directions. Most connections never meet
// any, so a Tcb has this (rare.hpp) only from the first urgent octet on, until it is read and acknowledged.
// The octets themselves stay where they are in the stream.
#pragma once

#include <cstdint>

#include "base/seq_num.hpp"

namespace strata::tcp {

struct Urgent {
  enum class Arrival : std::uint8_t {
    none,       ///< the peer has announced nothing, or it was read past
    announced,  ///< the pointer came, the octet did not
    here,       ///< `octet` holds it
    taken,      ///< the application read it out of band; it still has its place in the stream
  };

  SeqNum snd_up;  ///< behind the last urgent octet of ours (RFC 9293 §3.8.5, MUST-62)
  SeqNum rcv_up;  ///< number of the peer's last urgent octet
  Arrival arrival = Arrival::none;
  std::uint8_t octet = 0;
  bool sending = false;  ///< the peer has not acknowledged everything before snd_up

  bool is_over() const { return !sending && arrival == Arrival::none; }
};

}  // namespace strata::tcp
