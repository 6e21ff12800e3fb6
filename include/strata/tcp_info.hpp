// A look into one TCP connection, as a value.
#pragma once

#include <cstdint>

#include "strata/address.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata {

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
  std::uint32_t retransmits = 0;
  Duration srtt;
  Duration rttvar;
  Duration rto;
};

}  // namespace strata
