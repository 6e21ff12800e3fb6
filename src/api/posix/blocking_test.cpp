// Calls that wait: begun, then complete because of the peer, or because of the clock.
#include <netinet/tcp.h>

#include "api/posix/test_two_hosts.hpp"
#include "strata/strata.h"

namespace strata::posix {
namespace {

class Blocking : public testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 80;

  int listening() {
    const int fd = server.socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = net.server_address(kPort);
    EXPECT_EQ(server.bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(server.listen(fd, 5), 0);
    return fd;
  }
  Operation connecting(int fd) {
    const sockaddr_in address = net.server_address(kPort);
    return client.begin_connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address, net.now());
  }
  struct Pair {
    int server;
    int client;
  };
  Pair connected() {
    const int listener = listening();
    const int fd = client.socket(AF_INET, SOCK_STREAM, 0);
    Operation connect = connecting(fd);
    EXPECT_EQ(net.finish(connect), 0);
    Operation accept = server.begin_accept(listener, 0, nullptr, nullptr, net.now());
    return {.server = static_cast<int>(net.finish(accept).value_or(-1)), .client = fd};
  }
  static msghdr message_of(iovec& piece) {
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    return message;
  }
  /// What the client sends, without waiting.
  long send(int fd, std::size_t size) {
    iovec piece{.iov_base = data.data(), .iov_len = size};
    return *client.begin_send(fd, message_of(piece), MSG_DONTWAIT, net.now()).progress(net.now());
  }
  long receive(int fd, std::size_t size) {
    iovec piece{.iov_base = data.data(), .iov_len = size};
    msghdr message = message_of(piece);
    return *server.begin_receive(fd, message, MSG_DONTWAIT, net.now()).progress(net.now());
  }
  static void set_timeout(Host& host, int fd, int name, long millis) {
    const timeval time{.tv_sec = millis / 1000, .tv_usec = millis % 1000 * 1000};
    EXPECT_EQ(host.setsockopt(fd, SOL_SOCKET, name, &time, sizeof time), 0);
  }
  static void set_linger(Host& host, int fd, int seconds) {
    const linger value{.l_onoff = 1, .l_linger = seconds};
    EXPECT_EQ(host.setsockopt(fd, SOL_SOCKET, SO_LINGER, &value, sizeof value), 0);
  }

