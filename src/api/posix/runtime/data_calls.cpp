// strata.h: reading and writing. All are sendmsg and recvmsg with one part left out.
#include "api/posix/runtime/handle.hpp"

using strata::Instant;
using strata::posix::answer;
using strata::posix::Host;

namespace {

msghdr message_of(const iovec* pieces, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<std::size_t>(count);
  return message;
}

}  // namespace

ssize_t strata_sendmsg(strata_host* host, int fd, const msghdr* message, int flags) {
  return answer(
      host->runtime->wait([=](Host& h, Instant now) { return h.begin_send(fd, *message, flags, now); }));
}

ssize_t strata_recvmsg(strata_host* host, int fd, msghdr* message, int flags) {
  return answer(
      host->runtime->wait([=](Host& h, Instant now) { return h.begin_receive(fd, *message, flags, now); }));
}

ssize_t strata_sendto(strata_host* host, int fd, const void* buffer, size_t size, int flags,
                      const sockaddr* address, socklen_t address_size) {
  const iovec piece{.iov_base = const_cast<void*>(buffer), .iov_len = size};
  msghdr message = message_of(&piece, 1);
  message.msg_name = const_cast<sockaddr*>(address);
  message.msg_namelen = address_size;
  return strata_sendmsg(host, fd, &message, flags);
}

ssize_t strata_recvfrom(strata_host* host, int fd, void* buffer, size_t size, int flags, sockaddr* address,
                        socklen_t* address_size) {
  const iovec piece{.iov_base = buffer, .iov_len = size};
  msghdr message = message_of(&piece, 1);
  message.msg_name = address;
  message.msg_namelen = address != nullptr && address_size != nullptr ? *address_size : 0;
  const ssize_t result = strata_recvmsg(host, fd, &message, flags);
  if (result >= 0 && address_size != nullptr) *address_size = message.msg_namelen;
  return result;
}

ssize_t strata_send(strata_host* host, int fd, const void* buffer, size_t size, int flags) {
  return strata_sendto(host, fd, buffer, size, flags, nullptr, 0);
}

ssize_t strata_recv(strata_host* host, int fd, void* buffer, size_t size, int flags) {
  return strata_recvfrom(host, fd, buffer, size, flags, nullptr, nullptr);
}

ssize_t strata_write(strata_host* host, int fd, const void* buffer, size_t size) {
  return strata_send(host, fd, buffer, size, 0);
}

ssize_t strata_read(strata_host* host, int fd, void* buffer, size_t size) {
  return strata_recv(host, fd, buffer, size, 0);
}

ssize_t strata_writev(strata_host* host, int fd, const iovec* pieces, int count) {
  if (count < 0) return answer(-EINVAL);
  const msghdr message = message_of(pieces, count);
  return strata_sendmsg(host, fd, &message, 0);
}

ssize_t strata_readv(strata_host* host, int fd, const iovec* pieces, int count) {
  if (count < 0) return answer(-EINVAL);
  msghdr message = message_of(pieces, count);
  return strata_recvmsg(host, fd, &message, 0);
}
