// What must hold of one connection at any moment between two events (RFC 9293 §3.3.1, §3.4; RFC 6675 §3).
#pragma once

#include <cstddef>

#include "strata/time.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::sim {

/// What is broken, in a few words; nullptr: nothing is.
const char* broken_order(const tcp::Tcb& tcb);
/// The scoreboard against itself, counted anew, and against what is in flight.
const char* broken_scoreboard(const tcp::Tcb& tcb);
/// Something has to happen, and nothing will make it happen.
const char* broken_timers(const tcp::Tcb& tcb, Instant now);
const char* broken_limit(const tcp::Tcb& tcb, const TcpConfig& config, std::size_t islands_max);

/// RFC 9293 figure 5, with the edges to CLOSED that its text adds.
bool is_rfc_edge(TcpState from, TcpState to);

}  // namespace strata::sim
