// The notices of MSG_ZEROCOPY on a socket's error queue. What is sent is always copied here, so a program may
// use its buffer again at once, and is told so in the way that it waits for: numbers of its calls, as one
// range, with SO_EE_CODE_ZEROCOPY_COPIED, which tells it that copying was the better choice.
#pragma once

#include <sys/socket.h>

#include <cstdint>

namespace strata::posix {

class ZeroCopyNotices {
 public:
  /// A call with the flag has given data.
  void add() { ++next_; }
  bool empty() const { return first_ == next_; }
  /// recvmsg(2) with MSG_ERRQUEUE: 0, or -EAGAIN when there is nothing.
  int take(msghdr& message);

 private:
  std::uint32_t first_ = 0;  ///< not told yet
  std::uint32_t next_ = 0;
};

}  // namespace strata::posix
