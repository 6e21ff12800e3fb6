// fcntl(2): flags of descriptors and of what they name.
#include <fcntl.h>

#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"

namespace strata::posix {

int Host::fcntl(int fd, int command, long argument) {
  const std::shared_ptr<File> file = state_->descriptors.find(fd);
  if (!file) return -EBADF;
  switch (command) {
    case F_GETFL: return O_RDWR | (file->is_nonblocking() ? O_NONBLOCK : 0);
    case F_SETFL: file->set_nonblocking((argument & O_NONBLOCK) != 0); return 0;
    case F_GETFD: return state_->descriptors.close_on_exec(fd) ? FD_CLOEXEC : 0;
    case F_SETFD: state_->descriptors.set_close_on_exec(fd, (argument & FD_CLOEXEC) != 0); return 0;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      if (argument < 0 || argument >= Descriptors::kMax) return -EINVAL;
      return state_->descriptors.add(file, command == F_DUPFD_CLOEXEC, static_cast<int>(argument));
    default: return -EINVAL;
  }
}

}  // namespace strata::posix
