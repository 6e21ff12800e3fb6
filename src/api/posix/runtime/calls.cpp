// strata.h: descriptors, names, options, connections.
#include "api/posix/runtime/handle.hpp"

using strata::Instant;
using strata::posix::answer_int;
using strata::posix::Host;

int strata_socket(strata_host* host, int domain, int type, int protocol) {
  return answer_int(host->runtime->run([=](Host& h) { return h.socket(domain, type, protocol); }));
}

int strata_bind(strata_host* host, int fd, const sockaddr* address, socklen_t size) {
  return answer_int(host->runtime->run([=](Host& h) { return h.bind(fd, address, size); }));
}

int strata_listen(strata_host* host, int fd, int backlog) {
  return answer_int(host->runtime->run([=](Host& h) { return h.listen(fd, backlog); }));
}

int strata_accept(strata_host* host, int fd, sockaddr* address, socklen_t* size) {
  return strata_accept4(host, fd, address, size, 0);
}

int strata_accept4(strata_host* host, int fd, sockaddr* address, socklen_t* size, int flags) {
  return answer_int(host->runtime->wait(
      [=](Host& h, Instant now) { return h.begin_accept(fd, flags, address, size, now); }));
}

int strata_connect(strata_host* host, int fd, const sockaddr* address, socklen_t size) {
  return answer_int(
      host->runtime->wait([=](Host& h, Instant now) { return h.begin_connect(fd, address, size, now); }));
}

int strata_shutdown(strata_host* host, int fd, int how) {
  return answer_int(host->runtime->run([=](Host& h) { return h.shutdown(fd, how); }));
}

int strata_close(strata_host* host, int fd) {
  return answer_int(host->runtime->wait([=](Host& h, Instant now) { return h.begin_close(fd, now); }));
}

int strata_dup(strata_host* host, int fd) {
  return answer_int(host->runtime->run([=](Host& h) { return h.dup(fd); }));
}

int strata_fcntl(strata_host* host, int fd, int command, long argument) {
  return answer_int(host->runtime->run([=](Host& h) { return h.fcntl(fd, command, argument); }));
}

int strata_ioctl(strata_host* host, int fd, unsigned long request, void* argument) {
  return answer_int(host->runtime->run([=](Host& h) { return h.ioctl(fd, request, argument); }));
}

int strata_getsockname(strata_host* host, int fd, sockaddr* address, socklen_t* size) {
  return answer_int(host->runtime->run([=](Host& h) { return h.getsockname(fd, address, size); }));
}

int strata_getpeername(strata_host* host, int fd, sockaddr* address, socklen_t* size) {
  return answer_int(host->runtime->run([=](Host& h) { return h.getpeername(fd, address, size); }));
}

int strata_getsockopt(strata_host* host, int fd, int level, int name, void* value, socklen_t* size) {
  return answer_int(host->runtime->run([=](Host& h) { return h.getsockopt(fd, level, name, value, size); }));
}

int strata_setsockopt(strata_host* host, int fd, int level, int name, const void* value, socklen_t size) {
  return answer_int(host->runtime->run([=](Host& h) { return h.setsockopt(fd, level, name, value, size); }));
}
