// Sockets of AF_INET6: both families through one socket, IPv6 alone, scopes, and the options of their level.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "api/posix/host.hpp"
#include "strata/stack.hpp"

namespace strata::posix {
namespace {

sockaddr_in6 six(const char* text, std::uint16_t port, std::uint32_t scope = 0) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_scope_id = scope;
  EXPECT_EQ(::inet_pton(AF_INET6, text, &address.sin6_addr), 1) << text;
  return address;
}

sockaddr_in four(const char* text, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET, text, &address.sin_addr), 1) << text;
  return address;
}

template <class Name>
const sockaddr* any(const Name& name) {
  return reinterpret_cast<const sockaddr*>(&name);
}

std::string text_of(const sockaddr_in6& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
  return text.data();
}

/// A machine that speaks to itself.
struct Ipv6Sockets : ::testing::Test {
  Ipv6Sockets() : stack(config(), Entropy::from_seed(1)), host(stack) {
    const std::array<Prefix, 3> own{
        {{IpAddress::v4(10, 0, 0, 1), 24}, *parse_prefix("fd77::1/64"), *parse_prefix("fe80::1/64")}};
    nic = *stack.add_interface({.mac = {{2, 0, 0, 0, 0, 1}}, .link = {}, .addresses = own});
  }
  static Config config() {
    Config config;
    config.buffers = {.block_size = 2048, .blocks_max = 1024, .packets_max = 512, .queue_nodes_max = 512};
    config.ipv6.dad_transmits = 0;
    return config;
  }
  void settle() {
    for (int i = 0; i < 10; ++i) {
      now = now + Duration::millis(1);
      stack.advance(now);
      stack.dispatch();
      while (stack.next_output(nic, now)) {
      }
    }
  }
  int open(int family, int type = SOCK_STREAM) { return host.socket(family, type | SOCK_NONBLOCK, 0); }
  int set(int fd, int name, int value) {
    return host.setsockopt(fd, IPPROTO_IPV6, name, &value, sizeof value);
  }
  int get(int fd, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    const int result = host.getsockopt(fd, IPPROTO_IPV6, name, &value, &size);
    return result == 0 ? value : result;
  }
  template <class Name>
  int bind(int fd, const Name& name) {
    return host.bind(fd, any(name), sizeof name);
  }
  template <class Name>
  long connect(int fd, const Name& name) {
    Operation operation = host.begin_connect(fd, any(name), sizeof name, now);
    const auto at_once = operation.progress(now);
    if (at_once && *at_once != -EINPROGRESS) return *at_once;
    settle();
    int error = -1;
    socklen_t size = sizeof error;
    host.getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return -error;
  }
  int listener(bool ipv6_only = false) {
    const int fd = open(AF_INET6);
    EXPECT_EQ(set(fd, IPV6_V6ONLY, ipv6_only ? 1 : 0), 0);
    EXPECT_EQ(bind(fd, six("::", 80)), 0);
    EXPECT_EQ(host.listen(fd, 5), 0);
    return fd;
  }

  Stack stack;
  NicId nic = NicId::none;
  Host host;
  Instant now;
};

TEST_F(Ipv6Sockets, OneListenerTakesBothFamilies) {
  const int server = listener();
  EXPECT_EQ(connect(open(AF_INET6), six("::1", 80)), 0);
  EXPECT_EQ(connect(open(AF_INET), four("10.0.0.1", 80)), 0);
  EXPECT_EQ(connect(open(AF_INET6), six("::ffff:10.0.0.1", 80)), 0);
  std::vector<std::string> peers;
  for (int i = 0; i < 3; ++i) {
    sockaddr_in6 peer{};
    socklen_t size = sizeof peer;
    Operation accepted = host.begin_accept(server, 0, reinterpret_cast<sockaddr*>(&peer), &size, now);
    const long fd = accepted.progress(now).value_or(-1);
    ASSERT_GE(fd, 0);
    EXPECT_EQ(size, sizeof peer);
    EXPECT_EQ(peer.sin6_family, AF_INET6);
    peers.push_back(text_of(peer));
    sockaddr_in6 local{};
    size = sizeof local;
    EXPECT_EQ(host.getsockname(static_cast<int>(fd), reinterpret_cast<sockaddr*>(&local), &size), 0);
    EXPECT_EQ(ntohs(local.sin6_port), 80);
  }
  EXPECT_EQ(peers[0], "::1");
  EXPECT_EQ(peers[1], "::ffff:10.0.0.1");
  EXPECT_EQ(peers[2], "::ffff:10.0.0.1");
}

TEST_F(Ipv6Sockets, Ipv6AloneLeavesIpv4ToOthers) {
  listener(true);
  EXPECT_EQ(connect(open(AF_INET), four("10.0.0.1", 80)), -ECONNREFUSED);
  EXPECT_EQ(connect(open(AF_INET6), six("fd77::1", 80)), 0);
  const int other = open(AF_INET);
  EXPECT_EQ(bind(other, four("0.0.0.0", 80)), 0);
  EXPECT_EQ(host.listen(other, 5), 0);
  EXPECT_EQ(connect(open(AF_INET), four("10.0.0.1", 80)), 0);
  const int alone = open(AF_INET6);
  EXPECT_EQ(set(alone, IPV6_V6ONLY, 1), 0);
  EXPECT_EQ(connect(alone, six("::ffff:10.0.0.1", 80)), -ENETUNREACH);
  EXPECT_EQ(bind(alone, six("::ffff:10.0.0.1", 81)), -EINVAL);
}

