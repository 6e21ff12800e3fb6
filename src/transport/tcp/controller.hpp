// Which congestion controller a connection has, and what comes with it: rate samples where it wants them,
// pacing where it asks for it.
#pragma once

#include <cstdint>

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// By the socket's setting or the stack's parameter, beginning with `window`. Without memory for it: CUBIC,
/// which needs none.
void choose_controller(Tcb& tcb, const Context& context, std::uint32_t window);
/// While connected: the window and the threshold stay; what else the old one knew is its own.
void change_controller(Tcb& tcb, const Context& context);

}  // namespace strata::tcp
