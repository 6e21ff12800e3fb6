// socket(2), bind(2), getsockname(2), getpeername(2), dup(2), and what a descriptor is.
#include <fcntl.h>

#include "api/posix/test_machine.hpp"

namespace strata::posix {
namespace {

using Names = SocketTest;

TEST_F(Names, SocketTakesTcpAndUdpOnly) {
  EXPECT_GE(server.socket(AF_INET, SOCK_STREAM, 0), 3);
  EXPECT_GE(server.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP), 3);
  EXPECT_GE(server.socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP), 3);
  EXPECT_EQ(server.socket(AF_INET, SOCK_STREAM, IPPROTO_UDP), -EPROTONOSUPPORT);
  EXPECT_EQ(server.socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP), -EPROTONOSUPPORT);
  EXPECT_EQ(server.socket(AF_INET, SOCK_SEQPACKET, 0), -ESOCKTNOSUPPORT);
  EXPECT_EQ(server.socket(AF_INET, SOCK_STREAM | 0x10, 0), -EINVAL);
  EXPECT_EQ(server.socket(77, SOCK_STREAM, 0), -EAFNOSUPPORT);
}

TEST_F(Names, TheLowestFreeDescriptorComesNext) {
  const int first = server.tcp();
  const int second = server.tcp();
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(server.close(first), 0);
  EXPECT_EQ(server.close(first), -EBADF);
  EXPECT_EQ(server.tcp(), first);
  EXPECT_EQ(server.tcp(), second + 1);
}

TEST_F(Names, WhatIsNoDescriptorIsBad) {
  char byte = 0;
  socklen_t size = sizeof byte;
  EXPECT_EQ(server.bind_to(63, net->server_address(1)), -EBADF);
  EXPECT_EQ(server.listen(63, 1), -EBADF);
  EXPECT_EQ(server.accept(63), -EBADF);
  EXPECT_EQ(server.connect_to(63, net->server_address(1)), -EBADF);
  EXPECT_EQ(server.shutdown(63, SHUT_RD), -EBADF);
  EXPECT_EQ(server.send(63, "x"), -EBADF);
  EXPECT_EQ(server.recv(63, 1), -EBADF);
  EXPECT_EQ(server.getsockopt(63, SOL_SOCKET, SO_TYPE, &byte, &size), -EBADF);
  EXPECT_EQ(server.fcntl(63, F_GETFL, 0), -EBADF);
  EXPECT_EQ(server.dup(63), -EBADF);
}

TEST_F(Names, AnEpollIsNoSocket) {
  const int epoll = static_cast<int>(server.epoll_create1(0));
  EXPECT_EQ(server.listen(epoll, 1), -ENOTSOCK);
  EXPECT_EQ(server.option(epoll, SOL_SOCKET, SO_TYPE), -ENOTSOCK);
}

TEST_F(Names, BindRefusesWhatIsNoAddressOfOurs) {
  const int fd = server.tcp();
  sockaddr_in address = net->server_address(kPort);
  EXPECT_EQ(server.bind(fd, reinterpret_cast<sockaddr*>(&address), 8), -EINVAL);
  address.sin_family = AF_INET6;
  EXPECT_EQ(server.bind_to(fd, address), -EAFNOSUPPORT);
  address = net->server_address(kPort);
  address.sin_addr.s_addr = htonl(0xc0000201);
  EXPECT_EQ(server.bind_to(fd, address), -EADDRNOTAVAIL);
  EXPECT_EQ(server.set_option(fd, IPPROTO_IP, IP_FREEBIND, 1), 0);
  EXPECT_EQ(server.bind_to(fd, address), 0);
}

TEST_F(Names, ASocketIsBoundOnce) {
  const int fd = server.tcp();
  EXPECT_EQ(server.name_of(fd).sin_port, 0);
  EXPECT_EQ(server.bind_to(fd, net->server_address(0)), 0);
  EXPECT_NE(server.name_of(fd).sin_port, 0);
  EXPECT_EQ(server.name_of(fd).sin_addr.s_addr, net->server_address(0).sin_addr.s_addr);
  EXPECT_EQ(server.bind_to(fd, net->server_address(0)), -EINVAL);
}

