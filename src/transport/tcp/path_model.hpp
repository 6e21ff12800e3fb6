// Between the records of what was sent and a controller that models the path: stamps what leaves, takes a
// sample of what arrived, tells what is lost (draft-ietf-ccwg-bbr §4.1). For connections with Tcb::rates; the
// others never come here.
#pragma once

#include <cstdint>

#include "transport/tcp/recovery.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// The record was sent now, for the first time or again.
void stamp_sent(Tcb& tcb, const Context& context, Scoreboard::Position at);
/// Nothing is in flight and something will be: the model hears that it was the application's will.
void note_restart(Tcb& tcb, const Context& context);
/// An ACK says that the record arrived.
void note_delivered(Tcb& tcb, const Context& context, const TransmitRecord& record);
/// The controller hears of each record that was marked as lost since the last call.
void tell_lost(Tcb& tcb, const Context& context);
/// The end of an ACK: its sample.
void tell_sample(Tcb& tcb, const Context& context, const AckReport& report);

}  // namespace strata::tcp
