// SEGMENT ARRIVES (RFC 9293 §3.10.7): one function per state group, one per check, called in the RFC's order.
// They change the TCB and note what has to be said; output.cpp says it.
#pragma once

#include <cstdint>
#include <optional>

#include "transport/tcp/segment.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

enum class Step : std::uint8_t {
  next,  ///< go on with the next check
  done,  ///< the segment is dealt with
};

/// RFC 9293 §3.10.7.1: the answer to a segment that belongs to no connection; nothing for RST.
std::optional<TxSegment> reset_for(const Segment& segment, Cause cause);

enum class ListenVerdict : std::uint8_t { ignore, reset, open };
/// RFC 9293 §3.10.7.2. Pure: the owner of the listener opens the connection.
ListenVerdict process_listen(const TcpConfig& config, const Segment& segment);

/// RFC 9293 §3.10.7.3.
void process_syn_sent(Tcb& tcb, const Context& context, const Segment& segment);

/// RFC 9293 §3.10.7.4: SYN-RECEIVED and all later states.
void process_synchronized(Tcb& tcb, const Context& context, const Segment& segment);

/// Fifth check. RFC 9293 §3.10.7.4 with RFC 5961 §5.
Step check_ack(Tcb& tcb, const Context& context, const Segment& segment);
/// Seventh: the segment text.
Step process_text(Tcb& tcb, const Context& context, const Segment& segment);
/// What a SYN brought that crossed ours, now that the handshake is over (RFC 9293 §3.10.7.3, fourth check).
void deliver_text_of_syn(Tcb& tcb, const Context& context);
/// The peer sent what we have: it will be told (RFC 2883).
void note_old_text(Tcb& tcb, const Context& context, const Segment& segment);
/// Eighth: FIN, this segment's or one that waited for the data before it.
void process_fin(Tcb& tcb, const Context& context, const Segment& segment);

/// SYN and SYN-ACK: takes over the peer's numbers and options.
void adopt_syn(Tcb& tcb, const Context& context, const Segment& segment);
/// The first round trip (RFC 6298 §2.2), unless a SYN had to be sent again.
void sample_handshake(Tcb& tcb, const Context& context);
/// The handshake is over: ESTABLISHED, or on to FIN-WAIT-1 when close() was called meanwhile.
void become_established(Tcb& tcb, const Context& context, Cause cause);
/// FIN-WAIT-2 without anybody to read what the peer may still send: not for ever.
void abandon_in_fin_wait_2(Tcb& tcb, const Context& context);
/// RFC 5961 §7: an ACK that asks the peer to prove itself, rate-limited.
void challenge(Tcb& tcb, const Context& context);

}  // namespace strata::tcp
