#include "api/posix/zero_copy.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstring>

namespace strata::posix {

int ZeroCopyNotices::take(msghdr& message) {
  if (empty()) return -EAGAIN;
  sock_extended_err notice{};
  notice.ee_origin = SO_EE_ORIGIN_ZEROCOPY;
  notice.ee_code = SO_EE_CODE_ZEROCOPY_COPIED;
  notice.ee_info = first_;
  notice.ee_data = next_ - 1;
  first_ = next_;
  message.msg_flags = MSG_ERRQUEUE;
  if (message.msg_control == nullptr || message.msg_controllen < CMSG_SPACE(sizeof notice)) {
    message.msg_flags |= MSG_CTRUNC;
    message.msg_controllen = 0;
    return 0;
  }
  cmsghdr* const part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = IPPROTO_IP;
  part->cmsg_type = IP_RECVERR;
  part->cmsg_len = CMSG_LEN(sizeof notice);
  std::memcpy(CMSG_DATA(part), &notice, sizeof notice);
  message.msg_controllen = CMSG_SPACE(sizeof notice);
  return 0;
}

}  // namespace strata::posix
