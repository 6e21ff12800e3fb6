// Urgent data: MSG_OOB, SO_OOBINLINE, SIOCATMARK, POLLPRI (RFC 6093, tcp(7)).
#include <sys/ioctl.h>

#include "api/posix/test_machine.hpp"

#include <linux/sockios.h>

namespace strata::posix {
namespace {

class Urgent : public SocketTest {
 protected:
  long urgent(int fd, std::string_view text) { return client.send(fd, text, MSG_OOB); }
  std::string read_all(int fd) {
    std::string all;
    for (;;) {
      const long size = server.recv(fd, 100);
      if (size <= 0) return all + (size == -EAGAIN ? "" : "!");
      all += server.read + "|";
    }
  }
  bool at_mark(int fd) { return server.counted(fd, SIOCATMARK) == 1; }
};

TEST_F(Urgent, TheLastOctetComesByItself) {
  const Pair pair = connected();
  EXPECT_EQ(urgent(pair.client, "abc"), 3);
  net->settle();
  EXPECT_EQ(server.counted(pair.server, FIONREAD), 2);
  EXPECT_EQ(server.recv(pair.server, 5, MSG_OOB), 1);
  EXPECT_EQ(server.read, "c");
  EXPECT_EQ(server.recv(pair.server, 5, MSG_OOB), -EINVAL) << "once";
  EXPECT_EQ(read_all(pair.server), "ab|");
}

TEST_F(Urgent, NoneIsEinval) {
  const Pair pair = connected();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), -EINVAL);
  EXPECT_EQ(server.recv(pair.listener, 1, MSG_OOB), -ENOTCONN);
  EXPECT_EQ(server.recv(server.tcp(), 1, MSG_OOB), -EINVAL);
  EXPECT_EQ(server.recv(server.udp(), 1, MSG_OOB), -EAGAIN) << "datagrams have none";
  EXPECT_EQ(server.counted(pair.listener, SIOCATMARK), 0);
  EXPECT_EQ(urgent(pair.client, ""), 0);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), -EINVAL);
}

TEST_F(Urgent, APeekLeavesIt) {
  const Pair pair = connected();
  urgent(pair.client, "u");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB | MSG_PEEK), 1);
  EXPECT_EQ(server.read, "u");
  EXPECT_EQ(server.recv(pair.server, 0, MSG_OOB | MSG_PEEK), 0);
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), 1);
}

TEST_F(Urgent, TheMessageSaysSo) {
  const Pair pair = connected();
  urgent(pair.client, "u");
  net->settle();
  char octet = 0;
  iovec piece{.iov_base = &octet, .iov_len = 1};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  EXPECT_EQ(server.recvmsg(pair.server, message, MSG_OOB), 1);
  EXPECT_EQ(message.msg_flags, MSG_OOB);
  urgent(pair.client, "v");
  net->settle();
  piece.iov_len = 0;
  EXPECT_EQ(server.recvmsg(pair.server, message, MSG_OOB), 0);
  EXPECT_EQ(message.msg_flags, MSG_OOB | MSG_TRUNC);
}

TEST_F(Urgent, AReadEndsBeforeIt) {
  const Pair pair = connected();
  client.send(pair.client, "before");
  urgent(pair.client, "-");
  client.send(pair.client, "after");
  net->settle();
  EXPECT_FALSE(at_mark(pair.server));
  EXPECT_EQ(server.recv(pair.server, 100), 6);
  EXPECT_TRUE(at_mark(pair.server));
  EXPECT_EQ(server.recv(pair.server, 100), 5);
  EXPECT_EQ(server.read, "after");
  EXPECT_FALSE(at_mark(pair.server));
}

TEST_F(Urgent, AlsoOneThatWantsAll) {
  const Pair pair = connected();
  urgent(pair.client, "abc");
  client.send(pair.client, "de");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 4, MSG_WAITALL), 2);
  EXPECT_EQ(server.recv(pair.server, 2, MSG_WAITALL), 2);
  EXPECT_EQ(server.read, "de");
}

TEST_F(Urgent, APeekEndsThereToo) {
  const Pair pair = connected();
  urgent(pair.client, "abc");
  client.send(pair.client, "de");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 100, MSG_PEEK), 2);
  EXPECT_EQ(server.recv(pair.server, 100, MSG_PEEK | MSG_TRUNC), 2);
  EXPECT_EQ(server.recv(pair.server, 100, MSG_TRUNC), 2);
  EXPECT_EQ(server.recv(pair.server, 100, MSG_PEEK), 2);
  EXPECT_EQ(server.read, "de");
  EXPECT_TRUE(at_mark(pair.server));
  EXPECT_EQ(server.recv(pair.server, 100), 2);
}

TEST_F(Urgent, InLineOnlyTheMarkIsLeft) {
  const Pair pair = connected();
  server.set_option(pair.server, SOL_SOCKET, SO_OOBINLINE, 1);
  urgent(pair.client, "abc");
  client.send(pair.client, "de");
  net->settle();
  EXPECT_EQ(server.counted(pair.server, FIONREAD), 5);
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), -EINVAL);
  EXPECT_EQ(read_all(pair.server), "ab|cde|");
}

