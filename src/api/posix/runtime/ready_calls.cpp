// strata.h: waiting for readiness.
#include "api/posix/runtime/handle.hpp"

using strata::Instant;
using strata::posix::answer_int;
using strata::posix::Host;

int strata_poll(strata_host* host, pollfd* descriptors, nfds_t count, int timeout_ms) {
  return answer_int(host->runtime->wait_ready(
      [=](Host& h, Instant now) { return h.begin_poll(descriptors, count, timeout_ms, now); }));
}

int strata_select(strata_host* host, int count, fd_set* readable, fd_set* writable, fd_set* exceptional,
                  const timeval* timeout) {
  return answer_int(host->runtime->wait_ready([=](Host& h, Instant now) {
    return h.begin_select(count, readable, writable, exceptional, timeout, now);
  }));
}

int strata_epoll_create1(strata_host* host, int flags) {
  return answer_int(host->runtime->run([=](Host& h) { return h.epoll_create1(flags); }));
}

int strata_epoll_ctl(strata_host* host, int epoll_fd, int operation, int fd, epoll_event* event) {
  return answer_int(host->runtime->run([=](Host& h) { return h.epoll_ctl(epoll_fd, operation, fd, event); }));
}

int strata_epoll_wait(strata_host* host, int epoll_fd, epoll_event* events, int max, int timeout_ms) {
  return answer_int(host->runtime->wait_ready(
      [=](Host& h, Instant now) { return h.begin_epoll_wait(epoll_fd, events, max, timeout_ms, now); }));
}
