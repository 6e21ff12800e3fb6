// poll(2), select(2) and epoll(7).
#include "api/posix/test_machine.hpp"

namespace strata::posix {
namespace {

using Poll = SocketTest;

class EpollTest : public SocketTest {
 protected:
  int epoll = static_cast<int>(server.epoll_create1(0));

  long add(int fd, std::uint32_t events) { return control(EPOLL_CTL_ADD, fd, events); }
  long control(int operation, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    return server.epoll_ctl(epoll, operation, fd, &event);
  }
  /// "5:1 6:4": descriptor and events, in the order of their coming.
  std::string wait(int max = 16) {
    std::array<epoll_event, 16> events{};
    const long count = server.epoll_wait(epoll, events.data(), max, 0);
    std::string text;
    for (std::size_t i = 0; i < static_cast<std::size_t>(std::max(count, 0L)); ++i)
      text += (i == 0 ? "" : " ") + is(events[i].data.fd, events[i].events);
    return text;
  }
  static std::string is(int fd, std::uint32_t events) {
    return std::to_string(fd) + ":" + std::to_string(events);
  }
};

TEST_F(Poll, ShowsWhatHolds) {
  const Pair pair = connected();
  EXPECT_EQ(server.events_of(pair.server), POLLOUT);
  EXPECT_EQ(server.events_of(pair.listener), 0);
  client.send(pair.client, "x");
  net->settle();
  EXPECT_EQ(server.events_of(pair.server), POLLIN | POLLOUT);
  server.recv(pair.server, 1);
  client.shutdown(pair.client, SHUT_WR);
  net->settle();
  EXPECT_EQ(server.events_of(pair.server), POLLIN | POLLOUT | POLLRDHUP);
  server.shutdown(pair.server, SHUT_WR);
  EXPECT_EQ(server.events_of(pair.server), POLLIN | POLLOUT | POLLRDHUP | POLLHUP);
}

TEST_F(Poll, AConnectionUnderWayIsNothing) {
  const int fd = client.tcp();
  listening();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_EQ(client.events_of(fd), POLLOUT);
}

TEST_F(Poll, CountsAndMarksBadDescriptors) {
  const Pair pair = connected();
  std::array<pollfd, 4> entries{{{.fd = pair.server, .events = POLLIN, .revents = 7},
                                 {.fd = -1, .events = POLLIN, .revents = 7},
                                 {.fd = 63, .events = POLLIN, .revents = 7},
                                 {.fd = pair.server, .events = POLLOUT, .revents = 7}}};
  EXPECT_EQ(server.poll(entries.data(), entries.size(), 0), 2);
  EXPECT_EQ(entries[0].revents, 0);
  EXPECT_EQ(entries[1].revents, 0);
  EXPECT_EQ(entries[2].revents, POLLNVAL);
  EXPECT_EQ(entries[3].revents, POLLOUT);
}

TEST_F(Poll, AfterTheTimeItIsZero) {
  const Pair pair = connected();
  pollfd entry{.fd = pair.server, .events = POLLIN, .revents = 0};
  EXPECT_EQ(server.poll(&entry, 1, 10), 0);
}

TEST_F(Poll, LowWaterHoldsReadingBack) {
  const Pair pair = connected();
  server.set_option(pair.server, SOL_SOCKET, SO_RCVLOWAT, 3);
  client.send(pair.client, "ab");
  net->settle();
  EXPECT_EQ(server.events_of(pair.server), POLLOUT);
  client.send(pair.client, "c");
  net->settle();
  EXPECT_EQ(server.events_of(pair.server), POLLIN | POLLOUT);
}

TEST_F(Poll, AFullSendQueueIsNotWritableUntilAThirdIsFree) {
  const Pair pair = connected();
  const std::string much(65'536, 'x');
  while (client.send(pair.client, much) > 0) net->settle();
  EXPECT_EQ(client.events_of(pair.client), 0);
  long left = 0;
  do {
    net->settle();
    left = server.recv(pair.server, 65'536);
  } while (left > 0);
  net->settle();
  EXPECT_EQ(client.events_of(pair.client), POLLOUT);
}

TEST_F(Poll, SelectIsTheSameInSets) {
  const Pair pair = connected();
  client.send(pair.client, "x");
  net->settle();
  fd_set in;
  fd_set out;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_SET(pair.server, &in);
  FD_SET(pair.listener, &in);
  FD_SET(pair.server, &out);
  const timeval none{};
  EXPECT_EQ(server.select(pair.server + 1, &in, &out, nullptr, &none), 2);
  EXPECT_TRUE(FD_ISSET(pair.server, &in));
  EXPECT_FALSE(FD_ISSET(pair.listener, &in));
  EXPECT_TRUE(FD_ISSET(pair.server, &out));
  FD_ZERO(&in);
  FD_SET(63, &in);
  EXPECT_EQ(server.select(64, &in, nullptr, nullptr, &none), -EBADF);
  EXPECT_EQ(server.select(-1, nullptr, nullptr, nullptr, &none), -EINVAL);
  FD_ZERO(&in);
  FD_SET(pair.listener, &in);
  EXPECT_EQ(server.select(pair.listener + 1, &in, nullptr, nullptr, &none), 0);
  EXPECT_FALSE(FD_ISSET(pair.listener, &in));
}

TEST_F(EpollTest, RefusesWhatMakesNoSense) {
  const int fd = server.tcp();
  epoll_event event{};
  EXPECT_EQ(server.epoll_create1(1), -EINVAL);
  EXPECT_EQ(add(63, EPOLLIN), -EBADF);
  EXPECT_EQ(add(epoll, EPOLLIN), -EINVAL);
  EXPECT_EQ(add(fd, EPOLLIN), 0);
  EXPECT_EQ(add(fd, EPOLLIN), -EEXIST);
  EXPECT_EQ(control(99, fd, EPOLLIN), -EINVAL);
  EXPECT_EQ(control(EPOLL_CTL_DEL, fd, 0), 0);
  EXPECT_EQ(control(EPOLL_CTL_DEL, fd, 0), -ENOENT);
  EXPECT_EQ(control(EPOLL_CTL_MOD, fd, EPOLLIN), -ENOENT);
  EXPECT_EQ(server.epoll_ctl(fd, EPOLL_CTL_ADD, epoll, &event), -EINVAL);
  EXPECT_EQ(server.epoll_ctl(63, EPOLL_CTL_ADD, fd, &event), -EBADF);
  EXPECT_EQ(server.epoll_wait(epoll, &event, 0, 0), -EINVAL);
  EXPECT_EQ(server.epoll_wait(fd, &event, 1, 0), -EINVAL);
  EXPECT_EQ(server.epoll_wait(63, &event, 1, 0), -EBADF);
}

TEST_F(EpollTest, LevelShowsItAsLongAsItHolds) {
  const Pair pair = connected();
  EXPECT_EQ(add(pair.server, EPOLLIN), 0);
  EXPECT_EQ(wait(), "");
  client.send(pair.client, "ab");
  net->settle();
  EXPECT_EQ(wait(), is(pair.server, EPOLLIN));
  server.recv(pair.server, 1);
  EXPECT_EQ(wait(), is(pair.server, EPOLLIN));
  server.recv(pair.server, 1);
  EXPECT_EQ(wait(), "");
}

TEST_F(EpollTest, EdgeShowsEachArrivalOnce) {
  const Pair pair = connected();
  EXPECT_EQ(add(pair.server, EPOLLIN | EPOLLET), 0);
  client.send(pair.client, "ab");
  net->settle();
  EXPECT_EQ(wait(), is(pair.server, EPOLLIN));
  EXPECT_EQ(wait(), "");
  client.send(pair.client, "cd");
  net->settle();
  EXPECT_EQ(wait(), is(pair.server, EPOLLIN));
  EXPECT_EQ(wait(), "");
  EXPECT_EQ(control(EPOLL_CTL_MOD, pair.server, EPOLLIN | EPOLLET), 0);
  EXPECT_EQ(wait(), is(pair.server, EPOLLIN));
}

TEST_F(EpollTest, OneShotShowsItOnceAndIsArmedAgain) {
  const Pair pair = connected();
  EXPECT_EQ(add(pair.server, EPOLLIN | EPOLLONESHOT), 0);
  client.send(pair.client, "ab");
  net->settle();
  EXPECT_EQ(wait(), is(pair.server, EPOLLIN));
  client.send(pair.client, "cd");
  net->settle();
  EXPECT_EQ(wait(), "");
  EXPECT_EQ(control(EPOLL_CTL_MOD, pair.server, EPOLLIN | EPOLLONESHOT), 0);
  EXPECT_EQ(wait(), is(pair.server, EPOLLIN));
}

TEST_F(EpollTest, AListenerIsReadableWhileSomebodyWaits) {
  const int listener = listening();
  EXPECT_EQ(add(listener, EPOLLIN), 0);
  for (int i = 0; i < 2; ++i) client.connect_to(client.tcp(), net->server_address(kPort));
  net->settle();
  EXPECT_EQ(wait(), is(listener, EPOLLIN));
  server.accept(listener);
  EXPECT_EQ(wait(), is(listener, EPOLLIN));
  server.accept(listener);
  EXPECT_EQ(wait(), "");
}

TEST_F(EpollTest, HangUpAndErrorNeedNotBeAskedFor) {
  const Pair pair = connected();
  EXPECT_EQ(add(pair.server, 0), 0);
  reset(client, pair.client);
  net->settle();
  EXPECT_EQ(wait(), is(pair.server, EPOLLERR | EPOLLHUP));
}

TEST_F(EpollTest, AClosedDescriptorLeavesTheList) {
  const Pair pair = connected();
  EXPECT_EQ(add(pair.server, EPOLLOUT), 0);
  EXPECT_EQ(wait(), is(pair.server, EPOLLOUT));
  server.close(pair.server);
  EXPECT_EQ(wait(), "");
}

TEST_F(EpollTest, MoreThanThereIsRoomForComesNextTime) {
  const Pair pair = connected();
  const int other = server.tcp();
  EXPECT_EQ(add(pair.server, EPOLLOUT), 0);
  EXPECT_EQ(add(other, EPOLLOUT), 0);
  EXPECT_EQ(wait(1), is(pair.server, EPOLLOUT));
  EXPECT_EQ(wait(1), is(other, EPOLLOUT | EPOLLHUP));
  EXPECT_EQ(wait(1), is(pair.server, EPOLLOUT));
}

TEST_F(EpollTest, ANestedEpollIsReadable) {
  const Pair pair = connected();
  const int outer = static_cast<int>(server.epoll_create1(0));
  epoll_event event{};
  event.events = EPOLLIN;
  EXPECT_EQ(server.epoll_ctl(outer, EPOLL_CTL_ADD, epoll, &event), 0);
  EXPECT_EQ(add(outer, EPOLLIN), -ELOOP);
  EXPECT_EQ(add(pair.server, EPOLLIN), 0);
  EXPECT_EQ(server.epoll_wait(outer, &event, 1, 0), 0);
  client.send(pair.client, "x");
  net->settle();
  EXPECT_EQ(server.epoll_wait(outer, &event, 1, 0), 1);
  server.recv(pair.server, 1);
  EXPECT_EQ(server.epoll_wait(outer, &event, 1, 0), 0);
}

TEST_F(EpollTest, RoomAfterAFullQueueIsAnEdge) {
  const Pair pair = connected();
  const std::string much(65'536, 'x');
  EXPECT_EQ(add(pair.server, EPOLLOUT | EPOLLET), 0);
  EXPECT_EQ(wait(), is(pair.server, EPOLLOUT));
  while (server.send(pair.server, much) > 0) net->settle();
  EXPECT_EQ(wait(), "");
  long left = 0;
  do {
    net->settle();
    left = client.recv(pair.client, 65'536);
  } while (left > 0);
  net->settle();
  EXPECT_EQ(wait(), is(pair.server, EPOLLOUT));
}

}  // namespace
}  // namespace strata::posix
