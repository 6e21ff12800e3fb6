// How large the receive window may be, and what memory takes in: the procedures around receive_tuning.hpp and
// memory_budget.hpp. The right edge never moves left (RFC 9293 §3.8.6): a smaller window is one that does not
// open again. Called by tcb.cpp, build_segment.cpp, input_*.cpp and user_calls.cpp.
#pragma once

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// The window that a SYN may offer.
std::uint32_t first_window(const Tcb& tcb, const TcpConfig& config);
/// The largest window that there may ever be: what the scale has to do for (RFC 7323 §2.3).
std::uint32_t largest_window(const Tcb& tcb, const TcpConfig& config);
/// The largest window to offer now.
std::uint32_t window_limit(const Tcb& tcb, const Context& context);
/// Of that, what is not taken by data that waits to be read.
std::uint32_t receive_room(const Tcb& tcb, const Context& context);

/// A segment with text in order arrived, before it is delivered.
void measure_receive_rtt(Tcb& tcb, const Context& context, const Segment& segment);
/// The application read.
void tune_on_read(Tcb& tcb, const Context& context);
/// May text be kept? Above the budget's third mark nothing is that can come again: text out of order goes
/// first, also what was kept of it (RFC 2018 §8), then all but a little for a reader that keeps up.
bool has_memory_for_text(Tcb& tcb, const Context& context, bool in_order);
/// What a connection has grown to is forgotten once it is idle: it begins anew when it is used again.
void give_back_if_idle(Tcb& tcb, Instant now);

}  // namespace strata::tcp
