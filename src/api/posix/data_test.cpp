// send(2), recv(2), shutdown(2), close(2) and ioctl(2) on connections: bytes, ends and errors.
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include "api/posix/test_machine.hpp"

#include <linux/errqueue.h>  // needs timespec

namespace strata::posix {
namespace {

using Data = SocketTest;
using End = SocketTest;

TEST_F(Data, ArrivesInPiecesOfTheReadersChoice) {
  const Pair pair = connected();
  EXPECT_EQ(client.send(pair.client, "hello world"), 11);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 5), 5);
  EXPECT_EQ(server.read, "hello");
  EXPECT_EQ(server.recv(pair.server, 100), 6);
  EXPECT_EQ(server.read, " world");
  EXPECT_EQ(server.recv(pair.server, 100), -EAGAIN);
}

TEST_F(Data, PeekLeavesItThere) {
  const Pair pair = connected();
  client.send(pair.client, "hello");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 3, MSG_PEEK), 3);
  EXPECT_EQ(server.read, "hel");
  EXPECT_EQ(server.recv(pair.server, 10, MSG_PEEK), 5);
  EXPECT_EQ(server.recv(pair.server, 10), 5);
  EXPECT_EQ(server.recv(pair.server, 10, MSG_PEEK), -EAGAIN);
}

TEST_F(Data, TruncThrowsItAway) {
  const Pair pair = connected();
  client.send(pair.client, "hello");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 3, MSG_TRUNC), 3);
  EXPECT_EQ(server.recv(pair.server, 10), 2);
  EXPECT_EQ(server.read, "lo");
}

TEST_F(Data, SeveralBuffersAreOneStream) {
  const Pair pair = connected();
  std::array<char, 3> head{'a', 'b', 'c'};
  std::array<char, 4> tail{'d', 'e', 'f', 'g'};
  std::array<iovec, 3> pieces{{{.iov_base = head.data(), .iov_len = head.size()},
                               {.iov_base = nullptr, .iov_len = 0},
                               {.iov_base = tail.data(), .iov_len = tail.size()}}};
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  EXPECT_EQ(client.sendmsg(pair.client, message, 0), 7);
  net->settle();
  head = {};
  tail = {};
  std::swap(pieces[0], pieces[2]);
  sockaddr_in name{};
  message.msg_name = &name;
  message.msg_namelen = sizeof name;
  message.msg_flags = -1;
  EXPECT_EQ(server.recvmsg(pair.server, message, 0), 7);
  EXPECT_EQ(std::string_view(tail.data(), 4), "abcd");
  EXPECT_EQ(std::string_view(head.data(), 3), "efg");
  EXPECT_EQ(message.msg_flags, 0);
  EXPECT_EQ(message.msg_namelen, 0U);
}

TEST_F(Data, IoctlCountsWhatWaits) {
  const Pair pair = connected();
  EXPECT_EQ(server.counted(pair.server, FIONREAD), 0);
  client.send(pair.client, "hello");
  net->settle();
  EXPECT_EQ(server.counted(pair.server, FIONREAD), 5);
  EXPECT_EQ(client.counted(pair.client, SIOCOUTQ), 0);
  EXPECT_EQ(client.counted(pair.client, SIOCOUTQNSD), 0);
  EXPECT_EQ(server.counted(pair.server, SIOCATMARK), 0);
  EXPECT_EQ(client.shutdown(pair.client, SHUT_WR), 0);
  net->settle();
  EXPECT_EQ(server.counted(pair.server, FIONREAD), 5);
  EXPECT_EQ(server.counted(pair.listener, FIONREAD), -EINVAL);
  EXPECT_EQ(server.counted(pair.server, 0x8999), -ENOTTY);
  EXPECT_EQ(server.counted(server.tcp(), FIONREAD), 0);
}

