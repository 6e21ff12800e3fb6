// strata for C: a TCP/IP stack of the program's own, and BSD sockets on it with Linux's semantics and errno
// values.
//
//   struct strata_options options = STRATA_OPTIONS;          // a TAP device tap0, our end 10.77.0.2/24
//   strata_host* host = strata_open(&options);
//   int fd = strata_socket(host, AF_INET, SOCK_STREAM, 0);
//   ...
//   strata_free(host);
//
// Every call is named after the system call and takes the host first; it returns what the system call
// returns, -1 with errno set included. Descriptors are the host's own small integers: they mean nothing to
// the kernel, nor to another host. Calls may come from any thread. A broken pipe is EPIPE and never raises
// SIGPIPE.
//
// Who moves packets: with STRATA_OWN_THREAD a thread of the host; without it the threads that wait in a call
// (epoll_wait, a blocking recv, ...). A program that never waits gives the stack no time.
#pragma once

#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

// The version of this header; a minor version adds, a major one may change. Before 1.0.0 a minor one may
// change, too.
#define STRATA_VERSION_MAJOR 0
#define STRATA_VERSION_MINOR 1
#define STRATA_VERSION_PATCH 0
#define STRATA_VERSION (STRATA_VERSION_MAJOR * 1000000 + STRATA_VERSION_MINOR * 1000 + STRATA_VERSION_PATCH)

// STRATA_VERSION of the library that the program runs with.
int strata_version(void);

typedef struct strata_host strata_host;

enum {
  STRATA_OWN_THREAD = 1,
  STRATA_NO_CONTROL = 2,  // no socket for `strata sysctl --pid` (see strata_sysctl_get)
};

// Options of IPPROTO_TCP that Linux does not have, with FreeBSD's meaning. No Linux option has these numbers.
enum {
  STRATA_TCP_KEEPINIT = 0x5301,  // int, seconds: most that connecting may take (TCP_KEEPINIT)
  STRATA_TCP_NOOPT = 0x5302,     // int, 0 or 1: no TCP options but what the peer says of its MSS (TCP_NOOPT)
};

struct strata_options {
  size_t size;                 // of this struct, as the program was compiled
  const char* tap;             // TAP device, made unless it exists; NULL: none, only the loopback addresses
  const char* address;         // ours, with the length of its network: "10.77.0.2/24"
  const char* kernel_address;  // given to the kernel's end; NULL: left as it is
  const char* gateway;         // of the default route; NULL: none
  const char* profile;         // "linux" or "freebsd" (see strata_sysctl); NULL: strata's own
  unsigned flags;              // of the two above, or 0
};
#define STRATA_OPTIONS {sizeof(struct strata_options), "tap0", "10.77.0.2/24", "10.77.0.1/24", NULL, NULL, 0}

// NULL with errno set; strata_open_error() says more.
strata_host* strata_open(const struct strata_options* options);
// Why the last strata_open() of this thread failed, as a sentence.
const char* strata_open_error(void);
// Closes every descriptor. No other thread may be in a call.
void strata_free(strata_host* host);

int strata_socket(strata_host* host, int domain, int type, int protocol);
int strata_bind(strata_host* host, int fd, const struct sockaddr* address, socklen_t size);
int strata_listen(strata_host* host, int fd, int backlog);
int strata_accept(strata_host* host, int fd, struct sockaddr* address, socklen_t* size);
int strata_accept4(strata_host* host, int fd, struct sockaddr* address, socklen_t* size, int flags);
int strata_connect(strata_host* host, int fd, const struct sockaddr* address, socklen_t size);
int strata_shutdown(strata_host* host, int fd, int how);
int strata_close(strata_host* host, int fd);
int strata_dup(strata_host* host, int fd);
int strata_fcntl(strata_host* host, int fd, int command, long argument);
int strata_ioctl(strata_host* host, int fd, unsigned long request, void* argument);
int strata_getsockname(strata_host* host, int fd, struct sockaddr* address, socklen_t* size);
int strata_getpeername(strata_host* host, int fd, struct sockaddr* address, socklen_t* size);
int strata_getsockopt(strata_host* host, int fd, int level, int name, void* value, socklen_t* size);
int strata_setsockopt(strata_host* host, int fd, int level, int name, const void* value, socklen_t size);

ssize_t strata_read(strata_host* host, int fd, void* buffer, size_t size);
ssize_t strata_readv(strata_host* host, int fd, const struct iovec* pieces, int count);
ssize_t strata_recv(strata_host* host, int fd, void* buffer, size_t size, int flags);
ssize_t strata_recvfrom(strata_host* host, int fd, void* buffer, size_t size, int flags,
                        struct sockaddr* address, socklen_t* address_size);
ssize_t strata_recvmsg(strata_host* host, int fd, struct msghdr* message, int flags);
ssize_t strata_write(strata_host* host, int fd, const void* buffer, size_t size);
ssize_t strata_writev(strata_host* host, int fd, const struct iovec* pieces, int count);
ssize_t strata_send(strata_host* host, int fd, const void* buffer, size_t size, int flags);
ssize_t strata_sendto(strata_host* host, int fd, const void* buffer, size_t size, int flags,
                      const struct sockaddr* address, socklen_t address_size);
ssize_t strata_sendmsg(strata_host* host, int fd, const struct msghdr* message, int flags);

int strata_poll(strata_host* host, struct pollfd* descriptors, nfds_t count, int timeout_ms);
int strata_select(strata_host* host, int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                  const struct timeval* timeout);
int strata_epoll_create1(strata_host* host, int flags);
int strata_epoll_ctl(strata_host* host, int epoll_fd, int operation, int fd, struct epoll_event* event);
int strata_epoll_wait(strata_host* host, int epoll_fd, struct epoll_event* events, int max, int timeout_ms);

// Parameters by the names that Linux gives them ("tcp_fin_timeout"; `strata sysctl` lists all), in force at
// once. Values are text, as in /proc/sys. ENOENT: no such parameter; EINVAL: no such value; ERANGE: no room
// for the text. `strata sysctl --pid` of the same user does the same from outside, unless STRATA_NO_CONTROL
// was given; it is answered whenever somebody moves packets.
int strata_sysctl_get(strata_host* host, const char* name, char* value, size_t size);
int strata_sysctl_set(strata_host* host, const char* name, const char* value);

#ifdef __cplusplus
}
#endif
