// FreeBSD's names of states stand for the same states.
#include "sim/drill/symbols.hpp"

// The kernel's header knows newer names of TCP than the C library's, and the two cannot be included together.
#include <linux/tcp.h>

#include <arpa/inet.h>
#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <span>

#include "strata/strata.h"

namespace strata::drill {
namespace {

struct Symbol {
  std::string_view name;
  std::int64_t value;
};

// clang-format off
#define STRATA_DRILL_SYMBOLS(X) \
  X(AF_UNSPEC) X(AF_INET) X(AF_INET6) X(PF_INET) X(PF_INET6) X(SOCK_STREAM) X(SOCK_DGRAM) X(SOCK_RAW) \
  X(SOCK_NONBLOCK) X(SOCK_CLOEXEC) X(IPPROTO_IP) X(IPPROTO_TCP) X(IPPROTO_UDP) X(IPPROTO_IPV6) \
  X(IPPROTO_ICMP) X(SOL_SOCKET) X(SOL_IP) X(SOL_IPV6)   X(INADDR_ANY) \
  X(SO_ACCEPTCONN) X(SO_BROADCAST) X(SO_DEBUG) X(SO_DOMAIN) X(SO_DONTROUTE) X(SO_ERROR) \
  X(SO_INCOMING_CPU) X(SO_KEEPALIVE) X(SO_LINGER) X(SO_MARK) X(SO_MAX_PACING_RATE) X(SO_OOBINLINE) \
  X(SO_PRIORITY) X(SO_PROTOCOL) X(SO_RCVBUF) X(SO_RCVBUFFORCE) X(SO_RCVLOWAT) X(SO_RCVTIMEO) \
  X(SO_REUSEADDR) X(SO_REUSEPORT) X(SO_SNDBUF) X(SO_SNDBUFFORCE) X(SO_SNDLOWAT) X(SO_SNDTIMEO) \
  X(SO_TIMESTAMP) X(SO_TIMESTAMPING) X(SO_TYPE) X(SO_ZEROCOPY) X(SO_BUSY_POLL) X(TCP_CONGESTION) \
  X(TCP_CORK) X(TCP_DEFER_ACCEPT) X(TCP_FASTOPEN) X(TCP_FASTOPEN_CONNECT) X(TCP_FASTOPEN_KEY) \
  X(TCP_FASTOPEN_NO_COOKIE) X(TCP_INFO) X(TCP_INQ) X(TCP_KEEPCNT) X(TCP_KEEPIDLE) X(TCP_KEEPINTVL) \
  X(TCP_LINGER2) X(TCP_MAXSEG) X(TCP_MD5SIG) X(TCP_NODELAY) X(TCP_NOTSENT_LOWAT) X(TCP_QUICKACK) \
  X(TCP_SAVE_SYN) X(TCP_SAVED_SYN) X(TCP_SYNCNT) X(TCP_THIN_DUPACK) X(TCP_THIN_LINEAR_TIMEOUTS) \
  X(TCP_TIMESTAMP) X(TCP_USER_TIMEOUT) X(TCP_WINDOW_CLAMP) X(TCP_TX_DELAY) X(TCP_ZEROCOPY_RECEIVE) \
  X(IP_TOS) X(IP_TTL) X(IP_MTU_DISCOVER) X(IP_MTU) X(IP_FREEBIND) X(IP_RECVERR) X(IP_RECVTTL) \
  X(IP_RECVTOS) X(IP_TRANSPARENT) X(IP_BIND_ADDRESS_NO_PORT) X(IP_PMTUDISC_DONT) X(IP_PMTUDISC_WANT) \
  X(IP_PMTUDISC_DO) X(IP_PMTUDISC_PROBE) X(IPV6_TCLASS) X(IPV6_UNICAST_HOPS) X(IPV6_V6ONLY) \
  X(IPV6_MTU_DISCOVER) X(IPV6_RECVERR) X(MSG_CTRUNC) X(MSG_DONTROUTE) X(MSG_DONTWAIT) X(MSG_EOR) \
  X(MSG_ERRQUEUE) X(MSG_FASTOPEN) X(MSG_MORE) X(MSG_NOSIGNAL) X(MSG_OOB) X(MSG_PEEK) X(MSG_TRUNC) \
  X(MSG_WAITALL) X(MSG_ZEROCOPY) X(SHUT_RD) X(SHUT_WR) X(SHUT_RDWR) X(F_DUPFD) X(F_GETFD) X(F_GETFL) \
  X(F_SETFD) X(F_SETFL) X(FD_CLOEXEC) X(O_RDONLY) X(O_WRONLY) X(O_RDWR) X(O_NONBLOCK) X(O_APPEND) \
  X(O_ASYNC) X(FIONREAD) X(FIONBIO) X(SIOCINQ) X(SIOCOUTQ) X(SIOCOUTQNSD) X(SIOCATMARK) X(TIOCINQ) \
  X(TIOCOUTQ) X(POLLERR) X(POLLHUP) X(POLLIN) X(POLLMSG) X(POLLNVAL) X(POLLOUT) X(POLLPRI) \
  X(POLLRDBAND) X(POLLRDHUP) X(POLLRDNORM) X(POLLWRBAND) X(POLLWRNORM) X(EPOLL_CTL_ADD) \
  X(EPOLL_CTL_DEL) X(EPOLL_CTL_MOD) X(EPOLL_CLOEXEC) X(EPOLLERR) X(EPOLLET) X(EPOLLEXCLUSIVE) \
  X(EPOLLHUP) X(EPOLLIN) X(EPOLLMSG) X(EPOLLONESHOT) X(EPOLLOUT) X(EPOLLPRI) X(EPOLLRDBAND) \
  X(EPOLLRDHUP) X(EPOLLRDNORM) X(EPOLLWRBAND) X(EPOLLWRNORM) X(TCP_CA_Open) X(TCP_CA_Disorder) \
  X(TCP_CA_CWR) X(TCP_CA_Recovery) X(TCP_CA_Loss) X(TCPI_OPT_ECN) X(TCPI_OPT_ECN_SEEN) \
  X(TCPI_OPT_SACK) X(TCPI_OPT_SYN_DATA) X(TCPI_OPT_TIMESTAMPS) X(TCPI_OPT_WSCALE)
#define STRATA_DRILL_ERRORS(X) \
  X(E2BIG) X(EACCES) X(EADDRINUSE) X(EADDRNOTAVAIL) X(EAFNOSUPPORT) X(EAGAIN) X(EALREADY) X(EBADF) \
  X(EBADMSG) X(EBUSY) X(ECANCELED) X(ECONNABORTED) X(ECONNREFUSED) X(ECONNRESET) X(EDESTADDRREQ) \
  X(EDOM) X(EEXIST) X(EFAULT) X(EFBIG) X(EHOSTDOWN) X(EHOSTUNREACH) X(EINPROGRESS) X(EINTR) X(EINVAL) \
  X(EIO) X(EISCONN) X(EMFILE) X(EMSGSIZE) X(ENETDOWN) X(ENETRESET) X(ENETUNREACH) X(ENFILE) X(ENOBUFS) \
  X(ENODEV) X(ENOENT) X(ENOMEM) X(ENOPROTOOPT) X(ENOSPC) X(ENOSYS) X(ENOTCONN) X(ENOTSOCK) \
  X(EOPNOTSUPP) X(EPERM) X(EPIPE) X(EPROTO) X(EPROTONOSUPPORT) X(EPROTOTYPE) X(ERANGE) X(EROFS) \
  X(ESHUTDOWN) X(ESOCKTNOSUPPORT) X(ESPIPE) X(ETIMEDOUT) X(EWOULDBLOCK)
// clang-format on

constexpr Symbol kSymbols[] = {
#define STRATA_DRILL_ROW(symbol) {#symbol, static_cast<std::int64_t>(symbol)},
    STRATA_DRILL_SYMBOLS(STRATA_DRILL_ROW)
#undef STRATA_DRILL_ROW
};

struct Error {
  std::string_view name;
  int value;
};

constexpr Error kErrors[] = {
#define STRATA_DRILL_ROW(symbol) {#symbol, symbol},
    STRATA_DRILL_ERRORS(STRATA_DRILL_ROW)
#undef STRATA_DRILL_ROW
};

/// tcpi_state in both dialects, with the numbers of Linux; and what the headers here leave out.
constexpr Symbol kOthers[] = {
    {"TCP_ESTABLISHED", 1},   {"TCP_SYN_SENT", 2},      {"TCP_SYN_RECV", 3},      {"TCP_FIN_WAIT1", 4},
    {"TCP_FIN_WAIT2", 5},     {"TCP_TIME_WAIT", 6},     {"TCP_CLOSE", 7},         {"TCP_CLOSE_WAIT", 8},
    {"TCP_LAST_ACK", 9},      {"TCP_LISTEN", 10},       {"TCP_CLOSING", 11},      {"TCPI_ESTABLISHED", 1},
    {"TCPI_SYN_SENT", 2},     {"TCPI_SYN_RECEIVED", 3}, {"TCPI_FIN_WAIT_1", 4},   {"TCPI_FIN_WAIT_2", 5},
    {"TCPI_TIME_WAIT", 6},    {"TCPI_CLOSED", 7},       {"TCPI_CLOSE_WAIT", 8},   {"TCPI_LAST_ACK", 9},
    {"IPTOS_DSCP_CS0", 0x00}, {"IPTOS_DSCP_CS1", 0x20}, {"IPTOS_DSCP_CS2", 0x40}, {"IPTOS_DSCP_CS3", 0x60},
    {"IPTOS_DSCP_CS4", 0x80}, {"IPTOS_DSCP_CS5", 0xa0}, {"IPTOS_DSCP_CS6", 0xc0}, {"IPTOS_DSCP_CS7", 0xe0},
    {"IPTOS_DSCP_EF", 0xb8},  {"TCPI_LISTEN", 10},      {"TCPI_CLOSING", 11},     {"SOL_TCP", IPPROTO_TCP},
    {"SOL_UDP", IPPROTO_UDP},
};

/// FreeBSD's own socket options.
constexpr Symbol kFreeBsdOptions[] = {{"TCP_KEEPINIT", STRATA_TCP_KEEPINIT}, {"TCP_NOOPT", STRATA_TCP_NOOPT}};

std::optional<std::int64_t> find_in(std::span<const Symbol> table, std::string_view name) {
  const auto row = std::ranges::find(table, name, &Symbol::name);
  return row == table.end() ? std::nullopt : std::optional(row->value);
}

}  // namespace

std::optional<std::int64_t> symbol_value(std::string_view name) {
  if (const auto value = find_in(kSymbols, name)) return value;
  if (const auto value = find_in(kOthers, name)) return value;
  if (const auto value = find_in(kFreeBsdOptions, name)) return value;
  return error_value(name);
}

std::optional<int> error_value(std::string_view name) {
  const auto row = std::ranges::find(kErrors, name, &Error::name);
  return row == std::end(kErrors) ? std::nullopt : std::optional(row->value);
}

std::string error_name(int error) {
  const auto row = std::ranges::find(kErrors, error, &Error::value);
  return row == std::end(kErrors) ? "errno " + std::to_string(error) : std::string(row->name);
}

}  // namespace strata::drill
