// What to send next (RFC 9293 §3.8, §3.7.4, §3.8.6.2.1). Pulled once per packet by the owner until nothing is
// left to say.
#pragma once

#include <cstdint>
#include <optional>

#include "transport/tcp/segment.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

/// The next segment, in order of urgency: RST, SYN, owed duplicates, a retransmission, data and FIN, a probe,
/// a bare ACK.
std::optional<TxSegment> poll_transmit(Tcb& tcb, const Context& context);

/// What new data may leave now.
struct Allowance {
  std::uint32_t size = 0;  ///< payload bytes, a whole number of segments unless it ends the queue
  bool with_fin = false;
  bool cwnd_limited = false;
};
// allowance.cpp
Allowance may_send(const Tcb& tcb, const TcpConfig& config);
/// One burst takes at most half of the window, so that the next can follow while it is acknowledged.
std::uint32_t burst_max(const Tcb& tcb, const TcpConfig& config);

// build_segment.cpp: the values of one segment.
TxSegment build_syn(Tcb& tcb, const Context& context);
TxSegment build_reset(Tcb& tcb, const Context& context);
TxSegment build_ack(Tcb& tcb, const Context& context, Cause cause);
/// Acknowledges what came before the marking changed, and nothing later. Precondition: owes_change_ack().
TxSegment build_change_ack(Tcb& tcb, const Context& context);
/// Shares [seq, seq + size) of the send queue; nothing when no packet is left. May come out shorter than
/// `size`.
std::optional<TxSegment> build_data(Tcb& tcb, const Context& context, SeqNum seq, std::uint32_t size,
                                    bool with_fin, Cause cause);

}  // namespace strata::tcp
