// AccECN as procedures on the TCB (RFC 9768): the part of congestion_marks.hpp for connections whose SYNs
// agreed on it. Each is a step of that file, or of the procedure that asks here. Precondition of those that
// do not ask themselves: is_accurate().
#pragma once

#include <cstdint>

#include "transport/tcp/recovery.hpp"
#include "transport/tcp/segment.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

inline bool is_accurate(const Tcb& tcb) { return tcb.ecn && tcb.ecn->mode == EcnMode::accurate; }

// --- The handshake ---
/// A SYN, or a SYN-ACK, agreed. False: there is no memory for it.
bool open_accurate(Tcb& tcb, const Context& context, const Segment& syn);
bool confirm_accurate(Tcb& tcb, const Context& context, const Segment& syn_ack);
/// The mark of the peer's latest SYN, and the option that tests the path.
void mark_accurate_syn_ack(Tcb& tcb, const Context& context, TxSegment& segment);
void hear_repeated_accurate_syn(Tcb& tcb, const Context& context, const Segment& syn);
/// Our ACK of the SYN-ACK got lost. Asks itself.
void hear_repeated_syn_ack(Tcb& tcb, const Segment& segment);
/// SYN-RECEIVED is over (RFC 9768 §3.2.2.1, table 4). Asks itself.
void hear_handshake_ack(Tcb& tcb, const Context& context, const Segment& segment);
/// RFC 9768 §3.2.2.1: before anything else, a pure ACK that tells the mark of the SYN-ACK. Asks itself.
bool owes_handshake_ack(const Tcb& tcb);
void make_handshake_ack(Tcb& tcb, TxSegment& segment);

// --- Receiving marks ---
void hear_accurate_marks(Tcb& tcb, const Segment& segment);
/// ACE, and the option where it is due and has room beside the others.
void add_accurate_feedback(const Tcb& tcb, const Context& context, TxSegment& segment);
/// The payload leaves no room for the option. Asks itself.
void starve_feedback(Tcb& tcb, TxSegment& segment);
/// What had no room has waited long enough: an ACK of its own. Asks itself.
bool owes_feedback(const Tcb& tcb, const Context& context);
/// A segment leaves. Asks itself.
void note_feedback_sent(Tcb& tcb, const Context& context, const TxSegment& segment);
/// RFC 9768 §3.2.3.2.2: data came again that an ACK with an option had covered. Asks itself.
void note_reappearance(Tcb& tcb, const Context& context);

// --- Sending ---
std::uint32_t hear_accurate_feedback(Tcb& tcb, const Context& context, const Segment& segment,
                                     const AckReport& report);
/// RFC 9768 §3.3.4: devices that cut super-segments clear CWR behind the first; so none while ACE has that
/// bit. Asks itself.
bool must_send_singly(const Tcb& tcb);

}  // namespace strata::tcp
