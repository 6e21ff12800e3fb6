// Pacing: pieces leave at the rate that the controller asks for, or that its window comes to, instead of as
// fast as ACKs allow. The time of the next departure is a timer of the connection, so waiting costs nothing.
// Called by output.cpp; pacer.hpp has the arithmetic.
#pragma once

#include <cstdint>

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// Who is paced: by the parameter `tcp_pacing`, the controller, and the socket's own limit. To be asked again
/// when one of them changes.
void choose_pacing(Tcb& tcb, const TcpConfig& config);
/// Bytes per second, whether they are kept to or not; zero: not known yet.
std::uint64_t pacing_rate(const Tcb& tcb, const TcpConfig& config);

/// What waits is not due yet; Timer::pacing will ask again.
inline bool is_held_back(const Tcb& tcb, Instant now) {
  return tcb.paced && tcb.timers.is_armed(Timer::pacing) && !tcb.timers.is_due(Timer::pacing, now);
}
/// `bytes` left now: nothing follows before they are through.
void pace(Tcb& tcb, const Context& context, std::uint32_t bytes);
/// The most that leaves in one piece; no limit without a rate.
std::uint32_t paced_burst(const Tcb& tcb, const TcpConfig& config);
/// Timer::pacing.
void on_pacing(Tcb& tcb, const Context& context);

}  // namespace strata::tcp
