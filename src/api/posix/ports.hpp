// Which of a host's sockets are bound to what, and who may join them: the rules of bind(2) with SO_REUSEADDR
// and SO_REUSEPORT as Linux has them. What the core holds (listeners, connections, TIME-WAIT) counts, too.
#pragma once

#include <memory>
#include <vector>

#include "api/posix/socket.hpp"
#include "strata/stack.hpp"

namespace strata::posix {

class Ports {
 public:
  /// 0 or -errno. Port 0: a free one is chosen and written into `local`.
  int claim(Stack& stack, const std::shared_ptr<Socket>& socket, Endpoint& local);
  /// Somebody else has it, and does not share.
  bool is_taken(Stack& stack, const Socket& socket, const Endpoint& local) const;

 private:
  void forget_the_dead();

  std::vector<std::weak_ptr<Socket>> bound_;
};

}  // namespace strata::posix
