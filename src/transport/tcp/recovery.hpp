// Loss recovery as procedures on the TCB: RFC 6675 and RFC 8985 where SACK is agreed, RFC 6582 where it is
// not, both with the rate of RFC 9937, and the way back when it was a false alarm.
#pragma once

#include "transport/tcp/input.hpp"

namespace strata::tcp {

/// What one ACK told about what we sent.
struct AckReport {
  std::uint32_t acked = 0;          ///< bytes by which snd_una moves
  std::uint32_t delivered = 0;      ///< bytes that are known to be there now (RFC 9937 §5: DeliveredData)
  std::uint32_t flight_before = 0;  ///< FlightSize
  std::uint32_t marked = 0;         ///< of `delivered`, what arrived with a congestion mark
  Duration rtt;                     ///< of the segment that was sent last; zero: none that was sent once
  bool sacked = false;              ///< something behind a hole is there now
  bool original_arrived = false;    ///< something that is due to be sent again, and was not yet
  bool duplicate_reported = false;  ///< D-SACK (RFC 2883)
  bool duplicate_at_end = false;    ///< that block ends where the tail probe did
  bool duplicate = false;           ///< a duplicate ACK by RFC 5681 §2
};

/// Enters an acceptable ACK into the scoreboard. Call it before snd_una moves.
AckReport report_ack(Tcb& tcb, const Context& context, const Segment& segment);
/// Draws the conclusions: what is lost, which phase follows, how much may leave. Call it after snd_una moved.
void conclude_ack(Tcb& tcb, const Context& context, const Segment& segment, const AckReport& report);

/// RFC 6298 §5.4, RFC 8985 §6.3: the retransmission timer fired while data is outstanding.
void begin_loss_phase(Tcb& tcb, const Context& context);
/// RFC 8985 §6.2 step 5: the reordering window is over.
void on_reordering_timeout(Tcb& tcb, const Context& context);
/// RFC 8985 §7.2: the probe timer begins anew, where a probe is possible.
void schedule_tail_probe(Tcb& tcb, const Context& context);
/// What was sent counts as not sent: it will be cut and sent anew from snd_una on.
void go_back(Tcb& tcb, const Context& context);

}  // namespace strata::tcp
