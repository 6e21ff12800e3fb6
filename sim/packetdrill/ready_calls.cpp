// poll and epoll.
#include <vector>

#include "sim/packetdrill/calls.hpp"

namespace strata::packetdrill {
namespace {

int poll(void* userdata, pollfd* descriptors, nfds_t count, int timeout_ms) {
  std::vector<pollfd> at_host(descriptors, descriptors + count);
  const auto begin = [&](posix::Host& host, Descriptors& fds, Instant now) {
    for (pollfd& entry : at_host) entry.fd = entry.fd < 0 ? entry.fd : fds.host_fd(entry.fd);
    return host.begin_poll(at_host.data(), count, timeout_ms, now);
  };
  const long result = session_of(userdata).wait(begin);
  for (nfds_t i = 0; result >= 0 && i < count; ++i) descriptors[i].revents = at_host[i].revents;
  return returned(result);
}

int epoll_create(void* userdata, int size) {
  return returned(session_of(userdata).call([&](posix::Host& host, Descriptors& fds) -> long {
    return size <= 0 ? -EINVAL : numbered(host.epoll_create1(0), fds);
  }));
}

int epoll_ctl(void* userdata, int epoll_fd, int operation, int fd, epoll_event* event) {
  return returned(session_of(userdata).call([&](posix::Host& host, Descriptors& fds) {
    return host.epoll_ctl(fds.host_fd(epoll_fd), operation, fds.host_fd(fd), event);
  }));
}

int epoll_wait(void* userdata, int epoll_fd, epoll_event* events, int max, int timeout_ms) {
  return returned(session_of(userdata).wait([&](posix::Host& host, Descriptors& fds, Instant now) {
    return host.begin_epoll_wait(fds.host_fd(epoll_fd), events, max, timeout_ms, now);
  }));
}

}  // namespace

void add_ready_calls(packetdrill_interface& to) {
  to.poll = poll;
  to.epoll_create = epoll_create;
  to.epoll_ctl = epoll_ctl;
  to.epoll_wait = epoll_wait;
}

}  // namespace strata::packetdrill
