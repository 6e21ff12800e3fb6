#include "sim/packetdrill/descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "api/posix/descriptors.hpp"

namespace strata::packetdrill {

int Descriptors::add(int host_fd) {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -errno;
  host_fds_[fd] = host_fd;
  return fd;
}

int Descriptors::host_fd(int fd) const {
  const auto found = host_fds_.find(fd);
  return found == host_fds_.end() ? posix::Descriptors::kMax : found->second;
}

int Descriptors::take(int fd) {
  const int result = host_fd(fd);
  if (host_fds_.erase(fd) > 0) ::close(fd);
  return result;
}

}  // namespace strata::packetdrill
