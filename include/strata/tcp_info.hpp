// A look into one TCP connection, as a value.
#pragma once

#include <cstdint>

#include "strata/address.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata {

/// What has passed over one connection so far.
struct TcpTraffic {
  std::uint64_t bytes_acked = 0;     ///< of ours; as in Linux a FIN counts, and the SYN of an active open
  std::uint64_t bytes_received = 0;  ///< of the peer's, payload in order
  std::uint64_t bytes_sent = 0;      ///< payload, with what was sent again
  std::uint64_t bytes_retransmitted = 0;
  std::uint32_t segments_out = 0;
  std::uint32_t segments_in = 0;
  std::uint32_t data_segments_out = 0;
  std::uint32_t data_segments_in = 0;
  std::uint32_t retransmissions = 0;
};

/// The last octet of the peer's urgent data (RFC 9293 §3.8.5).
struct UrgentMark {
  std::uint32_t before = 0;  ///< octets to be read before it; they may be on their way
  bool is_here = false;      ///< `octet` holds it
  bool is_taken = false;     ///< TcpStream::take_urgent() has had it
  std::uint8_t octet = 0;
};

/// Payload by the mark that it arrived with (RFC 9768 §3.2).
struct TcpMarkedBytes {
  std::uint32_t e0b = 0;  ///< ECT(0)
  std::uint32_t ceb = 0;  ///< CE
  std::uint32_t e1b = 0;  ///< ECT(1)
  friend constexpr bool operator==(const TcpMarkedBytes&, const TcpMarkedBytes&) = default;
};

/// Congestion marks (RFC 3168) on the way here and, as far as the peer says, on the way there.
struct TcpMarks {
  bool agreed = false;             ///< both SYNs asked for ECN
  bool accurate = false;           ///< by RFC 9768
  bool seen = false;               ///< something of the peer's was ECN-capable
  std::uint32_t received_ce = 0;   ///< segments
  std::uint32_t delivered_ce = 0;  ///< segments
  TcpMarkedBytes received;         ///< both only where `accurate`
  TcpMarkedBytes delivered;
};

/// What a controller knows that models the path (BBR); all zero: it does not.
struct TcpPathModel {
  std::uint64_t bandwidth = 0;  ///< bytes per second
  Duration min_rtt;
  std::uint32_t pacing_gain_percent = 0;
  std::uint32_t cwnd_gain_percent = 0;
};

/// Names follow Linux's tcp_info.
struct TcpInfo {
  TcpState state = TcpState::closed;
  Endpoint local;
  Endpoint remote;
  std::uint32_t snd_una = 0;
  std::uint32_t snd_nxt = 0;
  std::uint32_t snd_wnd = 0;
  std::uint32_t rcv_nxt = 0;
  std::uint32_t rcv_wnd = 0;
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = 0;
  std::uint32_t snd_mss = 0;
  std::uint32_t send_queued = 0;     ///< bytes accepted from the application and not yet acknowledged
  std::uint32_t receive_queued = 0;  ///< bytes that receive() would return now
  std::uint32_t not_sent = 0;        ///< of send_queued, bytes that never left
  std::uint32_t retransmits = 0;
  std::uint32_t probes = 0;         ///< zero-window or keepalive probes unanswered
  std::uint32_t in_flight = 0;      ///< bytes sent and not acknowledged
  std::uint32_t announced_mss = 0;  ///< payload that we said we take, options not counted
  std::uint32_t path_mss = 0;       ///< what the path carries, as far as it is known
  std::uint8_t snd_shift = 0;
  std::uint8_t rcv_shift = 0;
  bool timestamps = false;
  bool sack = false;
  bool window_scaling = false;
  bool recovering = false;  ///< fast recovery (RFC 6582)
  bool quick_ack = false;   ///< data is acknowledged at once
  bool fin_received = false;
  bool syn_data_acked = false;       ///< what the SYN brought was taken (RFC 7413)
  bool send_room_is_ample = false;   ///< a third of the send buffer is free: time for its writer
  std::uint32_t send_buffer = 0;     ///< bytes that may be queued, or the memory for them
  std::uint32_t receive_buffer = 0;  ///< the largest window to offer now
  std::uint32_t read_per_round = 0;  ///< most that the application read in a round trip; zero: not measured
  Duration receive_rtt;              ///< the round trip as the receiver sees it; zero: not known
  Duration srtt;
  Duration rttvar;
  Duration rto;
  Duration since_data_sent;
  Duration since_data_received;
  Duration since_ack_received;
  Duration busy;            ///< with data that was not acknowledged
  Duration window_limited;  ///< of busy: the peer's window held data back
  Duration buffer_limited;  ///< of busy: the send buffer was empty, and its writer waited for room
  TcpTraffic traffic;
  TcpMarks marks;
  std::uint64_t delivery_rate = 0;         ///< bytes per second; zero: not measured (`tcp_rate_samples`)
  bool delivery_rate_app_limited = false;  ///< the application sent less than the path would have taken
  std::uint64_t pacing_rate = 0;           ///< zero: not known yet
  std::uint64_t max_pacing_rate = 0;       ///< zero: no limit
  TcpPathModel model;
};

}  // namespace strata
