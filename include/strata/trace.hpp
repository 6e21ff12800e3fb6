// Typed events, each with its cause (STYLE R14). Fixed size, no strings: `obs/` turns them into lines, qlog,
// captures.
#pragma once

#include <cstdint>
#include <string_view>

#include "strata/address.hpp"
#include "strata/counters.hpp"
#include "strata/time.hpp"

namespace strata {

// clang-format off
enum class TcpState : std::uint8_t {
  closed, listen, syn_sent, syn_received, established,
  fin_wait_1, fin_wait_2, close_wait, closing, last_ack, time_wait,
};
// clang-format on
/// RFC 9293 §3.3.2 spelling: `SYN-SENT`, `FIN-WAIT-1`.
std::string_view name(TcpState state);

// clang-format off
/// Why something was sent or why it happened.
enum class Cause : std::uint8_t {
  none,
  app_connect, app_listen, app_send, app_receive, app_shutdown, app_close, app_abort,
  syn_arrived, syn_ack_arrived, fin_arrived, rst_arrived, ack_arrived, data_arrived, ack_of_fin, ack_of_syn,
  ack_second_segment, ack_delayed_timer, ack_out_of_order, ack_duplicate, ack_gap_filled, ack_push,
  ack_window_update, ack_unacceptable, ack_challenge, ack_of_zero_window_probe, ack_keepalive,
  ack_congestion_mark,
  retransmit_rto, retransmit_fast, retransmit_partial_ack, retransmit_syn, retransmit_path_mtu,
  probe_zero_window, probe_keepalive, probe_tail, probe_path_mtu, window_opened,
  rst_no_connection, rst_data_after_close, rst_bad_ack, rst_unread_data, rst_listen_refused, rst_mixed_ecn,
  timeout_retransmission, timeout_fin_wait_2, timeout_time_wait, timeout_user, timeout_keepalive,
  timeout_persist,
  icmp_unreachable, icmp_refused, icmp_too_big, path_changed, black_hole,
  recovery_enter, recovery_exit, recovery_undone, timeout_undone, ecn_echo, reduction_exit,
  slow_start, congestion_avoidance, idle_restart,
  bbr_startup, bbr_drain, bbr_down, bbr_cruise, bbr_refill, bbr_up, bbr_probe_rtt,
};
// clang-format on
/// The cause in a few words for people: `retransmission timer fired`.
std::string_view describe(Cause cause);
/// The stable name, as in the enumeration.
std::string_view name(Cause cause);

enum class TraceKind : std::uint8_t {
  segment_sent,      ///< seq, ack, length, wnd, tcp_flags, cause
  segment_received,  ///< the same fields
  segment_dropped,   ///< counter
  state_changed,     ///< old_state, new_state, cause
  timer_armed,       ///< timer, deadline
  timer_fired,       ///< timer
  cwnd_changed,      ///< cwnd, ssthresh, in_flight, cause
  rtt_sampled,       ///< rtt, srtt, rto in microseconds
  app_call,          ///< cause (app_*), length
  buffer_grew,       ///< bytes, per_round; cause app_receive: the window's bound, app_send: the send buffer's
  established_flow,  ///< local, remote: names a flow once, when it is made
  mss_changed,       ///< old_mss, new_mss, cause: payload per segment
};
std::string_view name(TraceKind kind);

enum class TcpTimer : std::uint8_t {
  retransmit,
  reordering,  ///< RFC 8985 §6.2
  tail_probe,  ///< RFC 8985 §7
  delayed_ack,
  persist,
  keepalive,
  fin_wait_2,
  user_timeout,
  pacing,  ///< the next departure
  time_wait,
  count_
};
std::string_view name(TcpTimer timer);

struct TraceSegment {
  std::uint32_t seq;
  std::uint32_t ack;
  std::uint32_t length;  ///< payload bytes
  std::uint32_t wnd;     ///< unscaled by the receiver, that is, in bytes
  std::uint16_t flags;   ///< wire bits FIN=1 SYN=2 RST=4 PSH=8 ACK=16 URG=32 ECE=64 CWR=128 AE=256
  std::uint16_t gso_size;
};
struct TraceState {
  TcpState old_state;
  TcpState new_state;
};
struct TraceTimer {
  TcpTimer timer;
  std::int64_t deadline_nanos;
};
struct TraceCwnd {
  std::uint32_t cwnd;
  std::uint32_t ssthresh;
  std::uint32_t in_flight;
};
struct TraceRtt {
  std::uint32_t rtt_us;
  std::uint32_t srtt_us;
  std::uint32_t rto_us;
};
struct TraceCall {
  std::uint32_t length;
};
struct TraceMss {
  std::uint32_t old_mss;
  std::uint32_t new_mss;
};
struct TraceBuffer {
  std::uint32_t bytes;      ///< its size now
  std::uint32_t per_round;  ///< what it follows: bytes read in a round trip, or cwnd
};
struct TraceDrop {
  Counter counter;
};
struct TraceFlow {
  IpAddress local;
  IpAddress remote;
  std::uint16_t local_port;
  std::uint16_t remote_port;
};

/// One event. `flow` numbers connections of a stack in order of creation from 1; 0 means "no connection".
struct TraceEvent {
  Instant at;
  std::uint32_t flow = 0;
  TraceKind kind = TraceKind::segment_sent;
  Cause cause = Cause::none;
  union {
    TraceSegment segment;
    TraceState state;
    TraceTimer timer;
    TraceCwnd cwnd;
    TraceRtt rtt;
    TraceCall call;
    TraceMss mss;
    TraceBuffer buffer;
    TraceDrop drop;
    TraceFlow endpoints;
  };
  TraceEvent() : segment{} {}
};
static_assert(sizeof(TraceEvent) <= 64);

/// Receives every event of a stack on the stack's thread. `function` == nullptr switches tracing off.
struct TraceSink {
  void* context = nullptr;
  void (*function)(void* context, const TraceEvent& event) = nullptr;
};

}  // namespace strata