TEST_F(Ipv6Sockets, BothFamiliesAtOnePortCollideUnlessTheyAreApart) {
  const int first = open(AF_INET);
  EXPECT_EQ(bind(first, four("0.0.0.0", 80)), 0);
  EXPECT_EQ(bind(open(AF_INET6), six("::", 80)), -EADDRINUSE);
  EXPECT_EQ(bind(open(AF_INET6), six("fd77::1", 80)), 0);
  const int alone = open(AF_INET6);
  EXPECT_EQ(set(alone, IPV6_V6ONLY, 1), 0);
  EXPECT_EQ(bind(alone, six("::", 81)), 0);
  EXPECT_EQ(set(alone, IPV6_V6ONLY, 0), -EINVAL);  // too late
}

TEST_F(Ipv6Sockets, NamesAreOfTheSocketsFamily) {
  const int fd = open(AF_INET6);
  EXPECT_EQ(bind(fd, four("10.0.0.1", 80)), -EINVAL);  // too short for one of IPv6
  EXPECT_EQ(bind(open(AF_INET), six("fd77::1", 80)), -EAFNOSUPPORT);
  EXPECT_EQ(bind(fd, six("fd77::9", 80)), -EADDRNOTAVAIL);
  EXPECT_EQ(bind(fd, six("fe80::1", 80)), -EINVAL);  // of which link?
  EXPECT_EQ(bind(fd, six("fe80::1", 80, 1)), 0);
  sockaddr_in6 name{};
  socklen_t size = sizeof name;
  EXPECT_EQ(host.getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size), 0);
  EXPECT_EQ(text_of(name), "fe80::1");
  EXPECT_EQ(name.sin6_scope_id, 1U);
  EXPECT_EQ(host.getsockname(open(AF_INET6), reinterpret_cast<sockaddr*>(&name), &size), 0);
  EXPECT_EQ(text_of(name), "::");
}

TEST_F(Ipv6Sockets, HasTheOptionsOfItsLevel) {
  const int fd = open(AF_INET6);
  EXPECT_EQ(get(fd, IPV6_V6ONLY), 0);
  EXPECT_EQ(get(fd, IPV6_UNICAST_HOPS), 64);
  EXPECT_EQ(set(fd, IPV6_UNICAST_HOPS, 7), 0);
  EXPECT_EQ(get(fd, IPV6_UNICAST_HOPS), 7);
  EXPECT_EQ(set(fd, IPV6_UNICAST_HOPS, 256), -EINVAL);
  EXPECT_EQ(set(fd, IPV6_UNICAST_HOPS, -1), 0);
  EXPECT_EQ(get(fd, IPV6_UNICAST_HOPS), 64);
  EXPECT_EQ(set(fd, IPV6_TCLASS, 0xb8), 0);
  EXPECT_EQ(get(fd, IPV6_TCLASS), 0xb8);
  EXPECT_EQ(set(fd, IPV6_TCLASS, -1), 0);
  EXPECT_EQ(get(fd, IPV6_TCLASS), 0);
  EXPECT_EQ(get(open(AF_INET), IPV6_V6ONLY), -EOPNOTSUPP);
  int domain = 0;
  socklen_t size = sizeof domain;
  EXPECT_EQ(host.getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size), 0);
  EXPECT_EQ(domain, AF_INET6);
}

TEST_F(Ipv6Sockets, DatagramsOfBothFamiliesReachOneSocket) {
  const int server = open(AF_INET6, SOCK_DGRAM);
  EXPECT_EQ(bind(server, six("::", 53)), 0);
  std::array<std::uint8_t, 4> data{1, 2, 3, 4};
  iovec piece{data.data(), data.size()};
  const auto send = [&](int fd, auto name) {
    msghdr message{};
    message.msg_name = &name;
    message.msg_namelen = sizeof name;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    return host.begin_send(fd, message, 0, now).progress(now).value_or(-1);
  };
  EXPECT_EQ(send(open(AF_INET6, SOCK_DGRAM), six("fd77::1", 53)), 4);
  EXPECT_EQ(send(open(AF_INET, SOCK_DGRAM), four("10.0.0.1", 53)), 4);
  settle();
  std::vector<std::string> from;
  for (int i = 0; i < 2; ++i) {
    sockaddr_in6 name{};
    msghdr message{};
    message.msg_name = &name;
    message.msg_namelen = sizeof name;
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    EXPECT_EQ(host.begin_receive(server, message, 0, now).progress(now), 4);
    from.push_back(text_of(name));
  }
  EXPECT_EQ(from[0], "fd77::1");
  EXPECT_EQ(from[1], "::ffff:10.0.0.1");
}

}  // namespace
}  // namespace strata::posix
