// getsockopt(2) and setsockopt(2): values, ranges, sizes, and what accept(2) hands on.
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <sys/time.h>

#include "api/posix/option_table.hpp"
#include "api/posix/test_machine.hpp"
#include "api/posix/test_two_hosts.hpp"
#include "strata/congestion_control.hpp"

namespace strata::posix {
namespace {

using Options = SocketTest;

struct Row {
  const char* text;
  int level;
  int name;
  int written;
  long result;  ///< of setsockopt
  long value;   ///< what getsockopt shows then
};

#define NAMED(level, name) #name, level, name
constexpr Row kRows[] = {
    {NAMED(SOL_SOCKET, SO_REUSEADDR), 1, 0, 1},
    {NAMED(SOL_SOCKET, SO_REUSEADDR), 77, 0, 1},
    {NAMED(SOL_SOCKET, SO_REUSEADDR), 0, 0, 0},
    {NAMED(SOL_SOCKET, SO_REUSEPORT), 1, 0, 1},
    {NAMED(SOL_SOCKET, SO_KEEPALIVE), 1, 0, 1},
    {NAMED(SOL_SOCKET, SO_BROADCAST), 1, 0, 1},
    {NAMED(SOL_SOCKET, SO_OOBINLINE), 1, 0, 1},
    {NAMED(SOL_SOCKET, SO_RCVBUF), 10'000, 0, 20'000},
    {NAMED(SOL_SOCKET, SO_RCVBUF), 1, 0, 2304},
    {NAMED(SOL_SOCKET, SO_RCVBUF), 100'000'000, 0, 67'108'864},
    {NAMED(SOL_SOCKET, SO_SNDBUF), 10'000, 0, 20'000},
    {NAMED(SOL_SOCKET, SO_SNDBUF), 1, 0, 4608},
    {NAMED(SOL_SOCKET, SO_SNDBUF), -1, 0, 33'554'432},
    {NAMED(SOL_SOCKET, SO_RCVLOWAT), 5, 0, 5},
    {NAMED(SOL_SOCKET, SO_RCVLOWAT), 0, 0, 1},
    {NAMED(SOL_SOCKET, SO_TYPE), 1, -ENOPROTOOPT, SOCK_STREAM},
    {NAMED(SOL_SOCKET, SO_DOMAIN), 1, -ENOPROTOOPT, AF_INET},
    {NAMED(SOL_SOCKET, SO_PROTOCOL), 1, -ENOPROTOOPT, IPPROTO_TCP},
    {NAMED(SOL_SOCKET, SO_ERROR), 1, -ENOPROTOOPT, 0},
    {NAMED(SOL_SOCKET, SO_ACCEPTCONN), 1, -ENOPROTOOPT, 0},
    {NAMED(SOL_SOCKET, 9999), 1, -ENOPROTOOPT, -ENOPROTOOPT},
    {NAMED(IPPROTO_TCP, TCP_NODELAY), 1, 0, 1},
    {NAMED(IPPROTO_TCP, TCP_CORK), 1, 0, 1},
    {NAMED(IPPROTO_TCP, TCP_QUICKACK), 1, 0, 1},
    {NAMED(IPPROTO_TCP, TCP_MAXSEG), 1000, 0, 1000},
    {NAMED(IPPROTO_TCP, TCP_MAXSEG), 0, 0, 536},
    {NAMED(IPPROTO_TCP, TCP_MAXSEG), 87, -EINVAL, 536},
    {NAMED(IPPROTO_TCP, TCP_MAXSEG), 32'768, -EINVAL, 536},
    {NAMED(IPPROTO_TCP, TCP_SYNCNT), 3, 0, 3},
    {NAMED(IPPROTO_TCP, TCP_SYNCNT), 0, -EINVAL, 3},
    {NAMED(IPPROTO_TCP, TCP_SYNCNT), 128, -EINVAL, 3},
    {NAMED(IPPROTO_TCP, TCP_KEEPIDLE), 10, 0, 10},
    {NAMED(IPPROTO_TCP, TCP_KEEPIDLE), 0, -EINVAL, 10},
    {NAMED(IPPROTO_TCP, TCP_KEEPIDLE), 32'768, -EINVAL, 10},
    {NAMED(IPPROTO_TCP, TCP_KEEPINTVL), 5, 0, 5},
    {NAMED(IPPROTO_TCP, TCP_KEEPINTVL), 32'768, -EINVAL, 5},
    {NAMED(IPPROTO_TCP, TCP_KEEPCNT), 4, 0, 4},
    {NAMED(IPPROTO_TCP, TCP_KEEPCNT), 128, -EINVAL, 4},
    {NAMED(IPPROTO_TCP, TCP_USER_TIMEOUT), 1234, 0, 1234},
    {NAMED(IPPROTO_TCP, TCP_USER_TIMEOUT), -1, -EINVAL, 1234},
    {NAMED(IPPROTO_TCP, TCP_NOTSENT_LOWAT), 5000, 0, 5000},
    {NAMED(IPPROTO_TCP, TCP_WINDOW_CLAMP), 5000, 0, 5000},
    {NAMED(IPPROTO_TCP, TCP_WINDOW_CLAMP), 100, 0, 1152},
    {NAMED(IPPROTO_TCP, TCP_WINDOW_CLAMP), 0, 0, 0},
    {NAMED(IPPROTO_TCP, TCP_LINGER2), 7, 0, 7},
    {NAMED(IPPROTO_TCP, TCP_LINGER2), -5, 0, -1},
    {NAMED(IPPROTO_TCP, TCP_LINGER2), 1000, 0, 120},
    {NAMED(IPPROTO_TCP, TCP_LINGER2), 0, 0, 60},
    {NAMED(IPPROTO_TCP, TCP_DEFER_ACCEPT), 1, 0, 1},
    {NAMED(IPPROTO_TCP, TCP_DEFER_ACCEPT), 2, 0, 3},
    {NAMED(IPPROTO_TCP, TCP_DEFER_ACCEPT), 10, 0, 15},
    {NAMED(IPPROTO_TCP, TCP_DEFER_ACCEPT), 0, 0, 0},
    {NAMED(IPPROTO_TCP, 9999), 1, -ENOPROTOOPT, -ENOPROTOOPT},
    {NAMED(IPPROTO_IP, IP_TTL), 9, 0, 9},
    {NAMED(IPPROTO_IP, IP_TTL), 0, -EINVAL, 9},
    {NAMED(IPPROTO_IP, IP_TTL), 256, -EINVAL, 9},
    {NAMED(IPPROTO_IP, IP_TTL), -1, 0, 64},
    {NAMED(IPPROTO_IP, IP_TOS), 0x13, 0, 0x10},
    {NAMED(IPPROTO_IP, IP_TOS), 0xb8, 0, 0xb8},
    {NAMED(IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_DO, 0, IP_PMTUDISC_DO},
    {NAMED(IPPROTO_IP, IP_MTU_DISCOVER), 6, -EINVAL, IP_PMTUDISC_DO},
    {NAMED(IPPROTO_IP, IP_FREEBIND), 1, 0, 1},
    {NAMED(IPPROTO_IP, IP_MTU), 1, -ENOPROTOOPT, -ENOTCONN},
    {NAMED(IPPROTO_IP, 9999), 1, -ENOPROTOOPT, -ENOPROTOOPT},
    {NAMED(12'345, 1), 1, -ENOPROTOOPT, -EOPNOTSUPP},
};
#undef NAMED

TEST_F(Options, IntegersOfATcpSocket) {
  const int fd = server.tcp();
  for (const Row& row : kRows) {
    EXPECT_EQ(server.set_option(fd, row.level, row.name, row.written), row.result)
        << row.text << ' ' << row.written;
    EXPECT_EQ(server.option(fd, row.level, row.name), row.value) << row.text << ' ' << row.written;
  }
}

TEST_F(Options, AnIntegerNeedsItsSize) {
  const int fd = server.tcp();
  const std::uint8_t octet = 7;
  EXPECT_EQ(server.setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &octet, 1), -EINVAL);
  EXPECT_EQ(server.setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &octet, 1), -EINVAL);
  EXPECT_EQ(server.setsockopt(fd, IPPROTO_IP, IP_TTL, &octet, 1), 0);
  EXPECT_EQ(server.option(fd, IPPROTO_IP, IP_TTL), 7);
  std::uint8_t read = 0;
  socklen_t size = 1;
  EXPECT_EQ(server.getsockopt(fd, IPPROTO_IP, IP_TTL, &read, &size), 0);
  EXPECT_EQ(read, 7);
  EXPECT_EQ(size, 1U);
  int value = -1;
  size = 2;
  EXPECT_EQ(server.getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size), 0);
  EXPECT_EQ(size, 2U);
  size = static_cast<socklen_t>(-1);
  EXPECT_EQ(server.getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size), -EINVAL);
}

TEST_F(Options, UdpHasNoneOfTcps) {
  const int fd = server.udp();
  EXPECT_EQ(server.option(fd, IPPROTO_TCP, TCP_NODELAY), -EOPNOTSUPP);
  EXPECT_EQ(server.set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1), -ENOPROTOOPT);
  EXPECT_EQ(server.option(fd, SOL_SOCKET, SO_TYPE), SOCK_DGRAM);
  EXPECT_EQ(server.set_option(fd, IPPROTO_IP, IP_TOS, 0x13), 0);
  EXPECT_EQ(server.option(fd, IPPROTO_IP, IP_TOS), 0x13);
}

TEST_F(Options, LingerIsTwoNumbers) {
  const int fd = server.tcp();
  linger value{.l_onoff = 1, .l_linger = 5};
  EXPECT_EQ(server.setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof value), 0);
  value = {};
  socklen_t size = sizeof value;
  EXPECT_EQ(server.getsockopt(fd, SOL_SOCKET, SO_LINGER, &value, &size), 0);
  EXPECT_EQ(value.l_onoff, 1);
  EXPECT_EQ(value.l_linger, 5);
  EXPECT_EQ(server.setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, 4), -EINVAL);
}

TEST_F(Options, TimeoutsAreTimes) {
  const int fd = server.tcp();
  timeval value{.tv_sec = 2, .tv_usec = 500'000};
  EXPECT_EQ(server.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value), 0);
  value = {};
  socklen_t size = sizeof value;
  EXPECT_EQ(server.getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &value, &size), 0);
  EXPECT_EQ(value.tv_sec, 2);
  EXPECT_EQ(value.tv_usec, 500'000);
  EXPECT_EQ(server.getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &value, &size), 0);
  EXPECT_EQ(value.tv_sec, 0);
  value.tv_usec = 1'000'000;
  EXPECT_EQ(server.setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value), -EDOM);
}

