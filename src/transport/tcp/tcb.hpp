// The transmission control block: the variables of RFC 9293 §3.3.1 under their own names, what every segment
// touches first. Procedures (input_*.cpp, output.cpp, timeouts.cpp, user_calls.cpp) are functions on it, in
// the RFC's order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/on_demand.hpp"
#include "base/seq_num.hpp"
#include "buf/byte_queue.hpp"
#include "strata/error.hpp"
#include "strata/socket.hpp"
#include "strata/tcp_info.hpp"
#include "strata/tcp_settings.hpp"
#include "transport/tcp/ack_policy.hpp"
#include "transport/tcp/cc/policy.hpp"
#include "transport/tcp/cc/window_use.hpp"
#include "transport/tcp/context.hpp"
#include "transport/tcp/ecn.hpp"
#include "transport/tcp/loss/loss_recovery.hpp"
#include "transport/tcp/own_settings.hpp"
#include "transport/tcp/rare.hpp"
#include "transport/tcp/reassembly.hpp"
#include "transport/tcp/receive_tuning.hpp"
#include "transport/tcp/rtt.hpp"
#include "transport/tcp/segment.hpp"
#include "transport/tcp/send_clock.hpp"
#include "transport/tcp/state.hpp"
#include "transport/tcp/timers.hpp"
#include "transport/tcp/timestamps.hpp"
#include "transport/tcp/window.hpp"

namespace strata::tcp {

/// Which options our SYN has.
enum class SynExtent : std::uint8_t { all, mss, none };

struct Tcb {
  Tcb(const FlowKey& key, const PathInfo& way, const TcpConfig& config)
      : acks(config.quick_acks),
        rtt(config),
        cc(Cubic(way.mss, initial_window(config, way.mss))),  // controller.hpp chooses before data can leave
        flow(key),
        path(way) {}

  /// RFC 6928 §2, with the segment count as a parameter: large segments make it fewer, but two at least.
  static std::uint32_t initial_window(const TcpConfig& config, std::uint32_t mss) {
    const std::uint32_t segments = config.initial_window_segments;
    return std::min(segments * mss, std::max(2 * mss, segments * 1460));
  }

  // --- Hot: read or written by every segment. ---
  State state = State::closed;
  bool timestamps_on = false;  ///< both SYNs had the option
  bool sack_on = false;
  bool fin_queued = false;            ///< the application closed its sending side
  bool fin_sent = false;              ///< snd_max counts our FIN
  bool more_follows : 1 = false;      ///< the application said so with its last data
  bool send_blocked : 1 = false;      ///< the application saw a full send queue and wants to hear of room
  bool waits_for_memory : 1 = false;  ///< and it was not the queue's, but the stack's memory
  bool paced : 1 = false;             ///< what leaves keeps its distance (pacing.hpp)
  std::uint16_t peer_mss = 536;       ///< what the peer takes (RFC 9293 §3.7.1: SendMSS)
  std::uint16_t snd_mss = 536;        ///< payload per segment after options (RFC 9293 §3.7.1: Eff.snd.MSS)
  WindowShift snd_shift;
  WindowShift rcv_shift;

  SeqNum snd_una;  ///< oldest unacknowledged
  SeqNum snd_nxt;  ///< next to send; back at snd_una after a time-out
  SeqNum snd_max;  ///< end of what was ever sent
  std::uint32_t snd_wnd = 0;
  std::uint32_t snd_wnd_max = 0;  ///< largest window the peer ever offered (RFC 9293 §3.8.6.2.1)
  SeqNum snd_wl1;                 ///< segment that last updated snd_wnd
  SeqNum snd_wl2;                 ///< its acknowledgment

  SeqNum rcv_nxt;
  SeqNum rcv_edge;       ///< right edge that we announced: RCV.NXT + RCV.WND
  SeqNum last_ack_sent;  ///< RFC 7323 §4.3

  AckPolicy acks;
  Cause retransmit_cause = Cause::none;
  Cause rst_cause = Cause::none;
  std::uint16_t pacing_late_us = 0;  ///< by how much the last wake-up for pacing was late
  SynExtent syn_extent = SynExtent::all;
  Ready events = Ready::none;  ///< edges since take_events()
  TimestampState ts;
  std::uint32_t ts_offset = 0;
  std::uint32_t flow_number = 0;  ///< names the connection in the trace
  RttEstimator rtt;
  SeqNum push_end;   ///< what is queued up to here is not held back for more
  SeqNum stray_ack;  ///< what the RST answers while we stay in SYN-SENT
  /// Before the handshake is over: when the SYN left; never(): more than once. Then: when the round trip was
  /// sampled last.
  Instant rtt_start = Instant::never();
  AnyCc cc;
  WindowUse window_use;
  std::uint32_t tail_burst = 0;  ///< of what waits to be sent, the last burst (send_space.hpp)
  TimerTable timers;
  OnDemand<EcnState> ecn;  ///< nothing: ECN was neither asked for nor agreed

  // --- Warm: losses, data. ---
  LossRecovery loss;
  buf::ByteQueue send_queue;     ///< from snd_una on (from iss + 1 before the handshake is over)
  buf::ByteQueue receive_queue;  ///< in order, not yet read
  Reassembly reassembly;
  SeqRange arrived_twice;  ///< not told yet (RFC 2883)