TEST_F(Data, FlagsThatMeanNothingHere) {
  const Pair pair = connected();
  EXPECT_EQ(server.recv(pair.server, 1, MSG_OOB), -EINVAL);
  EXPECT_EQ(server.recv(pair.server, 1, MSG_ERRQUEUE), -EAGAIN);
  EXPECT_EQ(server.recv(pair.listener, 1), -ENOTCONN);
  EXPECT_EQ(server.send(pair.listener, "x"), -EPIPE);
  EXPECT_EQ(server.send(pair.server, ""), 0);
}

// The kernel's documentation of MSG_ZEROCOPY: a notice for each call that gave data, on the error queue.
TEST_F(Data, ZeroCopyCallsAreCompletedOnTheErrorQueue) {
  const Pair pair = connected();
  EXPECT_EQ(client.option(pair.client, SOL_SOCKET, SO_ZEROCOPY), 0);
  EXPECT_EQ(client.send(pair.client, "x", MSG_ZEROCOPY), 1);
  net->settle();
  EXPECT_EQ(client.events_of(pair.client) & POLLERR, 0) << "the option is off";
  EXPECT_EQ(client.set_option(pair.client, SOL_SOCKET, SO_ZEROCOPY, 2), -EINVAL);
  EXPECT_EQ(client.set_option(pair.client, SOL_SOCKET, SO_ZEROCOPY, 1), 0);
  EXPECT_EQ(client.send(pair.client, "", MSG_ZEROCOPY), 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.send(pair.client, "text", MSG_ZEROCOPY), 4);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 100), 13);
  net->settle();
  EXPECT_NE(client.events_of(pair.client) & POLLERR, 0);

  alignas(cmsghdr) std::array<char, 256> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ASSERT_EQ(client.recvmsg(pair.client, message, MSG_ERRQUEUE), 0);
  EXPECT_EQ(message.msg_flags & MSG_ERRQUEUE, MSG_ERRQUEUE);
  const cmsghdr* const part = CMSG_FIRSTHDR(&message);
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->cmsg_level, IPPROTO_IP);
  EXPECT_EQ(part->cmsg_type, IP_RECVERR);
  sock_extended_err notice{};
  std::memcpy(&notice, CMSG_DATA(part), sizeof notice);
  EXPECT_EQ(notice.ee_errno, 0U);
  EXPECT_EQ(notice.ee_origin, SO_EE_ORIGIN_ZEROCOPY);
  EXPECT_EQ(notice.ee_info, 0U);
  EXPECT_EQ(notice.ee_data, 2U);
  EXPECT_EQ(client.recvmsg(pair.client, message, MSG_ERRQUEUE), -EAGAIN);
  EXPECT_EQ(client.events_of(pair.client) & POLLERR, 0);
}

// tcp(7): setting TCP_NODELAY flushes what waits, even under TCP_CORK.
TEST_F(Data, NoDelayFlushesWhatIsCorked) {
  const Pair pair = connected();
  EXPECT_EQ(client.set_option(pair.client, IPPROTO_TCP, TCP_CORK, 1), 0);
  EXPECT_EQ(client.send(pair.client, "one"), 3);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 10), -EAGAIN);
  for (const char* text : {"two", "three"}) {
    EXPECT_EQ(client.set_option(pair.client, IPPROTO_TCP, TCP_NODELAY, 1), 0);
    net->settle();
    EXPECT_GT(server.recv(pair.server, 10), 0);
    EXPECT_EQ(client.send(pair.client, text), static_cast<long>(std::strlen(text)));
    net->settle();
    EXPECT_EQ(server.recv(pair.server, 10), -EAGAIN);
  }
}

TEST_F(End, TheReaderGetsWhatWasSentThenTheEnd) {
  const Pair pair = connected();
  client.send(pair.client, "bye");
  EXPECT_EQ(client.shutdown(pair.client, SHUT_WR), 0);
  net->settle();
  EXPECT_EQ(client.send(pair.client, "x"), -EPIPE);
  EXPECT_EQ(server.recv(pair.server, 10), 3);
  EXPECT_EQ(server.recv(pair.server, 10), 0);
  EXPECT_EQ(server.recv(pair.server, 10), 0);
  EXPECT_EQ(server.send(pair.server, "half open"), 9);
  net->settle();
  EXPECT_EQ(client.recv(pair.client, 20), 9);
}

