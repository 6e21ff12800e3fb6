// What the original packetdrill expects of an object that it loads (`--so_filename`): one function that fills
// a table of functions, the calls of a program and the two ends of a network device. Each function gets
// `userdata` first and returns what the system call of its name would, errno included. A declaration of our
// own, from the tool's behaviour; the order of the members is the whole agreement.
#pragma once

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>

struct packetdrill_interface {
  void* userdata;
  /// The script is over. Its descriptors are closed by then, by close(2).
  void (*free)(void* userdata);

  int (*socket)(void* userdata, int domain, int type, int protocol);
  int (*bind)(void* userdata, int fd, const sockaddr* address, socklen_t size);
  int (*listen)(void* userdata, int fd, int backlog);
  int (*accept)(void* userdata, int fd, sockaddr* address, socklen_t* size);
  int (*connect)(void* userdata, int fd, const sockaddr* address, socklen_t size);

  ssize_t (*read)(void* userdata, int fd, void* buffer, size_t size);
  ssize_t (*readv)(void* userdata, int fd, const iovec* pieces, int count);
  ssize_t (*recv)(void* userdata, int fd, void* buffer, size_t size, int flags);
  ssize_t (*recvfrom)(void* userdata, int fd, void* buffer, size_t size, int flags, sockaddr* address,
                      socklen_t* address_size);
  ssize_t (*recvmsg)(void* userdata, int fd, msghdr* message, int flags);
  ssize_t (*write)(void* userdata, int fd, const void* buffer, size_t size);
  ssize_t (*writev)(void* userdata, int fd, const iovec* pieces, int count);
  ssize_t (*send)(void* userdata, int fd, const void* buffer, size_t size, int flags);
  ssize_t (*sendto)(void* userdata, int fd, const void* buffer, size_t size, int flags,
                    const sockaddr* address, socklen_t address_size);
  ssize_t (*sendmsg)(void* userdata, int fd, const msghdr* message, int flags);

  int (*fcntl)(void* userdata, int fd, int command, ...);
  int (*ioctl)(void* userdata, int fd, unsigned long request, ...);
  int (*close)(void* userdata, int fd);
  int (*shutdown)(void* userdata, int fd, int how);
  int (*getsockopt)(void* userdata, int fd, int level, int name, void* value, socklen_t* size);
  int (*setsockopt)(void* userdata, int fd, int level, int name, const void* value, socklen_t size);
  int (*poll)(void* userdata, pollfd* descriptors, nfds_t count, int timeout_ms);

  /// An IP packet into the stack.
  int (*netdev_send)(void* userdata, const void* packet, size_t size);
  /// The next IP packet that the stack sends, and when it did; waits until there is one.
  int (*netdev_receive)(void* userdata, void* packet, size_t* size, long long* time_usecs);
  int (*usleep)(void* userdata, useconds_t time);
  int (*gettimeofday)(void* userdata, timeval* time, struct timezone* zone);

  int (*epoll_create)(void* userdata, int size);
  int (*epoll_ctl)(void* userdata, int epoll_fd, int operation, int fd, epoll_event* event);
  int (*epoll_wait)(void* userdata, int epoll_fd, epoll_event* events, int max, int timeout_ms);
  int (*pipe)(void* userdata, int fds[2]);
  ssize_t (*splice)(void* userdata, int from, loff_t* from_offset, int to, loff_t* to_offset, size_t size,
                    unsigned flags);
};

/// Called once per script, on the thread that plays it. `flags` is the text behind `--so_flags=`, or null.
extern "C" void packetdrill_interface_init(const char* flags, packetdrill_interface* interface);
