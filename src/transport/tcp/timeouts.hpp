// One function per timer (RFC 9293 §3.10.8 and the RFCs that added timers).
#pragma once

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// Runs every timer that is due at context.now.
void on_timers(Tcb& tcb, const Context& context);

}  // namespace strata::tcp
