// What the two SYNs agree on (RFC 9293 §3.7.1, RFC 7323 §1.3, RFC 2018 §2).
#pragma once

#include <cstdint>

#include "strata/config.hpp"
#include "transport/tcp/window.hpp"
#include "wire/tcp_options.hpp"

namespace strata::tcp {

/// The options of our SYN or, with `peer`, of our SYN-ACK: there only what the peer offered too.
TcpOptions syn_options(const TcpConfig& config, std::uint32_t largest_window, std::uint16_t mss,
                       const TcpOptions* peer, TcpTimestamps timestamps);

/// The result of both.
struct Agreement {
  std::uint16_t peer_mss = 536;  ///< RFC 9293 §3.7.1: without the option
  WindowShift snd_shift;
  WindowShift rcv_shift;
  bool window_scaling = false;
  bool timestamps = false;
  bool sack = false;
};

Agreement agree(const TcpConfig& config, std::uint32_t largest_window, const TcpOptions& peer_syn);

}  // namespace strata::tcp
