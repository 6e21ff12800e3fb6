// How large a segment may be on its way to the peer: by the peer's word, the link's, the routers' (RFC 1191,
// RFC 8201), and by trying (RFC 4821, RFC 8899). When it turns out to be less than what was sent, the rest is
// cut anew; that is no sign of congestion.
#pragma once

#include <cstdint>
#include <optional>

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// The SYNs have settled what they settle.
void begin_mss(Tcb& tcb, const Context& context);
/// The way to the peer has changed, or more is known of it.
void on_path(Tcb& tcb, const Context& context, const PathInfo& path, Cause cause);

// --- By the routers' word ---
/// Payload and options of the outstanding segment that holds `seq`, as an MSS counts them.
std::optional<std::uint16_t> outstanding_mss(const Tcb& tcb, SeqNum seq);
/// RFC 5927 §7.2: segments of this size have arrived, and the one that holds `seq` may still do so. Then the
/// error is believed when it comes again about a repetition.
bool contradicts_experience(const Tcb& tcb, const TcpConfig& config, SeqNum seq);
/// RFC 1191 §6.4: what is in flight and larger than segments may be now was dropped: it leaves again at once.
void resend_too_big(Tcb& tcb, const Context& context);

// --- By trying ---
/// RFC 4821 §7.7: the retransmission timer fired. Repeated silence about a large segment may be its size's
/// fault.
void suspect_black_hole(Tcb& tcb, const Context& context);
/// Payload of a probe that may leave now; zero: none.
std::uint16_t path_probe_size(Tcb& tcb, const Context& context);
void on_path_probe_sent(Tcb& tcb, SeqRange what);
/// The scoreboard has heard more: what became of the probe?
void judge_path_probe(Tcb& tcb, const Context& context);

/// What waits to be sent again fits its segments. False: there was no memory for that, so all of it counts as
/// not sent.
bool fit_waiting(Tcb& tcb, const Context& context);

}  // namespace strata::tcp
