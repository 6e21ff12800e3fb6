// BSD sockets over a Stack, with Linux's semantics and errno values: what an unchanged program expects of its
// kernel. One Host per Stack; no global state, no clock, no thread, no lock. Who drives the stack stays its
// owner: it moves frames and time as always and, after each turn, asks the operations that are not complete
// (operation.hpp).
//
//   Host host(stack);
//   int fd = host.socket(AF_INET, SOCK_STREAM, 0);                 // >= 3, or -errno, as every call here
//   Operation connecting = host.begin_connect(fd, address, size, now);
//   ... stack.input(...); stack.advance(now); stack.dispatch(); ...
//   if (std::optional<long> result = connecting.progress(now)) ... // 0, or -ECONNREFUSED
//
// Calls without an Instant happen at the time that the stack was last advanced to. Memory that a begun call
// was given (buffers, the msghdr, the addresses, the pollfds) must stay until it is complete. A broken pipe
// is -EPIPE; whether a signal is raised as well is the business of whoever has signals.
#pragma once

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <memory>

#include "api/posix/operation.hpp"
#include "strata/stack.hpp"

namespace strata::posix {

struct HostState;

class Host {
 public:
  explicit Host(Stack& stack);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  /// Closes every descriptor.
  ~Host();

  // --- Descriptors (socket.cpp, close.cpp, fcntl.cpp, ioctl.cpp) ---
  /// AF_INET or AF_INET6 with SOCK_STREAM or SOCK_DGRAM, perhaps with SOCK_NONBLOCK and SOCK_CLOEXEC.
  int socket(int domain, int type, int protocol);
  int dup(int fd);
  /// As close(2), but never waits: SO_LINGER with a time counts as none.
  int close(int fd);
  /// close(2) with SO_LINGER in full. The descriptor is gone at once, the operation may take as long as was
  /// asked for.
  Operation begin_close(int fd, Instant now);
  /// F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC.
  int fcntl(int fd, int command, long argument);
  /// FIONREAD (SIOCINQ), SIOCOUTQ, SIOCOUTQNSD, FIONBIO, SIOCATMARK.
  int ioctl(int fd, unsigned long request, void* argument);

  // --- Names (names.cpp) ---
  int bind(int fd, const sockaddr* address, socklen_t size);
  int getsockname(int fd, sockaddr* address, socklen_t* size);
  int getpeername(int fd, sockaddr* address, socklen_t* size);

  // --- Options (options.cpp; option_table.hpp lists them) ---
  int getsockopt(int fd, int level, int name, void* value, socklen_t* size);
  int setsockopt(int fd, int level, int name, const void* value, socklen_t size);

  // --- Connections (accept.cpp, connect.cpp, close.cpp) ---
  int listen(int fd, int backlog);
  int shutdown(int fd, int how);
  /// `flags` as of accept4(2); `address` and `size` may be null.
  Operation begin_accept(int fd, int flags, sockaddr* address, socklen_t* size, Instant now);
  Operation begin_connect(int fd, const sockaddr* address, socklen_t size, Instant now);

  // --- Data (send.cpp, receive.cpp). read, readv, recv, recvfrom, write, ... are these with one part left
  // out. ---
  Operation begin_send(int fd, const msghdr& message, int flags, Instant now);
  /// Fills in msg_namelen, msg_controllen and msg_flags of `message`, too.
  Operation begin_receive(int fd, msghdr& message, int flags, Instant now);

  // --- Readiness (poll.cpp, select.cpp, epoll.cpp) ---
  /// A negative timeout waits for ever.
  Operation begin_poll(pollfd* descriptors, nfds_t count, int timeout_ms, Instant now);
  /// No `timeout` waits for ever.
  Operation begin_select(int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                         const timeval* timeout, Instant now);
  int epoll_create1(int flags);
  int epoll_ctl(int epoll_fd, int operation, int fd, epoll_event* event);
  Operation begin_epoll_wait(int epoll_fd, epoll_event* events, int max, int timeout_ms, Instant now);

  Stack& stack() { return stack_; }

 private:
  Stack& stack_;
  std::unique_ptr<HostState> state_;
};

}  // namespace strata::posix
