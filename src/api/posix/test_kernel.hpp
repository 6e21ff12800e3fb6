// For development: the sockets of this kernel as a Machine, on the loopback device. For the oracle and the
// comparison.
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api/posix/test_machine.hpp"

namespace strata::posix {

inline long result_of(long returned) { return returned < 0 ? -errno : returned; }

class Kernel final : public Machine {
 public:
  ~Kernel() override {
    for (int fd = 3; fd < 64; ++fd) ::close(fd);
  }
  long socket(int domain, int type, int protocol) override {
    return result_of(::socket(domain, type, protocol));
  }
  long bind(int fd, const sockaddr* address, socklen_t size) override {
    return result_of(::bind(fd, address, size));
  }
  long listen(int fd, int backlog) override { return result_of(::listen(fd, backlog)); }
  long accept4(int fd, sockaddr* address, socklen_t* size, int flags) override {
    return result_of(::accept4(fd, address, size, flags));
  }
  long connect(int fd, const sockaddr* address, socklen_t size) override {
    return result_of(::connect(fd, address, size));
  }
  long shutdown(int fd, int how) override { return result_of(::shutdown(fd, how)); }
  long close(int fd) override { return result_of(::close(fd)); }
  long dup(int fd) override { return result_of(::dup(fd)); }
  long sendmsg(int fd, const msghdr& message, int flags) override {
    return result_of(::sendmsg(fd, &message, flags));
  }
  long recvmsg(int fd, msghdr& message, int flags) override {
    return result_of(::recvmsg(fd, &message, flags));
  }
  long getsockopt(int fd, int level, int name, void* value, socklen_t* size) override {
    return result_of(::getsockopt(fd, level, name, value, size));
  }
  long setsockopt(int fd, int level, int name, const void* value, socklen_t size) override {
    return result_of(::setsockopt(fd, level, name, value, size));
  }
  long getsockname(int fd, sockaddr* address, socklen_t* size) override {
    return result_of(::getsockname(fd, address, size));
  }
  long getpeername(int fd, sockaddr* address, socklen_t* size) override {
    return result_of(::getpeername(fd, address, size));
  }
  long fcntl(int fd, int command, long argument) override {
    return result_of(::fcntl(fd, command, argument));
  }
  long ioctl(int fd, unsigned long request, void* argument) override {
    return result_of(::ioctl(fd, request, argument));
  }
  long poll(pollfd* descriptors, nfds_t count, int timeout_ms) override {
    return result_of(::poll(descriptors, count, timeout_ms));
  }
  long select(int count, fd_set* in, fd_set* out, fd_set* except, const timeval* timeout) override {
    timeval copy = timeout != nullptr ? *timeout : timeval{};
    return result_of(::select(count, in, out, except, timeout != nullptr ? &copy : nullptr));
  }
  long epoll_create1(int flags) override { return result_of(::epoll_create1(flags)); }
  long epoll_ctl(int epoll_fd, int operation, int fd, epoll_event* event) override {
    return result_of(::epoll_ctl(epoll_fd, operation, fd, event));
  }
  long epoll_wait(int epoll_fd, epoll_event* events, int max, int timeout_ms) override {
    return result_of(::epoll_wait(epoll_fd, events, max, timeout_ms));
  }
};

class Loopback final : public Net {
 public:
  Machine& server() override { return kernel_; }
  Machine& client() override { return kernel_; }
  sockaddr_in server_address(std::uint16_t port) override {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  // The kernel tells nobody that nothing moves any more. On the loopback device a segment has arrived when
  // the call that sent it returns; what still happens by itself is a delayed ACK, after 40 ms. The Hosts of
  // the suite get the same time, theirs being virtual.
  void settle() override { ::usleep(kSettleMicros); }

 private:
  static constexpr useconds_t kSettleMicros = 60'000;

  Kernel kernel_;
};

}  // namespace strata::posix
