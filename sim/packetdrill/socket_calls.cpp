// Calls that make, name, connect and close sockets.
#include "sim/packetdrill/calls.hpp"

namespace strata::packetdrill {
namespace {

int socket(void* userdata, int domain, int type, int protocol) {
  return returned(session_of(userdata).call([&](posix::Host& host, Descriptors& fds) {
    return numbered(host.socket(domain, type, protocol), fds);
  }));
}

int bind(void* userdata, int fd, const sockaddr* address, socklen_t size) {
  session_of(userdata).adopt(address, size);
  return returned(session_of(userdata).call(
      [&](posix::Host& host, Descriptors& fds) { return host.bind(fds.host_fd(fd), address, size); }));
}

int listen(void* userdata, int fd, int backlog) {
  return returned(session_of(userdata).call(
      [&](posix::Host& host, Descriptors& fds) { return host.listen(fds.host_fd(fd), backlog); }));
}

int accept(void* userdata, int fd, sockaddr* address, socklen_t* size) {
  return returned(session_of(userdata).wait(
      [&](posix::Host& host, Descriptors& fds, Instant now) {
        return host.begin_accept(fds.host_fd(fd), 0, address, size, now);
      },
      numbered));
}

int connect(void* userdata, int fd, const sockaddr* address, socklen_t size) {
  return returned(session_of(userdata).wait([&](posix::Host& host, Descriptors& fds, Instant now) {
    return host.begin_connect(fds.host_fd(fd), address, size, now);
  }));
}

int shutdown(void* userdata, int fd, int how) {
  return returned(session_of(userdata).call(
      [&](posix::Host& host, Descriptors& fds) { return host.shutdown(fds.host_fd(fd), how); }));
}

int close(void* userdata, int fd) {
  return returned(session_of(userdata).wait(
      [&](posix::Host& host, Descriptors& fds, Instant now) { return host.begin_close(fds.take(fd), now); }));
}

}  // namespace

void add_socket_calls(packetdrill_interface& to) {
  to.socket = socket;
  to.bind = bind;
  to.listen = listen;
  to.accept = accept;
  to.connect = connect;
  to.shutdown = shutdown;
  to.close = close;
}

}  // namespace strata::packetdrill
