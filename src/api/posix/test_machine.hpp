// For tests: the socket calls of one machine, whichever it is. The same test runs over two Hosts in virtual
// time (the test suite) and over the kernel's own sockets (the oracle, a program of its own that is run by
// hand): what is expected here is what Linux does.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace strata::posix {

/// Every call returns what the system call would, with -errno in place of -1.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual long socket(int domain, int type, int protocol) = 0;
  virtual long bind(int fd, const sockaddr* address, socklen_t size) = 0;
  virtual long listen(int fd, int backlog) = 0;
  virtual long accept4(int fd, sockaddr* address, socklen_t* size, int flags) = 0;
  virtual long connect(int fd, const sockaddr* address, socklen_t size) = 0;
  virtual long shutdown(int fd, int how) = 0;
  virtual long close(int fd) = 0;
  virtual long dup(int fd) = 0;
  virtual long sendmsg(int fd, const msghdr& message, int flags) = 0;
  virtual long recvmsg(int fd, msghdr& message, int flags) = 0;
  virtual long getsockopt(int fd, int level, int name, void* value, socklen_t* size) = 0;
  virtual long setsockopt(int fd, int level, int name, const void* value, socklen_t size) = 0;
  virtual long getsockname(int fd, sockaddr* address, socklen_t* size) = 0;
  virtual long getpeername(int fd, sockaddr* address, socklen_t* size) = 0;
  virtual long fcntl(int fd, int command, long argument) = 0;
  virtual long ioctl(int fd, unsigned long request, void* argument) = 0;
  virtual long poll(pollfd* descriptors, nfds_t count, int timeout_ms) = 0;
  virtual long select(int count, fd_set* in, fd_set* out, fd_set* except, const timeval* timeout) = 0;
  virtual long epoll_create1(int flags) = 0;
  virtual long epoll_ctl(int epoll_fd, int operation, int fd, epoll_event* event) = 0;
  virtual long epoll_wait(int epoll_fd, epoll_event* events, int max, int timeout_ms) = 0;

  // --- The same in fewer words ---
  int tcp(int flags = SOCK_NONBLOCK) { return static_cast<int>(socket(AF_INET, SOCK_STREAM | flags, 0)); }
  int udp() { return static_cast<int>(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)); }
  long accept(int fd) { return accept4(fd, nullptr, nullptr, SOCK_NONBLOCK); }
  long bind_to(int fd, sockaddr_in address) {
    return bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  long connect_to(int fd, sockaddr_in address) {
    return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  long send(int fd, std::string_view text, int flags = 0) {
    iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    return sendmsg(fd, message, flags | MSG_NOSIGNAL);
  }
  /// What was read is in `read`.
  long recv(int fd, std::size_t size, int flags = 0) {
    read.assign(size, '\0');
    iovec piece{.iov_base = read.data(), .iov_len = size};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    const long result = recvmsg(fd, message, flags);
    read.resize(static_cast<std::size_t>(std::clamp<long>(result, 0, static_cast<long>(size))));
    return result;
  }
  /// The value, or -errno.
  long option(int fd, int level, int name) {
    int value = 0;
    socklen_t size = sizeof value;
    const long result = getsockopt(fd, level, name, &value, &size);
    return result < 0 ? result : value;
  }
  long set_option(int fd, int level, int name, int value) {
    return setsockopt(fd, level, name, &value, sizeof value);
  }
  long counted(int fd, unsigned long request) {
    int value = 0;
    const long result = ioctl(fd, request, &value);
    return result < 0 ? result : value;
  }
  sockaddr_in name_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return address;
  }
  /// What poll(2) shows at once, whatever is asked for.
  short events_of(int fd) {
    constexpr short kAll = POLLIN | POLLPRI | POLLOUT | POLLRDHUP;
    pollfd entry{.fd = fd, .events = kAll, .revents = 0};
    poll(&entry, 1, 0);
    return entry.revents;
  }

  std::string read;
};

/// A server and a client on a wire, and a way to let everything happen that is under way.
class Net {
 public:
  virtual ~Net() = default;
  virtual Machine& server() = 0;
  virtual Machine& client() = 0;
  virtual sockaddr_in server_address(std::uint16_t port) = 0;
  /// Until nothing moves any more.
  virtual void settle() = 0;
};

/// test_two_hosts.cpp, or kernel_oracle.cpp.
std::unique_ptr<Net> make_net();

class SocketTest : public testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 20'080;

  int listening(int backlog = 8) {
    const int fd = server.tcp();
    server.set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    EXPECT_EQ(server.bind_to(fd, net->server_address(kPort)), 0);
    EXPECT_EQ(server.listen(fd, backlog), 0);
    return fd;
  }
  /// Both ends of an established connection.
  struct Pair {
    int listener;
    int server;
    int client;
  };
  Pair connected() {
    Pair pair{.listener = listening(), .server = -1, .client = client.tcp()};
    EXPECT_EQ(client.connect_to(pair.client, net->server_address(kPort)), -EINPROGRESS);
    net->settle();
    EXPECT_EQ(client.connect_to(pair.client, net->server_address(kPort)), 0);
    pair.server = static_cast<int>(server.accept(pair.listener));
    EXPECT_GE(pair.server, 0);
    return pair;
  }
  /// Closing resets.
  static void reset(Machine& machine, int fd) {
    const linger now{.l_onoff = 1, .l_linger = 0};
    EXPECT_EQ(machine.setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    EXPECT_EQ(machine.close(fd), 0);
  }

  std::unique_ptr<Net> net = make_net();
  Machine& server = net->server();
  Machine& client = net->client();
};

}  // namespace strata::posix