/// What accept(2) hands on, and what it does not.
TEST_F(Options, AcceptedSocketsBeginAsTheTableSays) {
  struct Handed {
    int level;
    int name;
    int written;
  };
  static constexpr Handed kHanded[] = {
      {SOL_SOCKET, SO_REUSEADDR, 1},
      {SOL_SOCKET, SO_KEEPALIVE, 1},
      {SOL_SOCKET, SO_RCVBUF, 9000},
      {SOL_SOCKET, SO_SNDBUF, 9000},
      {SOL_SOCKET, SO_RCVLOWAT, 3},
      {SOL_SOCKET, SO_OOBINLINE, 1},
      {IPPROTO_TCP, TCP_NODELAY, 1},
      {IPPROTO_TCP, TCP_KEEPIDLE, 11},
      {IPPROTO_TCP, TCP_KEEPINTVL, 12},
      {IPPROTO_TCP, TCP_KEEPCNT, 13},
      {IPPROTO_TCP, TCP_USER_TIMEOUT, 99},
      {IPPROTO_TCP, TCP_SYNCNT, 4},
      {IPPROTO_TCP, TCP_LINGER2, 8},
      {IPPROTO_TCP, TCP_NOTSENT_LOWAT, 4},
      {IPPROTO_IP, IP_TTL, 17},
      {IPPROTO_TCP, TCP_DEFER_ACCEPT, 30},
      {IPPROTO_IP, IP_TOS, 0x20},
      {IPPROTO_IP, IP_MTU_DISCOVER, 0},
  };
  const int listener = listening();
  for (const Handed& option : kHanded)
    EXPECT_EQ(server.set_option(listener, option.level, option.name, option.written), 0);
  const int fd = client.tcp();
  client.connect_to(fd, net->server_address(kPort));
  net->settle();
  client.send(fd, "data, for TCP_DEFER_ACCEPT");
  net->settle();
  const int accepted = static_cast<int>(server.accept(listener));
  ASSERT_GE(accepted, 0);
  const int fresh = server.tcp();
  for (const Handed& option : kHanded) {
    const OptionRow* row = find_option(File::Kind::stream, option.level, option.name);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(server.option(accepted, option.level, option.name),
              server.option(row->inherited ? listener : fresh, option.level, option.name))
        << row->text;
  }
}

