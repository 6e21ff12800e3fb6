// What an application may choose for one connection; given to a listener, what its connections begin with.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "strata/time.hpp"

namespace strata {

/// Who decides how much may be in flight.
enum class CongestionAlgorithm : std::uint8_t {
  cubic,     ///< RFC 9438 with the slow start of RFC 9406
  new_reno,  ///< RFC 5681
  dctcp,     ///< RFC 8257: only inside a data centre that marks by it
  fixed,     ///< the initial window for good: only where nothing can be congested
  bbr,       ///< version 3 (draft-ietf-ccwg-bbr)
  own_1,     ///< the application's own (TcpConfig::controllers), from here on
};

/// Their names for people, in this order.
inline constexpr std::array<std::string_view, 5> kCongestionNames = {"cubic", "reno", "dctcp", "fixed",
                                                                     "bbr"};

/// Of the bytes of one send().
struct SendOptions {
  bool more = false;    ///< more follows at once: a piece that fills no segment waits for it (`MSG_MORE`)
  bool urgent = false;  ///< the last of them ends urgent data (`MSG_OOB`, RFC 6093)
};

/// What a socket wants of path MTU discovery, by Linux's numbers (`IP_MTU_DISCOVER`).
enum class PathMtuDiscovery : std::uint8_t {
  dont,       ///< no DF
  want,       ///< DF; datagrams that do not fit leave as fragments
  require,    ///< DF; datagrams that do not fit are refused
  probe,      ///< DF; what was learnt of the path is ignored
  interface,  ///< no DF; what was learnt is ignored, and what does not fit the link is refused
  omit,       ///< the same, but what does not fit the link leaves as fragments
};

constexpr bool sets_dont_fragment(PathMtuDiscovery wish) {
  return wish == PathMtuDiscovery::want || wish == PathMtuDiscovery::require ||
         wish == PathMtuDiscovery::probe;
}
/// Errors about packets of its own change what is known of the path.
constexpr bool believes_routers(PathMtuDiscovery wish) {
  return wish != PathMtuDiscovery::interface && wish != PathMtuDiscovery::omit;
}

/// A datagram that does not fit leaves as fragments.
constexpr bool splits(PathMtuDiscovery wish) {
  return wish == PathMtuDiscovery::want || wish == PathMtuDiscovery::dont || wish == PathMtuDiscovery::omit;
}
/// What is known of the path does not bound what it sends.
constexpr bool ignores_path_mtu(PathMtuDiscovery wish) { return wish >= PathMtuDiscovery::probe; }

/// Names follow Linux's socket options. Where zero makes no sense as a value, it means: as TcpConfig says.
struct TcpSettings {
  Duration user_timeout;        ///< RFC 9293 §3.9.1.2; zero: TcpConfig::retries2 decides
  Duration keepalive_time;      ///< silence before the first probe
  Duration keepalive_interval;  ///< between probes
  Duration fin_timeout;         ///< in FIN-WAIT-2 after close(); negative: not at all
  Duration keepinit;            ///< most that connecting may take
  std::uint32_t send_buffer = 0;
  std::uint32_t receive_buffer = 0;   ///< largest window that is announced
  std::uint32_t window_clamp = 0;     ///< a further bound on the window
  std::uint32_t notsent_lowat = 0;    ///< bytes that may wait unsent; zero: as many as the send buffer holds
  std::uint64_t max_pacing_rate = 0;  ///< bytes per second at most (SO_MAX_PACING_RATE); zero: no limit
  std::uint16_t mss_max = 0;          ///< announced at most, and sent at most
  std::optional<CongestionAlgorithm> congestion_control{};  ///< nothing: as TcpConfig says
  std::optional<PathMtuDiscovery> path_mtu_discovery{};     ///< nothing: as TcpConfig::path_mtu_rule says
  std::uint8_t keepalive_probes = 0;
  std::uint8_t syn_retries = 0;
  /// How many time-outs of the SYN-ACK a listener's connection waits for the peer's first data, so that
  /// accept() does not wake for a silent one; zero: it does not wait.
  std::uint8_t defer_accept = 0;
  std::uint8_t ttl = 0;
  std::uint8_t tos = 0;        ///< DSCP in the upper six bits (RFC 2474 §3); the ECN bits belong to the stack
  bool nodelay = false;        ///< Nagle off (RFC 9293 §3.7.4)
  bool cork = false;           ///< pieces that fill no segment wait for more
  bool keepalive = false;      ///< RFC 9293 §3.8.4
  bool no_options = false;     ///< a SYN without options, and nothing of the peer's but its MSS counts
  bool reuse_address = false;  ///< the connection does not keep others from binding its port

  friend bool operator==(const TcpSettings&, const TcpSettings&) = default;
};

}  // namespace strata
