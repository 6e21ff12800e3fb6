// The states of RFC 9293 §3.3.2 and the edges between them; an edge that is not in the table is our bug.
#pragma once

#include <array>
#include <cstdint>

#include "strata/trace.hpp"

namespace strata::tcp {

using State = TcpState;

constexpr std::uint16_t bit(State s) { return static_cast<std::uint16_t>(1U << static_cast<unsigned>(s)); }

/// Membership in a few states, as the RFC's text asks it: `is_in(state, State::established,
/// State::close_wait)`.
template <class... S>
constexpr bool is_in(State state, S... states) {
  return (bit(state) & (bit(states) | ...)) != 0;
}

/// RFC 9293 §3.3.2: everything from ESTABLISHED on.
constexpr bool is_synchronized(State s) { return s >= State::established; }
/// The application may still queue data.
constexpr bool may_queue_data(State s) {
  return is_in(s, State::syn_sent, State::syn_received, State::established, State::close_wait);
}
/// The peer may still send data that we deliver.
constexpr bool may_receive_data(State s) {
  return is_in(s, State::established, State::fin_wait_1, State::fin_wait_2);
}
/// Our FIN is queued or sent.
constexpr bool has_closed(State s) {
  return is_in(s, State::fin_wait_1, State::fin_wait_2, State::closing, State::last_ack, State::time_wait);
}

/// RFC 9293 figure 5, and the edges to CLOSED that RST, abort and timeouts take from every state.
constexpr bool is_edge(State from, State to) {
  using enum TcpState;
  constexpr std::array<std::uint16_t, 11> kNext = {
      /* closed       */ static_cast<std::uint16_t>(bit(listen) | bit(syn_sent) | bit(syn_received)),
      /* listen       */ static_cast<std::uint16_t>(bit(syn_sent) | bit(syn_received)),
      /* syn_sent     */ static_cast<std::uint16_t>(bit(syn_received) | bit(established)),
      /* syn_received */ static_cast<std::uint16_t>(bit(established) | bit(fin_wait_1) | bit(listen)),
      /* established  */ static_cast<std::uint16_t>(bit(fin_wait_1) | bit(close_wait)),
      /* fin_wait_1   */ static_cast<std::uint16_t>(bit(fin_wait_2) | bit(closing) | bit(time_wait)),
      /* fin_wait_2   */ bit(time_wait),
      /* close_wait   */ bit(last_ack),
      /* closing      */ bit(time_wait),
      /* last_ack     */ 0,
      /* time_wait    */ 0,
  };
  return to == closed || (kNext[static_cast<std::size_t>(from)] & bit(to)) != 0;
}

}  // namespace strata::tcp
