// ECN as procedures on the TCB (RFC 3168 §6.1, RFC 8257): each is one step of the procedure that calls it,
// and costs one compare where ECN was not agreed.
#pragma once

#include <cstdint>

#include "transport/tcp/recovery.hpp"
#include "transport/tcp/segment.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

// --- The handshake ---
/// OPEN, active: does our SYN ask for ECN?
void ask_for_ecn(Tcb& tcb, const Context& context);
/// A SYN or SYN-ACK arrived: is ECN agreed?
void agree_on_ecn(Tcb& tcb, const Context& context, const Segment& segment);
/// SYN-RECEIVED, and the peer repeats its SYN, perhaps in another way.
void hear_repeated_syn(Tcb& tcb, const Context& context, const Segment& segment);
/// The flags and the mark of a SYN or SYN-ACK of ours.
void mark_syn(Tcb& tcb, const Context& context, TxSegment& segment);

// --- Receiving marks ---
/// An acceptable segment: was it marked, and does the peer answer our echo?
void hear_marks(Tcb& tcb, const Context& context, const Segment& segment);
/// Feedback in every segment with ACK.
void add_feedback(const Tcb& tcb, const Context& context, TxSegment& segment);
/// RFC 8257 §3.2: something arrived whose echo differs from what came later.
bool owes_change_ack(const Tcb& tcb);
/// That ACK. Precondition: owes_change_ack().
void make_change_ack(Tcb& tcb, TxSegment& segment);

// --- Sending ---
/// New data: it is ECN-capable, and may tell of a reduction.
void mark_data(Tcb& tcb, TxSegment& segment);
/// ECN++: everything else that leaves.
void mark_control(const Tcb& tcb, const Context& context, TxSegment& segment);
/// A reset.
void mark_reset(const Tcb& tcb, const Context& context, TxSegment& segment);
/// What an ACK says about marks on our segments; returns how many bytes were marked.
std::uint32_t hear_feedback(Tcb& tcb, const Context& context, const Segment& segment,
                            const AckReport& report);
/// The consequence, once per round trip. Call it after losses were dealt with.
void respond_to_marks(Tcb& tcb, const Context& context, const AckReport& report);
/// RFC 3168 §6.1.2: an ACK that tells of marks does not open the window; RFC 8257 §3.4: DCTCP's does.
bool holds_growth(const Tcb& tcb, const Context& context, const AckReport& report);
/// The window comes down because of marks; what this ACK lets leave (RFC 9937).
bool is_reducing_for_marks(const Tcb& tcb);
void follow_reduction(Tcb& tcb, const AckReport& report);
/// The window was reduced for whatever reason; and it was a false alarm.
void note_reduction(Tcb& tcb);
void forget_reduction(Tcb& tcb);
/// Was the window reduced in this round already, so that a loss in it is no further reason?
bool has_reduced_for_marks(const Tcb& tcb, const Context& context);

}  // namespace strata::tcp