TEST_F(End, WhoShutsReadingReadsWhatIsThereThenTheEnd) {
  const Pair pair = connected();
  client.send(pair.client, "abc");
  net->settle();
  EXPECT_EQ(server.shutdown(pair.server, SHUT_RD), 0);
  EXPECT_EQ(server.recv(pair.server, 10), 3);
  EXPECT_EQ(server.recv(pair.server, 10), 0);
  client.send(pair.client, "more");
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 10), 4);
  EXPECT_EQ(server.send(pair.server, "x"), 1);
}

TEST_F(End, BothSidesShutIsTheEndOfTheSocket) {
  const Pair pair = connected();
  EXPECT_EQ(client.shutdown(pair.client, SHUT_RDWR), 0);
  net->settle();
  EXPECT_EQ(server.shutdown(pair.server, SHUT_RDWR), 0);
  net->settle();
  EXPECT_EQ(client.events_of(pair.client), POLLIN | POLLOUT | POLLHUP | POLLRDHUP);
  EXPECT_EQ(client.shutdown(pair.client, SHUT_WR), -ENOTCONN);
  EXPECT_EQ(client.recv(pair.client, 1), 0);
  EXPECT_EQ(client.send(pair.client, "x"), -EPIPE);
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  EXPECT_EQ(client.getpeername(pair.client, reinterpret_cast<sockaddr*>(&peer), &size), -ENOTCONN);
  EXPECT_EQ(client.option(pair.client, SOL_SOCKET, SO_ERROR), 0);
}

TEST_F(End, AResetComesAfterWhatWasReceived) {
  const Pair pair = connected();
  client.send(pair.client, "abc");
  net->settle();
  reset(client, pair.client);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 10), 3);
  EXPECT_EQ(server.events_of(pair.server), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
  EXPECT_EQ(server.recv(pair.server, 10), -ECONNRESET);
  EXPECT_EQ(server.recv(pair.server, 10), 0);
  EXPECT_EQ(server.send(pair.server, "x"), -EPIPE);
  EXPECT_EQ(server.connect_to(pair.server, net->server_address(kPort)), -EISCONN);
}

TEST_F(End, AResetShowsInSend) {
  const Pair pair = connected();
  reset(client, pair.client);
  net->settle();
  EXPECT_EQ(server.send(pair.server, "x"), -ECONNRESET);
  EXPECT_EQ(server.send(pair.server, "x"), -EPIPE);
  EXPECT_EQ(server.recv(pair.server, 1), 0);
}

TEST_F(End, AResetAfterAFinIsABrokenPipe) {
  const Pair pair = connected();
  EXPECT_EQ(client.shutdown(pair.client, SHUT_WR), 0);
  net->settle();
  reset(client, pair.client);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1), 0);
  EXPECT_EQ(server.option(pair.server, SOL_SOCKET, SO_ERROR), EPIPE);
}

TEST_F(End, ClosingWithUnreadDataResets) {
  const Pair pair = connected();
  client.send(pair.client, "unread");
  net->settle();
  EXPECT_EQ(server.close(pair.server), 0);
  net->settle();
  EXPECT_EQ(client.recv(pair.client, 1), -ECONNRESET);
}

TEST_F(End, DataForAClosedSocketIsAnsweredWithAReset) {
  const Pair pair = connected();
  EXPECT_EQ(server.close(pair.server), 0);
  net->settle();
  EXPECT_EQ(client.send(pair.client, "late"), 4);
  net->settle();
  EXPECT_EQ(client.send(pair.client, "later"), -EPIPE);
}

TEST_F(End, ClosingTheListenerResetsWhoWaits) {
  const int listener = listening();
  const int fd = client.tcp();
  client.connect_to(fd, net->server_address(kPort));
  net->settle();
  EXPECT_EQ(server.close(listener), 0);
  net->settle();
  EXPECT_EQ(client.recv(fd, 1), -ECONNRESET);
}

}  // namespace
}  // namespace strata::posix