  TwoHosts net;
  Host& server = net.server_host();
  Host& client = net.client_host();
  std::vector<std::uint8_t> data = std::vector<std::uint8_t>(4 << 20);
};

TEST_F(Blocking, KeepinitBoundsConnecting) {
  (void)connected();  // from now on the client knows where the server is
  net.cut();
  const int fd = client.socket(AF_INET, SOCK_STREAM, 0);
  const int seconds = 5;
  EXPECT_EQ(client.setsockopt(fd, IPPROTO_TCP, STRATA_TCP_KEEPINIT, &seconds, sizeof seconds), 0);
  Operation connect = connecting(fd);
  const Instant begin = net.now();
  EXPECT_EQ(net.finish(connect), -ETIMEDOUT);
  EXPECT_EQ(net.now() - begin, Duration::seconds(seconds));
}

TEST_F(Blocking, AcceptWaitsForTheHandshake) {
  const int listener = listening();
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  Operation accept =
      server.begin_accept(listener, SOCK_NONBLOCK, reinterpret_cast<sockaddr*>(&peer), &size, net.now());
  EXPECT_FALSE(accept.progress(net.now()));
  EXPECT_TRUE(accept.deadline().is_never());
  Operation connect = connecting(client.socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_EQ(net.finish(connect), 0);
  EXPECT_GE(net.finish(accept).value_or(-1), 3);
  EXPECT_EQ(accept.progress(net.now()), accept.progress(net.now()));
  EXPECT_EQ(ntohl(peer.sin_addr.s_addr), 0x0a000002U);
}

TEST_F(Blocking, AcceptEndsWhenTheListenerIsShut) {
  const int listener = listening();
  Operation accept = server.begin_accept(listener, 0, nullptr, nullptr, net.now());
  EXPECT_EQ(server.shutdown(listener, SHUT_RD), 0);
  EXPECT_EQ(accept.progress(net.now()), -EINVAL);
}

TEST_F(Blocking, ConnectHearsOfTheRefusal) {
  Operation connect = connecting(client.socket(AF_INET, SOCK_STREAM, 0));
  EXPECT_EQ(net.finish(connect), -ECONNREFUSED);
}

TEST_F(Blocking, ConnectGivesUpAfterSyncnt) {
  net.cut();
  const int fd = client.socket(AF_INET, SOCK_STREAM, 0);
  const int count = 2;
  EXPECT_EQ(client.setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &count, sizeof count), 0);
  const Instant begin = net.now();
  Operation connect = connecting(fd);
  const long result = net.finish(connect).value_or(0);
  EXPECT_TRUE(result == -ETIMEDOUT || result == -EHOSTUNREACH);
  EXPECT_LE(net.now() - begin, Duration::seconds(7));
}

TEST_F(Blocking, ConnectWaitsNoLongerThanTheSendTimeout) {
  net.cut();
  const int fd = client.socket(AF_INET, SOCK_STREAM, 0);
  set_timeout(client, fd, SO_SNDTIMEO, 250);
  const Instant begin = net.now();
  Operation connect = connecting(fd);
  EXPECT_EQ(connect.deadline(), begin + Duration::millis(250));
  EXPECT_EQ(net.finish(connect), -EINPROGRESS);
  EXPECT_EQ(net.now() - begin, Duration::millis(250));
  Operation again = connecting(fd);
  EXPECT_EQ(net.finish(again), -EALREADY);
}

TEST_F(Blocking, ReceiveWaitsForTheFirstByte) {
  const Pair pair = connected();
  iovec piece{.iov_base = data.data(), .iov_len = 100};
  msghdr message = message_of(piece);
  Operation receive = server.begin_receive(pair.server, message, 0, net.now());
  EXPECT_FALSE(receive.progress(net.now()));
  EXPECT_EQ(send(pair.client, 7), 7);
  EXPECT_EQ(net.finish(receive), 7);
}

TEST_F(Blocking, WaitallWaitsForTheLast) {
  const Pair pair = connected();
  iovec piece{.iov_base = data.data(), .iov_len = 10};
  msghdr message = message_of(piece);
  Operation receive = server.begin_receive(pair.server, message, MSG_WAITALL, net.now());
  EXPECT_EQ(send(pair.client, 7), 7);
  net.settle();
  EXPECT_FALSE(receive.progress(net.now()));
  EXPECT_EQ(send(pair.client, 7), 7);
  EXPECT_EQ(net.finish(receive), 10);
}

TEST_F(Blocking, WaitallEndsWithTheStream) {
  const Pair pair = connected();
  iovec piece{.iov_base = data.data(), .iov_len = 10};
  msghdr message = message_of(piece);
  Operation receive = server.begin_receive(pair.server, message, MSG_WAITALL, net.now());
  EXPECT_EQ(send(pair.client, 7), 7);
  EXPECT_EQ(client.shutdown(pair.client, SHUT_WR), 0);
  EXPECT_EQ(net.finish(receive), 7);
}

TEST_F(Blocking, ReceiveWaitsNoLongerThanItsTimeout) {
  const Pair pair = connected();
  set_timeout(server, pair.server, SO_RCVTIMEO, 1500);
  iovec piece{.iov_base = data.data(), .iov_len = 10};
  msghdr message = message_of(piece);
  const Instant begin = net.now();
  Operation receive = server.begin_receive(pair.server, message, MSG_WAITALL, net.now());
  EXPECT_EQ(net.finish(receive), -EAGAIN);
  EXPECT_EQ(net.now() - begin, Duration::millis(1500));
  Operation again = server.begin_receive(pair.server, message, MSG_WAITALL, net.now());
  EXPECT_EQ(send(pair.client, 3), 3);
  EXPECT_EQ(net.finish(again), 3);  // what came in time counts
}

TEST_F(Blocking, AClosedDescriptorDoesNotEndACallThatWaits) {
  const Pair pair = connected();
  iovec piece{.iov_base = data.data(), .iov_len = 10};
  msghdr message = message_of(piece);
  Operation receive = server.begin_receive(pair.server, message, 0, net.now());
  EXPECT_EQ(server.close(pair.server), 0);
  EXPECT_EQ(send(pair.client, 3), 3);
  EXPECT_EQ(net.finish(receive), 3);
}

TEST_F(Blocking, SendWaitsUntilEverythingIsQueued) {
  const Pair pair = connected();
  iovec piece{.iov_base = data.data(), .iov_len = data.size()};
  Operation sending = client.begin_send(pair.client, message_of(piece), 0, net.now());
  EXPECT_FALSE(sending.progress(net.now()));
  std::size_t received = 0;
  while (received < data.size()) {
    net.settle();
    const long size = receive(pair.server, 1 << 20);
    ASSERT_GT(size, 0);
    received += static_cast<std::size_t>(size);
    (void)sending.progress(net.now());
  }
  EXPECT_EQ(sending.progress(net.now()), static_cast<long>(data.size()));
}

TEST_F(Blocking, SendTellsHowMuchWentWhenTheTimeIsOver) {
  const Pair pair = connected();
  set_timeout(client, pair.client, SO_SNDTIMEO, 100);
  iovec piece{.iov_base = data.data(), .iov_len = data.size()};
  Operation sending = client.begin_send(pair.client, message_of(piece), 0, net.now());
  const long sent = net.finish(sending).value_or(-1);
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, static_cast<long>(data.size()));
}