TEST_F(Options, TcpInfoTellsOfTheConnection) {
  const Pair pair = connected();
  client.send(pair.client, "hello");
  net->settle();
  tcp_info info{};
  socklen_t size = sizeof info;
  EXPECT_EQ(client.getsockopt(pair.client, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(size, sizeof info);
  EXPECT_EQ(info.tcpi_state, 1);
  EXPECT_EQ(info.tcpi_unacked, 0U);
  EXPECT_GE(info.tcpi_snd_cwnd, 10U);
  EXPECT_EQ(info.tcpi_options & 7, 7);
  EXPECT_EQ(info.tcpi_bytes_acked, 6U);  // the SYN counts
  EXPECT_EQ(info.tcpi_bytes_sent, 5U);
  EXPECT_EQ(info.tcpi_data_segs_out, 1U);
  EXPECT_EQ(info.tcpi_notsent_bytes, 0U);
  EXPECT_EQ(info.tcpi_ca_state, 0);
  EXPECT_EQ(info.tcpi_snd_ssthresh, 0x7fff'ffffU);
  size = sizeof info;
  EXPECT_EQ(server.getsockopt(pair.server, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(info.tcpi_bytes_received, 5U);
  EXPECT_EQ(info.tcpi_data_segs_in, 1U);
  size = 1;
  EXPECT_EQ(server.getsockopt(pair.listener, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(size, 1U);
  EXPECT_EQ(info.tcpi_state, 10);
}

TEST_F(Options, TheAlgorithmHasAName) {
  const Pair pair = connected();
  const auto algorithm = [this](int fd) {
    char name[16] = {};
    socklen_t size = sizeof name;
    EXPECT_EQ(server.getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
    return std::string(name);
  };
  EXPECT_EQ(algorithm(pair.server), "cubic");
  EXPECT_EQ(server.setsockopt(pair.server, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);  // while connected
  EXPECT_EQ(algorithm(pair.server), "reno");
  EXPECT_EQ(server.setsockopt(pair.server, IPPROTO_TCP, TCP_CONGESTION, "no such", 7), -ENOENT);
  EXPECT_EQ(algorithm(pair.server), "reno");
}

/// A controller that does nothing.
struct Still {
  void begin(ControllerWindow&) {}
  void on_ack(ControllerWindow&, const ControllerAck&) {}
  void on_congestion(ControllerWindow&, ControllerSignal, std::uint32_t) {}
  void undo(ControllerWindow&) {}
};
constexpr ExternalController kStill = external_controller<Still>("still");

TEST(OptionsOfOwnControllers, AreFoundByName) {
  TcpConfig parameters;
  parameters.controllers[1] = &kStill;
  TwoHosts net(parameters);
  Host& host = net.server_host();
  const int fd = host.socket(AF_INET, SOCK_STREAM, 0);
  EXPECT_EQ(host.setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "still", 5), 0);
  char name[16] = {};
  socklen_t size = sizeof name;
  EXPECT_EQ(host.getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &size), 0);
  EXPECT_STREQ(name, "still");
}

TEST_F(Options, APacingLimitHasEitherSize) {
  const Pair pair = connected();
  unsigned long wide = 1;
  socklen_t size = sizeof wide;
  EXPECT_EQ(server.getsockopt(pair.server, SOL_SOCKET, SO_MAX_PACING_RATE, &wide, &size), 0);
  EXPECT_EQ(wide, ~0UL);  // no limit
  wide = 5'000'000'000;
  EXPECT_EQ(server.setsockopt(pair.server, SOL_SOCKET, SO_MAX_PACING_RATE, &wide, sizeof wide), 0);
  unsigned narrow = 0;
  size = sizeof narrow;
  EXPECT_EQ(server.getsockopt(pair.server, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, &size), 0);
  EXPECT_EQ(narrow, ~0U);  // more than it can say
  narrow = 1'000'000;
  EXPECT_EQ(server.setsockopt(pair.server, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, sizeof narrow), 0);
  tcp_info info{};
  size = sizeof info;
  EXPECT_EQ(server.getsockopt(pair.server, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_EQ(info.tcpi_max_pacing_rate, 1'000'000U);
  EXPECT_LE(info.tcpi_pacing_rate, 1'000'000U);
  EXPECT_EQ(server.setsockopt(pair.server, SOL_SOCKET, SO_MAX_PACING_RATE, &narrow, 2), -EINVAL);
}

TEST_F(Options, OnlyAModelTellsOfItself) {
  const Pair pair = connected();
  tcp_bbr_info info{};
  socklen_t size = sizeof info;
  EXPECT_EQ(server.getsockopt(pair.server, IPPROTO_TCP, TCP_CC_INFO, &info, &size), 0);
  EXPECT_EQ(size, 0U);
  EXPECT_EQ(server.setsockopt(pair.server, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3), 0);
  size = sizeof info;
  EXPECT_EQ(server.getsockopt(pair.server, IPPROTO_TCP, TCP_CC_INFO, &info, &size), 0);
  EXPECT_EQ(size, sizeof info);
  EXPECT_EQ(info.bbr_pacing_gain, 277U * 256 / 100);
  EXPECT_EQ(info.bbr_cwnd_gain, 512U);
}

}  // namespace
}  // namespace strata::posix
