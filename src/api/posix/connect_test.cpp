// connect(2), listen(2), accept(2): who may call them when, and what comes back.
#include "api/posix/test_machine.hpp"

namespace strata::posix {
namespace {

using Connect = SocketTest;
using Accept = SocketTest;

TEST_F(Connect, WithoutBlockingItIsInProgressThenDoneThenAlreadyDone) {
  const int listener = listening();
  const int fd = client.tcp();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_EQ(client.option(fd, SOL_SOCKET, SO_ERROR), 0);
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), 0);
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -EISCONN);
  EXPECT_GE(server.accept(listener), 0);
}

TEST_F(Connect, ARefusalShowsOnce) {
  const int fd = client.tcp();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_EQ(client.events_of(fd), POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP);
  EXPECT_EQ(client.option(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
  EXPECT_EQ(client.option(fd, SOL_SOCKET, SO_ERROR), 0);
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -ECONNABORTED);
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -EINPROGRESS);
}

TEST_F(Connect, ARefusalShowsInTheNextConnect) {
  const int fd = client.tcp();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -ECONNREFUSED);
  EXPECT_EQ(client.events_of(fd), POLLOUT | POLLHUP);
  listening();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), 0);
}

TEST_F(Connect, ARefusalShowsInSendAndReceive) {
  const int first = client.tcp();
  const int second = client.tcp();
  EXPECT_EQ(client.connect_to(first, net->server_address(kPort)), -EINPROGRESS);
  EXPECT_EQ(client.connect_to(second, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_EQ(client.send(first, "x"), -ECONNREFUSED);
  EXPECT_EQ(client.send(first, "x"), -EPIPE);
  EXPECT_EQ(client.recv(second, 1), -ECONNREFUSED);
  EXPECT_EQ(client.recv(second, 1), 0);
}

TEST_F(Connect, RefusesWhatIsNoAddress) {
  const int fd = client.tcp();
  sockaddr_in address = net->server_address(kPort);
  EXPECT_EQ(client.connect(fd, reinterpret_cast<sockaddr*>(&address), 1), -EINVAL);
  EXPECT_EQ(client.connect(fd, reinterpret_cast<sockaddr*>(&address), 8), -EINVAL);
  address.sin_family = AF_INET6;
  EXPECT_EQ(client.connect_to(fd, address), -EAFNOSUPPORT);
}

TEST_F(Connect, AListenerConnectsNowhere) {
  const int fd = listening();
  EXPECT_EQ(server.connect_to(fd, net->server_address(kPort)), -EISCONN);
}

TEST_F(Connect, WithoutAFamilyItDisconnects) {
  const Pair pair = connected();
  sockaddr_in nowhere{};
  nowhere.sin_family = AF_UNSPEC;
  EXPECT_EQ(client.connect_to(pair.client, nowhere), 0);
  net->settle();
  EXPECT_EQ(server.recv(pair.server, 1), -ECONNRESET);
  EXPECT_EQ(client.connect_to(pair.client, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_GE(server.accept(pair.listener), 0);
}

TEST_F(Connect, AnUnconnectedSocketNeitherSendsNorReceives) {
  const int fd = client.tcp();
  EXPECT_EQ(client.send(fd, "x"), -EPIPE);
  EXPECT_EQ(client.recv(fd, 1), -ENOTCONN);
  EXPECT_EQ(client.shutdown(fd, SHUT_WR), -ENOTCONN);
  EXPECT_EQ(client.shutdown(fd, 7), -EINVAL);
  EXPECT_EQ(client.events_of(client.tcp()), POLLOUT | POLLHUP);
}

TEST_F(Accept, NeedsAListener) {
  EXPECT_EQ(server.accept(server.tcp()), -EINVAL);
  EXPECT_EQ(server.accept(server.udp()), -EOPNOTSUPP);
  EXPECT_EQ(server.listen(server.udp(), 1), -EOPNOTSUPP);
  EXPECT_EQ(server.accept4(listening(), nullptr, nullptr, 0x1234), -EINVAL);
}

TEST_F(Accept, NobodyThereIsTryAgain) { EXPECT_EQ(server.accept(listening()), -EAGAIN); }

TEST_F(Accept, TellsWhoItIsAsFarAsThereIsRoom) {
  const int listener = listening();
  const int fd = client.tcp();
  client.connect_to(fd, net->server_address(kPort));
  net->settle();
  sockaddr_in peer{};
  socklen_t size = 4;
  EXPECT_GE(server.accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, 0), 0);
  EXPECT_EQ(size, sizeof peer);
  EXPECT_EQ(peer.sin_port, client.name_of(fd).sin_port);
  EXPECT_EQ(peer.sin_addr.s_addr, 0U);
}

TEST_F(Accept, GivesAConnectionThatWasResetMeanwhile) {
  const int listener = listening();
  const int fd = client.tcp();
  client.connect_to(fd, net->server_address(kPort));
  net->settle();
  reset(client, fd);
  net->settle();
  const int accepted = static_cast<int>(server.accept(listener));
  ASSERT_GE(accepted, 0);
  EXPECT_EQ(server.recv(accepted, 1), -ECONNRESET);
  EXPECT_EQ(server.recv(accepted, 1), 0);
}

TEST_F(Accept, OneMoreThanTheBacklogWaits) {
  const int listener = listening(1);
  std::array<int, 3> clients{};
  for (int& fd : clients) {
    fd = client.tcp();
    client.connect_to(fd, net->server_address(kPort));
    net->settle();
  }
  EXPECT_GE(server.accept(listener), 0);
  EXPECT_GE(server.accept(listener), 0);
  EXPECT_EQ(server.accept(listener), -EAGAIN);
}

TEST_F(Accept, AListenerMayListenAgain) {
  const int listener = listening(1);
  EXPECT_EQ(server.listen(listener, 5), 0);
  const Pair other{.listener = listener, .server = -1, .client = client.tcp()};
  EXPECT_EQ(client.connect_to(other.client, net->server_address(kPort)), -EINPROGRESS);
  net->settle();
  EXPECT_EQ(client.listen(other.client, 1), -EINVAL);
}

TEST_F(Accept, AfterShutdownTheListenerListensNoMore) {
  const int listener = listening();
  EXPECT_EQ(server.shutdown(listener, SHUT_WR), 0);
  EXPECT_EQ(server.accept(listener), -EAGAIN);
  EXPECT_EQ(server.shutdown(listener, SHUT_RD), 0);
  EXPECT_EQ(server.accept(listener), -EINVAL);
}

TEST_F(Accept, WithoutBindAPortIsChosen) {
  const int fd = server.tcp();
  EXPECT_EQ(server.listen(fd, 1), 0);
  EXPECT_NE(server.name_of(fd).sin_port, 0);
  EXPECT_EQ(server.option(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
}

}  // namespace
}  // namespace strata::posix
