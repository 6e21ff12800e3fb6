// UDP sockets: sendto(2), recvfrom(2), connect(2), and errors that come back.
#include <sys/ioctl.h>

#include "api/posix/test_machine.hpp"

namespace strata::posix {
namespace {

class DatagramTest : public SocketTest {
 protected:
  long send_to(int fd, std::string_view text, sockaddr_in to) {
    iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_name = &to;
    message.msg_namelen = sizeof to;
    return client.sendmsg(fd, message, 0);
  }
  int bound() {
    const int fd = server.udp();
    EXPECT_EQ(server.bind_to(fd, net->server_address(kPort)), 0);
    return fd;
  }
};

TEST_F(DatagramTest, KeepsItsBorders) {
  const int fd = bound();
  const int sender = client.udp();
  EXPECT_EQ(send_to(sender, "one", net->server_address(kPort)), 3);
  EXPECT_EQ(send_to(sender, "", net->server_address(kPort)), 0);
  EXPECT_EQ(send_to(sender, "three", net->server_address(kPort)), 5);
  net->settle();
  EXPECT_EQ(server.counted(fd, FIONREAD), 3);
  EXPECT_EQ(server.recv(fd, 10, MSG_PEEK), 3);
  EXPECT_EQ(server.recv(fd, 10), 3);
  EXPECT_EQ(server.recv(fd, 10), 0);
  EXPECT_EQ(server.recv(fd, 2), 2);
  EXPECT_EQ(server.read, "th");
  EXPECT_EQ(server.recv(fd, 10), -EAGAIN);
}

TEST_F(DatagramTest, TellsItsSenderAndWhatWasCutOff) {
  const int fd = bound();
  const int sender = client.udp();
  EXPECT_EQ(send_to(sender, "hello", net->server_address(kPort)), 5);
  net->settle();
  std::array<char, 2> buffer{};
  iovec piece{.iov_base = buffer.data(), .iov_len = buffer.size()};
  sockaddr_in from{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  EXPECT_EQ(server.recvmsg(fd, message, MSG_TRUNC), 5);
  EXPECT_EQ(message.msg_flags, MSG_TRUNC);
  EXPECT_EQ(message.msg_namelen, sizeof from);
  EXPECT_EQ(from.sin_port, client.name_of(sender).sin_port);
}

TEST_F(DatagramTest, NeedsADestination) {
  const int fd = client.udp();
  EXPECT_EQ(client.send(fd, "x"), -EDESTADDRREQ);
  EXPECT_EQ(client.recv(fd, 1), -EAGAIN);
  EXPECT_EQ(client.shutdown(fd, SHUT_RD), -ENOTCONN);
  EXPECT_EQ(send_to(fd, "x", net->server_address(0)), -EINVAL);
}

TEST_F(DatagramTest, AConnectedOneHearsThatNobodyListens) {
  const int fd = client.udp();
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), 0);
  EXPECT_EQ(client.send(fd, "x"), 1);
  net->settle();
  EXPECT_EQ(client.events_of(fd), POLLOUT | POLLERR);
  EXPECT_EQ(client.option(fd, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
  EXPECT_EQ(client.option(fd, SOL_SOCKET, SO_ERROR), 0);
  EXPECT_EQ(client.send(fd, "x"), 1);
  net->settle();
  EXPECT_EQ(client.recv(fd, 1), -ECONNREFUSED);
  EXPECT_EQ(client.recv(fd, 1), -EAGAIN);
}

TEST_F(DatagramTest, AConnectionCanBeMovedAndUndone) {
  const int fd = client.udp();
  const int receiver = bound();
  EXPECT_EQ(client.connect_to(fd, net->server_address(1)), 0);
  EXPECT_EQ(client.connect_to(fd, net->server_address(kPort)), 0);
  EXPECT_EQ(client.send(fd, "x"), 1);
  net->settle();
  EXPECT_EQ(server.recv(receiver, 5), 1);
  sockaddr_in nowhere{};
  EXPECT_EQ(client.connect_to(fd, nowhere), 0);
  EXPECT_EQ(client.send(fd, "x"), -EDESTADDRREQ);
}

}  // namespace
}  // namespace strata::posix