TEST_F(Blocking, PollWaitsForTheEventOrTheClock) {
  const Pair pair = connected();
  pollfd entry{.fd = pair.server, .events = POLLIN, .revents = 0};
  const Instant begin = net.now();
  Operation timed = server.begin_poll(&entry, 1, 700, net.now());
  EXPECT_EQ(net.finish(timed), 0);
  EXPECT_EQ(net.now() - begin, Duration::millis(700));
  Operation endless = server.begin_poll(&entry, 1, -1, net.now());
  EXPECT_TRUE(endless.deadline().is_never());
  EXPECT_EQ(send(pair.client, 1), 1);
  EXPECT_EQ(net.finish(endless), 1);
  EXPECT_EQ(entry.revents, POLLIN);
}

TEST_F(Blocking, EpollWaitsForTheEventOrTheClock) {
  const Pair pair = connected();
  const int epoll = server.epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  EXPECT_EQ(server.epoll_ctl(epoll, EPOLL_CTL_ADD, pair.server, &event), 0);
  Operation timed = server.begin_epoll_wait(epoll, &event, 1, 30, net.now());
  EXPECT_EQ(net.finish(timed), 0);
  Operation waiting = server.begin_epoll_wait(epoll, &event, 1, -1, net.now());
  EXPECT_EQ(send(pair.client, 1), 1);
  EXPECT_EQ(net.finish(waiting), 1);
  EXPECT_EQ(event.events, static_cast<std::uint32_t>(EPOLLIN));
}

TEST_F(Blocking, CloseLingersUntilThePeerHasEverything) {
  const Pair pair = connected();
  set_linger(client, pair.client, 10);
  EXPECT_EQ(send(pair.client, 100), 100);
  Operation closing = client.begin_close(pair.client, net.now());
  EXPECT_FALSE(closing.progress(net.now()));
  EXPECT_EQ(client.close(pair.client), -EBADF);
  const Instant begin = net.now();
  EXPECT_EQ(net.finish(closing), 0);
  EXPECT_LT(net.now() - begin, Duration::seconds(1));
  EXPECT_EQ(receive(pair.server, 1000), 100);
}

TEST_F(Blocking, CloseLingersNoLongerThanAsked) {
  const Pair pair = connected();
  set_linger(client, pair.client, 3);
  EXPECT_EQ(send(pair.client, 100), 100);
  net.cut();
  const Instant begin = net.now();
  Operation closing = client.begin_close(pair.client, net.now());
  EXPECT_EQ(net.finish(closing), 0);
  EXPECT_EQ(net.now() - begin, Duration::seconds(3));
}

}  // namespace
}  // namespace strata::posix
