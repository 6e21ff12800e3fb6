#include "api/posix/option_table.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/stream_socket.hpp"
#include "strata/strata.h"

namespace strata::posix {
namespace {

constexpr long kIntMin = std::numeric_limits<int>::min();
constexpr long kIntMax = std::numeric_limits<int>::max();
constexpr long kLongMin = std::numeric_limits<long>::min();
constexpr long kLongMax = std::numeric_limits<long>::max();
/// What a UDP socket shows before anything is set (Linux's net.core.rmem_default).
constexpr long kDatagramBuffer = 212'992;
constexpr long kFinTimeoutMaxSeconds = 120;

StreamSocket& stream_of(Socket& socket) { return static_cast<StreamSocket&>(socket); }
bool is_stream(const Socket& socket) { return socket.kind() == File::Kind::stream; }
const TcpConfig& parameters(Socket& socket) { return socket.stack().tcp_config(); }

/// Writing a plain member, then telling the core.
template <auto Member>
int store_flag(Socket& socket, long value) {
  socket.options.*Member = value != 0;
  socket.apply_options();
  return 0;
}
template <auto Member>
long load_flag(Socket& socket) {
  return socket.options.*Member ? 1 : 0;
}
template <auto Member>
int store_tcp(Socket& socket, long value) {
  auto& field = socket.options.tcp.*Member;
  field = static_cast<std::remove_reference_t<decltype(field)>>(value);
  socket.apply_options();
  return 0;
}
template <auto Member>
long load_tcp(Socket& socket) {
  return static_cast<long>(socket.options.tcp.*Member);
}
template <auto Member>
int store_seconds(Socket& socket, long value) {
  socket.options.tcp.*Member = Duration::seconds(value);
  socket.apply_options();
  return 0;
}
/// The socket's own time, else the stack's parameter.
template <auto Member, auto Parameter>
long load_seconds(Socket& socket) {
  const Duration own = socket.options.tcp.*Member;
  return (own != Duration{} ? own : parameters(socket).*Parameter).count_seconds();
}
template <auto Member, auto Parameter>
long load_count(Socket& socket) {
  const auto own = socket.options.tcp.*Member;
  return own != 0 ? own : parameters(socket).*Parameter;
}
template <auto Member>
int store_timeout(Socket& socket, long micros) {
  socket.options.*Member = Duration::micros(micros);
  return 0;
}
template <auto Member>
long load_timeout(Socket& socket) {
  return (socket.options.*Member).count_micros();
}

// Linux doubles what a program asks for, to pay for bookkeeping, and shows it doubled. Half of a receive
// buffer becomes window. A negative size counts as a huge one.
int set_receive_buffer(Socket& socket, long value) {
  const TcpConfig& bounds = parameters(socket);
  const auto window = std::clamp(value < 0 ? kIntMax : value, long{bounds.receive_buffer_min},
                                 long{bounds.receive_buffer_max});
  socket.options.receive_buffer = window * 2;
  socket.options.tcp.receive_buffer = static_cast<std::uint32_t>(window);
  socket.apply_options();
  return 0;
}
long get_receive_buffer(Socket& socket) {
  if (socket.options.receive_buffer != 0) return socket.options.receive_buffer;
  return is_stream(socket) ? 2L * parameters(socket).receive_buffer : kDatagramBuffer;
}
int set_send_buffer(Socket& socket, long value) {
  const TcpConfig& bounds = parameters(socket);
  socket.options.send_buffer =
      std::clamp(value < 0 ? kIntMax : value * 2, long{bounds.send_buffer_min}, long{bounds.send_buffer_max});
  socket.options.tcp.send_buffer = static_cast<std::uint32_t>(socket.options.send_buffer);
  socket.apply_options();
  return 0;
}
long get_send_buffer(Socket& socket) {
  if (socket.options.send_buffer != 0) return socket.options.send_buffer;
  return is_stream(socket) ? static_cast<long>(parameters(socket).send_buffer) : kDatagramBuffer;
}

int set_low_water(Socket& socket, long value) {
  socket.options.receive_low_water = value < 0 ? kIntMax : std::max(value, 1L);
  return 0;
}
int set_linger(Socket& socket, long seconds) {
  socket.options.lingers = seconds >= 0;
  if (seconds >= 0) socket.options.linger_time = Duration::seconds(seconds);
  return 0;
}
long get_linger(Socket& socket) {
  return socket.options.lingers ? socket.options.linger_time.count_seconds() : -1;
}

/// Also when it is on already, and even under TCP_CORK: what waits goes out (tcp(7)).
int set_nodelay(Socket& socket, long value) {
  store_tcp<&TcpSettings::nodelay>(socket, value);
  if (value != 0) stream_of(socket).stream().push();
  return 0;
}

long get_max_segment(Socket& socket) {
  const StreamSocket& stream = stream_of(socket);
  const bool idle = stream.state() == TcpState::closed || stream.state() == TcpState::listen;
  if (idle) return socket.options.tcp.mss_max != 0 ? socket.options.tcp.mss_max : 536;
  return stream.stream().info().snd_mss;
}
int set_max_segment(Socket& socket, long value) {
  if (value != 0 && value < 88) return -EINVAL;  // 0: as the link says; else headers would outweigh data
  return store_tcp<&TcpSettings::mss_max>(socket, value);
}

/// SYN-ACK time-outs of 1, 2, 4, ... seconds, at most 120, that fill `seconds`.
int set_defer_accept(Socket& socket, long seconds) {
  long count = seconds > 0 ? 1 : 0;
  for (long timeout = 1, period = 1; seconds > period && count < 255; ++count) {
    timeout = std::min(timeout * 2, 120L);
    period += timeout;
  }
  return store_tcp<&TcpSettings::defer_accept>(socket, count);
}
long get_defer_accept(Socket& socket) {
  long period = 0;
  long timeout = 1;
  for (long n = socket.options.tcp.defer_accept; n > 0; --n) {
    period += timeout;
    timeout = std::min(timeout * 2, 120L);
  }
  return period;
}

int set_quick_ack(Socket& socket, long value) {
  stream_of(socket).stream().set_quick_ack(value != 0);
  return 0;
}
long get_quick_ack(Socket& socket) {
  const TcpStream& stream = stream_of(socket).stream();
  return !stream || stream.info().quick_ack ? 1 : 0;
}
int set_user_timeout(Socket& socket, long millis) {
  socket.options.tcp.user_timeout = Duration::millis(millis);
  socket.apply_options();
  return 0;
}
long get_user_timeout(Socket& socket) { return socket.options.tcp.user_timeout.count_millis(); }

long get_congestion(Socket& socket) {
  const std::optional<CongestionAlgorithm>& own = socket.options.tcp.congestion_control;
  return static_cast<long>(own.value_or(parameters(socket).congestion_control));
}
int set_congestion(Socket& socket, long algorithm) {
  socket.options.tcp.congestion_control = static_cast<CongestionAlgorithm>(algorithm);
  socket.apply_options();
  return 0;
}

int set_max_pacing_rate(Socket& socket, long rate) {
  socket.options.tcp.max_pacing_rate = rate == -1 ? 0 : static_cast<std::uint64_t>(rate);
  socket.apply_options();
  return 0;
}
long get_max_pacing_rate(Socket& socket) {
  const std::uint64_t rate = socket.options.tcp.max_pacing_rate;
  return rate == 0 ? -1 : static_cast<long>(rate);
}

/// For a socket that has not begun to connect, where the stack allows it.
int set_fast_open_connect(Socket& socket, long value) {
  if ((parameters(socket).fast_open & 1) == 0) return -EOPNOTSUPP;
  if (stream_of(socket).state() != TcpState::closed) return -EINVAL;
  socket.options.fast_open_connect = value != 0;
  return 0;
}

int set_linger2(Socket& socket, long seconds) {
  const long bounded = std::clamp(seconds, -1L, kFinTimeoutMaxSeconds);
  return store_seconds<&TcpSettings::fin_timeout>(socket, bounded);
}
int set_window_clamp(Socket& socket, long value) {
  if (value == 0 && stream_of(socket).state() != TcpState::closed) return -EINVAL;
  return store_tcp<&TcpSettings::window_clamp>(
      socket, value == 0 ? 0 : std::max(value, long{parameters(socket).receive_buffer_min}));
}

int set_ttl(Socket& socket, long value) {
  if (value == 0) return -EINVAL;
  return store_tcp<&TcpSettings::ttl>(socket, value == -1 ? 0 : value);  // -1: the stack's again
}
long get_ttl(Socket& socket) { return socket.options.tcp.ttl != 0 ? socket.options.tcp.ttl : 64; }
int set_tos(Socket& socket, long value) {
  const long mask = is_stream(socket) ? 0xfc : 0xff;  // TCP's ECN bits are TCP's
  return store_tcp<&TcpSettings::tos>(socket, value & mask);
}
int store_unicast_hops(Socket& socket, long value) {
  return store_tcp<&TcpSettings::ttl>(socket, value == -1 ? 0 : value);  // -1: the stack's again
}
int set_tclass(Socket& socket, long value) { return set_tos(socket, value == -1 ? 0 : value); }
/// RFC 3493 §5.3: before it has a place.
int set_ipv6_only(Socket& socket, long value) {
  if (socket.bound) return -EINVAL;
  socket.options.ipv6_only = value != 0;
  return 0;
}
int set_mtu_discover(Socket& socket, long value) {
  socket.options.tcp.path_mtu_discovery = static_cast<PathMtuDiscovery>(value);
  socket.apply_options();
  return 0;
}
long get_mtu_discover(Socket& socket) {
  const PathMtuDiscovery usual = default_discovery(parameters(socket).path_mtu_rule);
  return static_cast<long>(socket.options.tcp.path_mtu_discovery.value_or(usual));
}
long get_mtu(Socket& socket) {
  if (!is_stream(socket)) return static_cast<DatagramSocket&>(socket).udp().path_mtu().value_or(0);
  const TcpInfo info = stream_of(socket).stream().info();
  return info.path_mss + (info.remote.address.is_v4() ? 40L : 60L);
}

long get_type(Socket& socket) { return is_stream(socket) ? SOCK_STREAM : SOCK_DGRAM; }
long get_protocol(Socket& socket) { return is_stream(socket) ? IPPROTO_TCP : IPPROTO_UDP; }
long get_error(Socket& socket) { return socket.take_error(); }
long get_accepting(Socket& socket) {
  return is_stream(socket) && stream_of(socket).phase() == StreamSocket::Phase::listening ? 1 : 0;
}

using enum OptionType;
constexpr Applies kTcp = Applies::stream;
constexpr Applies kBoth = Applies::both;
constexpr When kAlways = When::always;
using Set = int (*)(Socket&, long);
constexpr Set kReadOnly = nullptr;
using S = SocketOptions;
using T = TcpSettings;
using C = TcpConfig;

#define OPTION(name) name, #name
constexpr OptionRow kTable[] = {
    // level, name, type, range, sockets, when, inherited, get, set
    {SOL_SOCKET, OPTION(SO_TYPE), integer, 0, 0, kBoth, kAlways, true, get_type, kReadOnly},
    {SOL_SOCKET, OPTION(SO_DOMAIN), integer, 0, 0, kBoth, kAlways, true,
     [](Socket& socket) { return long{socket.family}; }, kReadOnly},
    {SOL_SOCKET, OPTION(SO_PROTOCOL), integer, 0, 0, kBoth, kAlways, true, get_protocol, kReadOnly},
    {SOL_SOCKET, OPTION(SO_ERROR), integer, 0, 0, kBoth, kAlways, false, get_error, kReadOnly},
    {SOL_SOCKET, OPTION(SO_ACCEPTCONN), integer, 0, 0, kBoth, kAlways, false, get_accepting, kReadOnly},
    {SOL_SOCKET, OPTION(SO_REUSEADDR), flag, kIntMin, kIntMax, kBoth, kAlways, true,
     load_flag<&S::reuse_address>, store_flag<&S::reuse_address>},
    {SOL_SOCKET, OPTION(SO_REUSEPORT), flag, kIntMin, kIntMax, kBoth, kAlways, true,
     load_flag<&S::reuse_port>, store_flag<&S::reuse_port>},
    {SOL_SOCKET, OPTION(SO_KEEPALIVE), flag, kIntMin, kIntMax, kBoth, kAlways, true, load_tcp<&T::keepalive>,
     store_tcp<&T::keepalive>},
    {SOL_SOCKET, OPTION(SO_BROADCAST), flag, kIntMin, kIntMax, kBoth, kAlways, true, load_flag<&S::broadcast>,
     store_flag<&S::broadcast>},
    {SOL_SOCKET, OPTION(SO_OOBINLINE), flag, kIntMin, kIntMax, kBoth, kAlways, true,
     load_flag<&S::urgent_inline>, store_flag<&S::urgent_inline>},
    {SOL_SOCKET, OPTION(SO_ZEROCOPY), flag, 0, 1, kTcp, kAlways, true, load_flag<&S::zero_copy>,
     store_flag<&S::zero_copy>},
    {SOL_SOCKET, OPTION(SO_RCVBUF), integer, kIntMin, kIntMax, kBoth, kAlways, true, get_receive_buffer,
     set_receive_buffer},
    {SOL_SOCKET, OPTION(SO_SNDBUF), integer, kIntMin, kIntMax, kBoth, kAlways, true, get_send_buffer,
     set_send_buffer},
    {SOL_SOCKET, OPTION(SO_RCVLOWAT), integer, kIntMin, kIntMax, kBoth, kAlways, true,
     [](Socket& s) { return s.options.receive_low_water; }, set_low_water},
    {SOL_SOCKET, OPTION(SO_LINGER), linger, -1, kIntMax, kBoth, kAlways, true, get_linger, set_linger},
    {SOL_SOCKET, OPTION(SO_RCVTIMEO), time, 0, std::numeric_limits<long>::max(), kBoth, kAlways, true,
     load_timeout<&S::receive_timeout>, store_timeout<&S::receive_timeout>},
    {SOL_SOCKET, OPTION(SO_SNDTIMEO), time, 0, std::numeric_limits<long>::max(), kBoth, kAlways, true,
     load_timeout<&S::send_timeout>, store_timeout<&S::send_timeout>},

    {SOL_SOCKET, OPTION(SO_MAX_PACING_RATE), rate, kLongMin, kLongMax, kTcp, kAlways, true,
     get_max_pacing_rate, set_max_pacing_rate},

    {IPPROTO_TCP, OPTION(TCP_NODELAY), flag, kIntMin, kIntMax, kTcp, kAlways, true, load_tcp<&T::nodelay>,
     set_nodelay},
    {IPPROTO_TCP, OPTION(TCP_CORK), flag, kIntMin, kIntMax, kTcp, kAlways, true, load_tcp<&T::cork>,
     store_tcp<&T::cork>},
    {IPPROTO_TCP, OPTION(TCP_QUICKACK), flag, kIntMin, kIntMax, kTcp, kAlways, false, get_quick_ack,
     set_quick_ack},
    {IPPROTO_TCP, OPTION(TCP_MAXSEG), integer, 0, 32'767, kTcp, kAlways, true, get_max_segment,
     set_max_segment},
    {IPPROTO_TCP, OPTION(TCP_DEFER_ACCEPT), integer, kIntMin, kIntMax, kTcp, kAlways, false, get_defer_accept,
     set_defer_accept},
    {IPPROTO_TCP, OPTION(TCP_SYNCNT), integer, 1, 127, kTcp, kAlways, true,
     load_count<&T::syn_retries, &C::syn_retries>, store_tcp<&T::syn_retries>},
    {IPPROTO_TCP, OPTION(TCP_KEEPIDLE), integer, 1, 32'767, kTcp, kAlways, true,
     load_seconds<&T::keepalive_time, &C::keepalive_time>, store_seconds<&T::keepalive_time>},
    {IPPROTO_TCP, OPTION(TCP_KEEPINTVL), integer, 1, 32'767, kTcp, kAlways, true,
     load_seconds<&T::keepalive_interval, &C::keepalive_interval>, store_seconds<&T::keepalive_interval>},
    {IPPROTO_TCP, OPTION(TCP_KEEPCNT), integer, 1, 127, kTcp, kAlways, true,
     load_count<&T::keepalive_probes, &C::keepalive_probes>, store_tcp<&T::keepalive_probes>},
    {IPPROTO_TCP, OPTION(TCP_USER_TIMEOUT), integer, 0, kIntMax, kTcp, kAlways, true, get_user_timeout,
     set_user_timeout},
    {IPPROTO_TCP, OPTION(TCP_NOTSENT_LOWAT), integer, kIntMin, kIntMax, kTcp, kAlways, true,
     load_tcp<&T::notsent_lowat>, store_tcp<&T::notsent_lowat>},
    {IPPROTO_TCP, OPTION(TCP_WINDOW_CLAMP), integer, kIntMin, kIntMax, kTcp, kAlways, true,
     load_tcp<&T::window_clamp>, set_window_clamp},
    {IPPROTO_TCP, OPTION(TCP_FASTOPEN_CONNECT), integer, 0, 1, kTcp, kAlways, false,
     load_flag<&S::fast_open_connect>, set_fast_open_connect},
    {IPPROTO_TCP, OPTION(TCP_LINGER2), integer, kIntMin, kIntMax, kTcp, kAlways, true,
     load_seconds<&T::fin_timeout, &C::fin_timeout>, set_linger2},
    {IPPROTO_TCP, OPTION(STRATA_TCP_KEEPINIT), integer, 1, 32'767, kTcp, kAlways, true,
     load_seconds<&T::keepinit, &C::keepinit>, store_seconds<&T::keepinit>},
    {IPPROTO_TCP, OPTION(STRATA_TCP_NOOPT), flag, kIntMin, kIntMax, kTcp, kAlways, true,
     load_tcp<&T::no_options>, store_tcp<&T::no_options>},
    {IPPROTO_TCP, OPTION(TCP_INFO), info, 0, 0, kTcp, kAlways, false, [](Socket&) { return 0L; }, kReadOnly},
    {IPPROTO_TCP, OPTION(TCP_CC_INFO), cc_info, 0, 0, kTcp, kAlways, false, [](Socket&) { return 0L; },
     kReadOnly},
    {IPPROTO_TCP, OPTION(TCP_CONGESTION), name, 0, 255, kTcp, kAlways, true, get_congestion, set_congestion},

    {IPPROTO_IP, OPTION(IP_TTL), octet, -1, 255, kBoth, kAlways, true, get_ttl, set_ttl},
    {IPPROTO_IP, OPTION(IP_TOS), octet, kIntMin, kIntMax, kBoth, kAlways, true, load_tcp<&T::tos>, set_tos},
    {IPPROTO_IP, OPTION(IP_MTU_DISCOVER), octet, IP_PMTUDISC_DONT, IP_PMTUDISC_OMIT, kBoth, kAlways, true,
     get_mtu_discover, set_mtu_discover},
    {IPPROTO_IP, OPTION(IP_MTU), integer, 0, 0, kBoth, When::connected, false, get_mtu, kReadOnly},
    {IPPROTO_IP, OPTION(IP_FREEBIND), octet, kIntMin, kIntMax, kBoth, kAlways, true, load_flag<&S::free_bind>,
     store_flag<&S::free_bind>},

    {IPPROTO_IPV6, OPTION(IPV6_V6ONLY), flag, kIntMin, kIntMax, kBoth, kAlways, true,
     load_flag<&S::ipv6_only>, set_ipv6_only},
    {IPPROTO_IPV6, OPTION(IPV6_UNICAST_HOPS), integer, -1, 255, kBoth, kAlways, true, get_ttl,
     store_unicast_hops},
    {IPPROTO_IPV6, OPTION(IPV6_TCLASS), integer, -1, 255, kBoth, kAlways, true, load_tcp<&T::tos>,
     set_tclass},
};
#undef OPTION

}  // namespace

std::span<const OptionRow> option_table() { return kTable; }

const OptionRow* find_option(File::Kind kind, int level, int name, int family) {
  if (level == IPPROTO_IPV6 && family != AF_INET6) return nullptr;
  for (const OptionRow& row : kTable) {
    const bool right_kind = row.applies == Applies::both || kind == File::Kind::stream;
    if (row.level == level && row.name == name && right_kind) return &row;
  }
  return nullptr;
}

SocketOptions inherited_options(const SocketOptions& listener) {
  SocketOptions options = listener;
  options.tcp.defer_accept = 0;
  return options;
}

}  // namespace strata::posix
