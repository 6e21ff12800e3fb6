// What a connection goes by: the application's own setting where it made one, else the stack's parameter.
#pragma once

#include <algorithm>
#include <cstdint>

#include "strata/config.hpp"
#include "strata/tcp_settings.hpp"

namespace strata::tcp {

constexpr std::uint32_t send_buffer(const TcpSettings& own, const TcpConfig& stack) {
  return own.send_buffer != 0 ? own.send_buffer : stack.send_buffer;
}

/// The largest window to announce.
constexpr std::uint32_t receive_buffer(const TcpSettings& own, const TcpConfig& stack) {
  const std::uint32_t buffer = own.receive_buffer != 0 ? own.receive_buffer : stack.receive_buffer;
  return own.window_clamp != 0 ? std::min(buffer, own.window_clamp) : buffer;
}

/// The MSS to announce and to keep to, on a link that carries `link`.
constexpr std::uint16_t mss_limit(const TcpSettings& own, std::uint16_t link) {
  return own.mss_max != 0 ? std::min(own.mss_max, link) : link;
}

constexpr PathMtuDiscovery path_mtu_discovery(const TcpSettings& own, const TcpConfig& stack) {
  return own.path_mtu_discovery.value_or(default_discovery(stack.path_mtu_rule));
}

constexpr CongestionAlgorithm congestion_control(const TcpSettings& own, const TcpConfig& stack) {
  return own.congestion_control.value_or(stack.congestion_control);
}

constexpr Duration keepalive_time(const TcpSettings& own, const TcpConfig& stack) {
  return own.keepalive_time != Duration{} ? own.keepalive_time : stack.keepalive_time;
}
constexpr Duration keepalive_interval(const TcpSettings& own, const TcpConfig& stack) {
  return own.keepalive_interval != Duration{} ? own.keepalive_interval : stack.keepalive_interval;
}
constexpr std::uint8_t keepalive_probes(const TcpSettings& own, const TcpConfig& stack) {
  return own.keepalive_probes != 0 ? own.keepalive_probes : stack.keepalive_probes;
}
constexpr std::uint8_t syn_retries(const TcpSettings& own, const TcpConfig& stack) {
  return own.syn_retries != 0 ? own.syn_retries : stack.syn_retries;
}
/// RFC 9293 §3.8.3 (SHLD-10): R1 is three retransmissions at least.
constexpr std::uint8_t told_after(const TcpConfig& stack) {
  return std::max<std::uint8_t>(stack.retries1, 3);
}
/// Zero: retransmissions are counted, time is not.
constexpr Duration keepinit(const TcpSettings& own, const TcpConfig& stack) {
  return own.keepinit != Duration{} ? own.keepinit : stack.keepinit;
}
/// Negative: an orphan does not stay in FIN-WAIT-2.
constexpr Duration fin_timeout(const TcpSettings& own, const TcpConfig& stack) {
  return own.fin_timeout != Duration{} ? own.fin_timeout : stack.fin_timeout;
}

}  // namespace strata::tcp
