// The words for trace events: states as RFC 9293 §3.3.2 spells them, causes as names for programs and as text
// for people.
#include "strata/trace.hpp"

namespace strata {
namespace {

struct Text {
  std::string_view name;
  std::string_view words;
};

/// Why a window changed.
constexpr Text text_of_window(Cause cause) {
  switch (cause) {
    case Cause::recovery_enter: return {"recovery_enter", "loss recovery begins"};
    case Cause::recovery_exit: return {"recovery_exit", "loss recovery ends"};
    case Cause::recovery_undone: return {"recovery_undone", "loss recovery was a false alarm"};
    case Cause::timeout_undone: return {"timeout_undone", "the time-out was a false alarm"};
    case Cause::ecn_echo: return {"ecn_echo", "peer echoed a congestion mark"};
    case Cause::reduction_exit: return {"reduction_exit", "window is down to its threshold"};
    case Cause::slow_start: return {"slow_start", "slow start"};
    case Cause::congestion_avoidance: return {"congestion_avoidance", "congestion avoidance"};
    case Cause::idle_restart: return {"idle_restart", "restart after idle"};
    case Cause::bbr_startup: return {"bbr_startup", "BBR: Startup"};
    case Cause::bbr_drain: return {"bbr_drain", "BBR: Drain"};
    case Cause::bbr_down: return {"bbr_down", "BBR: ProbeBW_DOWN"};
    case Cause::bbr_cruise: return {"bbr_cruise", "BBR: ProbeBW_CRUISE"};
    case Cause::bbr_refill: return {"bbr_refill", "BBR: ProbeBW_REFILL"};
    case Cause::bbr_up: return {"bbr_up", "BBR: ProbeBW_UP"};
    case Cause::bbr_probe_rtt: return {"bbr_probe_rtt", "BBR: ProbeRTT"};
    default: return {"unknown", "unknown cause"};
  }
}

constexpr Text text_of(Cause cause) {
  switch (cause) {
    case Cause::none: return {"none", "no cause"};
    case Cause::app_connect: return {"app_connect", "application connects"};
    case Cause::app_listen: return {"app_listen", "application listens"};
    case Cause::app_send: return {"app_send", "application sends"};
    case Cause::app_receive: return {"app_receive", "application reads"};
    case Cause::app_shutdown: return {"app_shutdown", "application has sent everything"};
    case Cause::app_close: return {"app_close", "application closes"};
    case Cause::app_abort: return {"app_abort", "application aborts"};
    case Cause::syn_arrived: return {"syn_arrived", "SYN arrived"};
    case Cause::syn_ack_arrived: return {"syn_ack_arrived", "SYN-ACK arrived"};
    case Cause::fin_arrived: return {"fin_arrived", "FIN arrived"};
    case Cause::rst_arrived: return {"rst_arrived", "RST arrived"};
    case Cause::ack_arrived: return {"ack_arrived", "ACK arrived"};
    case Cause::data_arrived: return {"data_arrived", "data arrived"};
    case Cause::ack_of_fin: return {"ack_of_fin", "our FIN was acknowledged"};
    case Cause::ack_of_syn: return {"ack_of_syn", "our SYN was acknowledged"};
    case Cause::ack_second_segment: return {"ack_second_segment", "ACK: second segment"};
    case Cause::ack_delayed_timer: return {"ack_delayed_timer", "ACK: delayed-ACK timer fired"};
    case Cause::ack_out_of_order: return {"ack_out_of_order", "ACK: segment out of order"};
    case Cause::ack_duplicate: return {"ack_duplicate", "ACK: duplicate data"};
    case Cause::ack_gap_filled: return {"ack_gap_filled", "ACK: gap filled"};
    case Cause::ack_push: return {"ack_push", "ACK: pushed data"};
    case Cause::ack_window_update: return {"ack_window_update", "window update"};
    case Cause::ack_unacceptable: return {"ack_unacceptable", "ACK: unacceptable segment"};
    case Cause::ack_challenge: return {"ack_challenge", "challenge ACK"};
    case Cause::ack_of_zero_window_probe: return {"ack_of_zero_window_probe", "ACK: zero-window probe"};
    case Cause::ack_keepalive: return {"ack_keepalive", "ACK: keepalive"};
    case Cause::ack_congestion_mark: return {"ack_congestion_mark", "ACK: congestion mark"};
    case Cause::retransmit_rto: return {"retransmit_rto", "retransmit: RTO"};
    case Cause::retransmit_fast: return {"retransmit_fast", "retransmit: three duplicate ACKs"};
    case Cause::retransmit_partial_ack: return {"retransmit_partial_ack", "retransmit: partial ACK"};
    case Cause::retransmit_syn: return {"retransmit_syn", "retransmit: SYN unanswered"};
    case Cause::retransmit_path_mtu: return {"retransmit_path_mtu", "retransmit: too big for the path"};
    case Cause::probe_zero_window: return {"probe_zero_window", "zero-window probe"};
    case Cause::probe_keepalive: return {"probe_keepalive", "keepalive probe"};
    case Cause::probe_tail: return {"probe_tail", "tail loss probe"};
    case Cause::probe_path_mtu: return {"probe_path_mtu", "probe: does the path carry more?"};
    case Cause::window_opened: return {"window_opened", "window opened"};
    case Cause::rst_no_connection: return {"rst_no_connection", "RST: no such connection"};
    case Cause::rst_data_after_close: return {"rst_data_after_close", "RST: data after close"};
    case Cause::rst_bad_ack: return {"rst_bad_ack", "RST: ACK of something never sent"};
    case Cause::rst_unread_data: return {"rst_unread_data", "RST: closed with unread data"};
    case Cause::rst_listen_refused: return {"rst_listen_refused", "RST: listener refused"};
    case Cause::rst_mixed_ecn: return {"rst_mixed_ecn", "RST: SYNs that ask for two kinds of ECN"};
    case Cause::timeout_retransmission:
      return {"timeout_retransmission", "retransmissions stayed unanswered"};
    case Cause::timeout_fin_wait_2: return {"timeout_fin_wait_2", "FIN-WAIT-2 timed out"};
    case Cause::timeout_time_wait: return {"timeout_time_wait", "TIME-WAIT is over"};
    case Cause::timeout_user: return {"timeout_user", "user timeout"};
    case Cause::timeout_keepalive: return {"timeout_keepalive", "keepalive probes stayed unanswered"};
    case Cause::timeout_persist: return {"timeout_persist", "zero-window probes stayed unanswered"};
    case Cause::icmp_unreachable: return {"icmp_unreachable", "ICMP: unreachable"};
    case Cause::icmp_refused: return {"icmp_refused", "ICMP: port or protocol refused"};
    case Cause::icmp_too_big: return {"icmp_too_big", "ICMP: too big for the path"};
    case Cause::path_changed: return {"path_changed", "the way to the peer changed"};
    case Cause::black_hole: return {"black_hole", "large segments vanish"};
    default: return text_of_window(cause);
  }
}

}  // namespace

std::string_view name(TcpState state) {
  switch (state) {
    case TcpState::closed: return "CLOSED";
    case TcpState::listen: return "LISTEN";
    case TcpState::syn_sent: return "SYN-SENT";
    case TcpState::syn_received: return "SYN-RECEIVED";
    case TcpState::established: return "ESTABLISHED";
    case TcpState::fin_wait_1: return "FIN-WAIT-1";
    case TcpState::fin_wait_2: return "FIN-WAIT-2";
    case TcpState::close_wait: return "CLOSE-WAIT";
    case TcpState::closing: return "CLOSING";
    case TcpState::last_ack: return "LAST-ACK";
    case TcpState::time_wait: return "TIME-WAIT";
  }
  return "UNKNOWN";
}

std::string_view name(Cause cause) { return text_of(cause).name; }
std::string_view describe(Cause cause) { return text_of(cause).words; }

std::string_view name(TraceKind kind) {
  switch (kind) {
    case TraceKind::segment_sent: return "segment_sent";
    case TraceKind::segment_received: return "segment_received";
    case TraceKind::segment_dropped: return "segment_dropped";
    case TraceKind::state_changed: return "state_changed";
    case TraceKind::timer_armed: return "timer_armed";
    case TraceKind::timer_fired: return "timer_fired";
    case TraceKind::cwnd_changed: return "cwnd_changed";
    case TraceKind::rtt_sampled: return "rtt_sampled";
    case TraceKind::app_call: return "app_call";
    case TraceKind::buffer_grew: return "buffer_grew";
    case TraceKind::established_flow: return "established_flow";
    case TraceKind::mss_changed: return "mss_changed";
  }
  return "unknown";
}

std::string_view name(TcpTimer timer) {
  switch (timer) {
    case TcpTimer::retransmit: return "retransmit";
    case TcpTimer::reordering: return "reordering";
    case TcpTimer::tail_probe: return "tail_probe";
    case TcpTimer::delayed_ack: return "delayed_ack";
    case TcpTimer::persist: return "persist";
    case TcpTimer::keepalive: return "keepalive";
    case TcpTimer::fin_wait_2: return "fin_wait_2";
    case TcpTimer::user_timeout: return "user_timeout";
    case TcpTimer::pacing: return "pacing";
    case TcpTimer::time_wait: return "time_wait";
    case TcpTimer::count_: break;
  }
  return "unknown";
}

}  // namespace strata
