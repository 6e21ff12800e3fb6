#include "device/pass_descriptors.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstring>

#include "base/check.hpp"
#include "device/last_error.hpp"

namespace strata {
namespace {

constexpr std::size_t kControlSize = CMSG_SPACE(sizeof(int) * kPassedDescriptorsMax);

}  // namespace

SystemResult<void> send_with_descriptors(int socket, Bytes message, std::span<const int> descriptors) {
  STRATA_CHECK(descriptors.size() <= kPassedDescriptorsMax);
  alignas(cmsghdr) std::array<std::uint8_t, kControlSize> control{};
  iovec data{const_cast<std::uint8_t*>(message.data()), message.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (!descriptors.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
  }
  if (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0) return last_error("passing descriptors");
  return {};
}

SystemResult<std::vector<Fd>> receive_with_descriptors(int socket, MutableBytes message) {
  alignas(cmsghdr) std::array<std::uint8_t, kControlSize> control{};
  iovec data{message.data(), message.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return last_error("receiving descriptors");
  std::vector<Fd> received;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    for (std::size_t at = 0; at < part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + at, sizeof(fd));
      received.emplace_back(fd);
    }
  }
  if (static_cast<std::size_t>(got) != message.size()) {
    return Err<SystemError>(error_of(EPROTO, "the helper process ended early"));
  }
  return received;
}

}  // namespace strata