TEST_F(Urgent, OnlyTheLastMarkCounts) {
  const Pair pair = connected();
  urgent(pair.client, "ab");
  urgent(pair.client, "cd");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), 1);
  EXPECT_EQ(server.read, "d");
  EXPECT_EQ(read_all(pair.server), "abc|");
}

// What was not read before the next mark came is in the stream after all; but not when the reader stood
// there.
TEST_F(Urgent, WhoStandsAtAMarkPassesOverIt) {
  const Pair pair = connected();
  urgent(pair.client, "a");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), 1);
  urgent(pair.client, "b");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), 1);
  EXPECT_EQ(server.read, "b");
  EXPECT_EQ(read_all(pair.server), "");
}

TEST_F(Urgent, PollTellsOfItUntilItIsRead) {
  const Pair pair = connected();
  EXPECT_EQ(server.events_of(pair.server), POLLOUT);
  urgent(pair.client, "u");
  net->settle();
  EXPECT_EQ(server.events_of(pair.server), POLLOUT | POLLPRI);
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), 1);
  EXPECT_EQ(server.events_of(pair.server), POLLOUT);
  client.send(pair.client, "x");
  net->settle();
  EXPECT_EQ(server.events_of(pair.server), POLLIN | POLLOUT);
}

TEST_F(Urgent, PollCountsItAsDataWhereItIsInLine) {
  const Pair pair = connected();
  server.set_option(pair.server, SOL_SOCKET, SO_OOBINLINE, 1);
  urgent(pair.client, "u");
  net->settle();
  EXPECT_EQ(server.events_of(pair.server), POLLIN | POLLOUT | POLLPRI);
  EXPECT_EQ(server.recv(pair.server, 1), 1);
  EXPECT_EQ(server.events_of(pair.server), POLLOUT);
}

TEST_F(Urgent, SelectCallsItExceptional) {
  const Pair pair = connected();
  urgent(pair.client, "u");
  net->settle();
  fd_set in;
  fd_set except;
  FD_ZERO(&in);
  FD_ZERO(&except);
  FD_SET(pair.server, &in);
  FD_SET(pair.server, &except);
  const timeval now{};
  EXPECT_EQ(server.select(pair.server + 1, &in, nullptr, &except, &now), 1);
  EXPECT_FALSE(FD_ISSET(pair.server, &in));
  EXPECT_TRUE(FD_ISSET(pair.server, &except));
}

TEST_F(Urgent, EpollTellsEdgesOfIt) {
  const Pair pair = connected();
  const int epoll = static_cast<int>(server.epoll_create1(0));
  epoll_event event{};
  event.events = EPOLLPRI | EPOLLET;
  EXPECT_EQ(server.epoll_ctl(epoll, EPOLL_CTL_ADD, pair.server, &event), 0);
  EXPECT_EQ(server.epoll_wait(epoll, &event, 1, 0), 0);
  for (const char* text : {"u", "v"}) {
    urgent(pair.client, text);
    net->settle();
    EXPECT_EQ(server.epoll_wait(epoll, &event, 1, 0), 1);
    EXPECT_EQ(event.events, static_cast<std::uint32_t>(EPOLLPRI));
    EXPECT_EQ(server.epoll_wait(epoll, &event, 1, 0), 0);
  }
}

TEST_F(Urgent, StaysAfterTheEnd) {
  const Pair pair = connected();
  urgent(pair.client, "abc");
  EXPECT_EQ(client.shutdown(pair.client, SHUT_WR), 0);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), 1);
  EXPECT_EQ(server.read, "c");
  EXPECT_EQ(server.recv(pair.server, 100), 2);
  EXPECT_TRUE(at_mark(pair.server));
  EXPECT_EQ(server.recv(pair.server, 100), 0);
}

TEST_F(Urgent, IsLostWithAReset) {
  const Pair pair = connected();
  urgent(pair.client, "abc");
  net->settle();
  reset(client, pair.client);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), -ENOTCONN);
  EXPECT_EQ(server.recv(pair.server, 100), 2);
}

TEST_F(Urgent, IsInheritedInLine) {
  const int listener = listening();
  server.set_option(listener, SOL_SOCKET, SO_OOBINLINE, 1);
  const int fd = client.tcp();
  client.connect_to(fd, net->server_address(kPort));
  net->settle();
  EXPECT_EQ(urgent(fd, "abc"), 3);
  net->settle();
  const int accepted = static_cast<int>(server.accept(listener));
  EXPECT_EQ(server.option(accepted, SOL_SOCKET, SO_OOBINLINE), 1);
  EXPECT_EQ(server.recv(accepted, 1, MSG_OOB), -EINVAL);
  EXPECT_EQ(read_all(accepted), "ab|c|");
}

TEST_F(Urgent, IsNotHeldBackByNagleOrCork) {
  const Pair pair = connected();
  client.set_option(pair.client, IPPROTO_TCP, 3 /* TCP_CORK */, 1);
  client.send(pair.client, "held");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 10), -EAGAIN);
  urgent(pair.client, "u");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 10), 4);
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), 1);
}

TEST_F(Urgent, DatagramsHaveNone) {
  const int fd = client.udp();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), 0);
  EXPECT_EQ(client.send(fd, "u", MSG_OOB), -EOPNOTSUPP);
}

}  // namespace
}  // namespace strata::posix
