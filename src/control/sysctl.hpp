// The request `sysctl [NAME[=VALUE]...]`: reads and sets the parameters of a stack (strata/parameters.hpp).
#pragma once

#include "control/protocol.hpp"
#include "strata/config.hpp"

namespace strata::control {

/// The parameters of these names, all of them when there is none, as an array of objects with the members
/// name, value, unit, least, most, rfc. `NAME=VALUE` sets first, in the order given; nothing is set when
/// anything is wrong.
Answer answer_sysctl(Stack& stack, Arguments arguments);

/// The same array for values that are no running stack's; `names` have no values.
Answer list_parameters(const TcpConfig& config, Arguments names);

}  // namespace strata::control
