// What the procedures do with the urgent pointer: user_calls.cpp marks and reads, input_synchronized.cpp
// hears of the peer's, output.cpp shows ours. Never changes what is in the stream but for one octet
// (check_urgent).
#pragma once

#include <cstdint>
#include <optional>

#include "strata/tcp_info.hpp"
#include "transport/tcp/segment.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

// --- Sending ---
/// Everything that is queued is urgent.
void mark_urgent(Tcb& tcb, const Context& context);
/// RFC 9293 calls it urgent mode: the peer does not have everything before SND.UP. Then each segment is cut
/// by us, because a device would repeat the pointer, and nothing waits for more (RFC 9293 §3.7.4).
inline bool is_urgent(const Tcb& tcb) { return tcb.rare && tcb.rare->urgent.sending; }
/// Writes the flag and the pointer.
void show_urgent(const Tcb& tcb, TxSegment& segment);
/// After SND.UNA moved.
void settle_urgent(Tcb& tcb);

// --- Receiving ---
/// Sixth check of RFC 9293 §3.10.7.4.
void check_urgent(Tcb& tcb, const Context& context, const Segment& segment);
/// Looks for the octet in what has arrived in order: it may have waited behind a hole when the pointer came.
void find_urgent_octet(Tcb& tcb);
/// After the application read: what lies behind it is urgent no more.
void pass_urgent(Tcb& tcb);

/// The peer announced some, and the application has not had it.
inline bool has_unread_urgent(const Tcb& tcb) {
  return tcb.rare && (tcb.rare->urgent.arrival == Urgent::Arrival::announced ||
                      tcb.rare->urgent.arrival == Urgent::Arrival::here);
}
std::optional<UrgentMark> urgent_mark(const Tcb& tcb);
/// The application took the octet out of band.
void take_urgent(Tcb& tcb);

}  // namespace strata::tcp