TEST_F(Names, TwoSocketsDoNotShareAPortUnlessBothAllowIt) {
  const int first = server.tcp();
  const int second = server.tcp();
  EXPECT_EQ(server.bind_to(first, net->server_address(kPort)), 0);
  EXPECT_EQ(server.bind_to(second, net->server_address(kPort)), -EADDRINUSE);
  sockaddr_in any = net->server_address(kPort);
  any.sin_addr.s_addr = INADDR_ANY;
  EXPECT_EQ(server.bind_to(second, any), -EADDRINUSE);
  server.set_option(second, SOL_SOCKET, SO_REUSEADDR, 1);
  EXPECT_EQ(server.bind_to(second, net->server_address(kPort)), -EADDRINUSE);
  server.set_option(first, SOL_SOCKET, SO_REUSEADDR, 1);
  EXPECT_EQ(server.bind_to(second, net->server_address(kPort)), 0);
  EXPECT_EQ(server.listen(first, 1), 0);
  EXPECT_EQ(server.listen(second, 1), -EADDRINUSE);
}

TEST_F(Names, ReusePortLetsSeveralListen) {
  const int first = server.tcp();
  const int second = server.tcp();
  const int third = server.tcp();
  server.set_option(first, SOL_SOCKET, SO_REUSEPORT, 1);
  server.set_option(second, SOL_SOCKET, SO_REUSEPORT, 1);
  EXPECT_EQ(server.bind_to(first, net->server_address(kPort)), 0);
  EXPECT_EQ(server.listen(first, 1), 0);
  EXPECT_EQ(server.bind_to(second, net->server_address(kPort)), 0);
  EXPECT_EQ(server.listen(second, 1), 0);
  EXPECT_EQ(server.bind_to(third, net->server_address(kPort)), -EADDRINUSE);
}

TEST_F(Names, APortWithConnectionsCanBeBoundAgainWithReuseAddress) {
  const Pair pair = connected();
  EXPECT_EQ(server.close(pair.listener), 0);
  const int strict = server.tcp();
  EXPECT_EQ(server.bind_to(strict, net->server_address(kPort)), -EADDRINUSE);
  server.set_option(strict, SOL_SOCKET, SO_REUSEADDR, 1);
  EXPECT_EQ(server.bind_to(strict, net->server_address(kPort)), 0);
  EXPECT_EQ(server.listen(strict, 1), 0);
}

TEST_F(Names, BothEndsKnowEachOther) {
  const Pair pair = connected();
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  EXPECT_EQ(server.getpeername(pair.server, reinterpret_cast<sockaddr*>(&peer), &size), 0);
  EXPECT_EQ(size, sizeof peer);
  EXPECT_EQ(peer.sin_port, client.name_of(pair.client).sin_port);
  EXPECT_EQ(server.name_of(pair.server).sin_port, htons(kPort));
  size = 4;
  EXPECT_EQ(server.getpeername(pair.server, reinterpret_cast<sockaddr*>(&peer), &size), 0);
  EXPECT_EQ(size, sizeof peer);
  EXPECT_EQ(server.getpeername(pair.listener, reinterpret_cast<sockaddr*>(&peer), &size), -ENOTCONN);
}

TEST_F(Names, ADuplicateKeepsTheSocketOpen) {
  const Pair pair = connected();
  const int copy = static_cast<int>(server.dup(pair.server));
  EXPECT_EQ(server.close(pair.server), 0);
  EXPECT_EQ(server.send(copy, "still"), 5);
  net->settle();
  EXPECT_EQ(client.recv(pair.client, 10), 5);
  EXPECT_EQ(server.close(copy), 0);
  net->settle();
  EXPECT_EQ(client.recv(pair.client, 10), 0);
}

TEST_F(Names, FlagsOfDescriptorsAndOfWhatTheyName) {
  const int fd = server.tcp(0);
  EXPECT_EQ(server.fcntl(fd, F_GETFL, 0), O_RDWR);
  EXPECT_EQ(server.fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK), 0);
  EXPECT_EQ(server.fcntl(fd, F_GETFL, 0), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(server.fcntl(fd, F_GETFD, 0), 0);
  EXPECT_EQ(server.fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
  EXPECT_EQ(server.fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
  const int copy = static_cast<int>(server.fcntl(fd, F_DUPFD, 20));
  EXPECT_EQ(copy, 20);
  EXPECT_EQ(server.fcntl(copy, F_GETFD, 0), 0);
  EXPECT_EQ(server.fcntl(copy, F_GETFL, 0), O_RDWR | O_NONBLOCK);
  EXPECT_EQ(server.fcntl(fd, 9999, 0), -EINVAL);
}

}  // namespace
}  // namespace strata::posix
