// The descriptors that the tool sees. They are the kernel's, though nothing is behind them, because the tool
// closes what a script leaves open by close(2) itself; each stands for a descriptor of the Host.
#pragma once

#include <map>

namespace strata::packetdrill {

class Descriptors {
 public:
  /// A new descriptor for the Host's, or -errno.
  int add(int host_fd);
  /// The Host's; a number that it surely does not know when there is none.
  int host_fd(int fd) const;
  /// The same, and the descriptor is closed.
  int take(int fd);

 private:
  std::map<int, int> host_fds_;
};

}  // namespace strata::packetdrill
