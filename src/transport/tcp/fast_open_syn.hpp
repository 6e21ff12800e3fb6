// TCP Fast Open (RFC 7413 §4.2.1) in the procedures of a client: what its SYN carries, and what becomes of
// it.
#pragma once

#include <cstdint>

#include "transport/tcp/context.hpp"
#include "transport/tcp/segment.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// The first SYN waits for begin_fast_open().
bool holds_syn(const Tcb& tcb);
/// Payload that the first SYN can still take; 0 without a cookie.
std::uint32_t syn_room(const Tcb& tcb);
/// The application has given what the SYN shall carry.
void begin_fast_open(Tcb& tcb);
/// Puts option and data into the first SYN.
void load_syn(Tcb& tcb, const Context& context, TxSegment& syn);
/// The SYN and `acked` octets of its data have arrived; the others are sent again at once.
void take_ack_of_syn(Tcb& tcb, const Context& context, SeqNum ack);
/// Notes for the stack what the SYN-ACK says of cookies. Before the handshake counts as done.
void note_syn_answer(Tcb& tcb, const Segment& segment);

}  // namespace strata::tcp