  // --- Cold: set-up, close, errors. ---
  SeqNum iss;
  SeqNum irs;
  FlowKey flow;
  PathInfo path;
  std::uint32_t grown_send_buffer = 0;  ///< where it may grow
  std::optional<Errc> error;            ///< how it ended, unless in order
  std::optional<Errc> soft_error;       ///< an ICMP error to report if we time out (RFC 9293 §3.9.2.2)
  OwnSettings settings;                 ///< the application's own
  OnDemand<Rare> rare;                  ///< urgent data, Fast Open
  Pooled<RateSampler> rates;  ///< where somebody wants to know the rate of delivery (path_model.hpp)
  TcpTraffic traffic;
  SendClock send_clock;
  OnDemand<ReceiveTuning> tuning;  ///< of a receiver of much
  Instant last_received;           ///< for keepalive
  Instant last_data_received;      ///< before the first: when the handshake was over
  Instant last_sent;               ///< for restart after idle (RFC 5681 §4.1)
  Instant unacceptable_answer_after;
  std::uint8_t retransmits = 0;     ///< time-outs in a row
  std::uint8_t probes = 0;          ///< zero-window or keepalive probes unanswered
  bool tail_is_pushed : 1 = true;   ///< the last data came without a promise of more (RFC 9293 §3.9.1.2)
  bool passive : 1 = false;         ///< came from LISTEN
  bool scaling_on : 1 = false;      ///< both SYNs had a window scale
  bool orphan : 1 = false;          ///< the application gave the handle up
  bool receive_shut : 1 = false;    ///< the application will not read what still comes
  bool peer_is_silent : 1 = false;  ///< the handshake is done but for the data that defer_accept waits for
  bool syn_pending : 1 = false;     ///< SYN or SYN-ACK has to leave
  bool probe_pending : 1 = false;   ///< one byte, or nothing, beyond the window has to leave
  bool tail_probe_pending : 1 = false;  ///< one segment has to leave, whatever cwnd says
  bool rst_pending : 1 = false;         ///< RST has to leave, then nothing more
  bool syn_data_acked : 1 = false;      ///< the SYN brought data (RFC 7413), and the peer took all of it
  bool urgent_out_of_band : 1 = false;  ///< its reader takes urgent octets by themselves
  bool fin_received : 1 = false;        ///< rcv_nxt counts the peer's FIN
  bool mss_proven : 1 = false;          ///< a segment of snd_mss bytes has arrived
  bool fin_is_known : 1 = false;        ///< it may have arrived out of order
  SeqNum fin_at;                        ///< then: its number

  // --- Questions. ---
  /// RFC 5681 §2: sent and not acknowledged.
  std::uint32_t flight_size() const { return bytes_between(snd_una, snd_nxt); }
  /// RFC 6675 §4, pipe: of these, what is neither known to be there nor held for lost.
  std::uint32_t in_flight() const {
    const std::uint32_t pipe = loss.board.in_flight();
    return sack_on ? pipe : pipe - std::min(pipe, loss.duplicates * snd_mss);
  }
  bool has_outstanding() const { return snd_una != snd_max; }
  /// Something that the application gave us, FIN included, is not acknowledged.
  bool has_unfinished() const {
    return has_outstanding() || !send_queue.empty() || (fin_queued && !fin_sent);
  }
  std::uint32_t rcv_wnd() const { return bytes_between(rcv_nxt, rcv_edge); }
  /// Sequence number of the first byte in send_queue: SYN takes iss, so data begins behind it.
  SeqNum queue_begin() const { return is_synchronized(state) ? snd_una : iss + 1; }
  /// Behind the last byte that the application queued; our FIN has this number.
  SeqNum queue_end() const { return queue_begin() + static_cast<std::uint32_t>(send_queue.size()); }
  void signal(Ready event) { events = events | event; }
};

static_assert(offsetof(Tcb, loss) <= 352, "the hot part of the TCB grew");

/// Takes the edge to `next`. Not being an edge of RFC 9293 figure 5 is our bug.
void enter(Tcb& tcb, const Context& context, State next, Cause cause);
/// CLOSED: memory goes back, timers stop; `error` as the application will see it.
void close_now(Tcb& tcb, const Context& context, std::optional<Errc> error, Cause cause);
/// As close_now, after one RST.
void reset_peer(Tcb& tcb, const Context& context, std::optional<Errc> error, Cause cause);

/// Where the right edge of the receive window may stand now. Further than the window field can say is not
/// offered, and so, unless the room is the rule, not accepted either: without scaling that is 65535 bytes.
SeqNum window_edge(const Tcb& tcb, const Context& context);

void trace_call(const Tcb& tcb, const Context& context, Cause call, std::uint32_t length);
void trace_segment(const Tcb& tcb, const Context& context, TraceKind kind, const TraceSegment& segment,
                   Cause cause);
/// Before snd_mss becomes `mss`.
void trace_mss(const Tcb& tcb, const Context& context, std::uint16_t mss, Cause cause);
void trace_cwnd(const Tcb& tcb, const Context& context, Cause cause);
void arm(Tcb& tcb, const Context& context, Timer timer, Duration in);

}  // namespace strata::tcp
