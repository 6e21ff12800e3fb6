// getsockopt, setsockopt, fcntl, ioctl.
#include <fcntl.h>

#include <cstdarg>

#include "sim/drill/told_option.hpp"
#include "sim/packetdrill/calls.hpp"

namespace strata::packetdrill {
namespace {

int getsockopt(void* userdata, int fd, int level, int name, void* value, socklen_t* size) {
  Session& session = session_of(userdata);
  return returned(session.call([&](posix::Host& host, Descriptors& fds) {
    return drill::told_option(host, session.profile(), fds.host_fd(fd), level, name, value, size);
  }));
}

int setsockopt(void* userdata, int fd, int level, int name, const void* value, socklen_t size) {
  return returned(session_of(userdata).call([&](posix::Host& host, Descriptors& fds) {
    return host.setsockopt(fds.host_fd(fd), level, name, value, size);
  }));
}

int fcntl(void* userdata, int fd, int command, ...) {
  va_list rest;
  va_start(rest, command);
  const int argument = va_arg(rest, int);
  va_end(rest);
  const bool makes_descriptor = command == F_DUPFD || command == F_DUPFD_CLOEXEC;
  return returned(session_of(userdata).call([&](posix::Host& host, Descriptors& fds) -> long {
    const long result = host.fcntl(fds.host_fd(fd), command, argument);
    return makes_descriptor ? numbered(result, fds) : result;
  }));
}

int ioctl(void* userdata, int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void* const argument = va_arg(rest, void*);
  va_end(rest);
  return returned(session_of(userdata).call(
      [&](posix::Host& host, Descriptors& fds) { return host.ioctl(fds.host_fd(fd), request, argument); }));
}

}  // namespace

void add_option_calls(packetdrill_interface& to) {
  to.getsockopt = getsockopt;
  to.setsockopt = setsockopt;
  to.fcntl = fcntl;
  to.ioctl = ioctl;
}

}  // namespace strata::packetdrill
