// Calls that move data: all of them are one of two at the socket layer. Pipes are not there.
#include "sim/packetdrill/calls.hpp"

namespace strata::packetdrill {
namespace {

ssize_t send_message(void* userdata, int fd, const msghdr& message, int flags) {
  return returned<ssize_t>(session_of(userdata).wait([&](posix::Host& host, Descriptors& fds, Instant now) {
    return host.begin_send(fds.host_fd(fd), message, flags, now);
  }));
}

ssize_t receive_message(void* userdata, int fd, msghdr& message, int flags) {
  return returned<ssize_t>(session_of(userdata).wait([&](posix::Host& host, Descriptors& fds, Instant now) {
    return host.begin_receive(fds.host_fd(fd), message, flags, now);
  }));
}

msghdr message_of(iovec* pieces, int count) {
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = static_cast<std::size_t>(count);
  return message;
}

ssize_t sendto(void* userdata, int fd, const void* buffer, size_t size, int flags, const sockaddr* address,
               socklen_t address_size) {
  iovec piece{.iov_base = const_cast<void*>(buffer), .iov_len = size};
  msghdr message = message_of(&piece, 1);
  message.msg_name = const_cast<sockaddr*>(address);
  message.msg_namelen = address == nullptr ? 0 : address_size;
  return send_message(userdata, fd, message, flags);
}

ssize_t send(void* userdata, int fd, const void* buffer, size_t size, int flags) {
  return sendto(userdata, fd, buffer, size, flags, nullptr, 0);
}

ssize_t write(void* userdata, int fd, const void* buffer, size_t size) {
  return send(userdata, fd, buffer, size, 0);
}

ssize_t writev(void* userdata, int fd, const iovec* pieces, int count) {
  if (count < 0) return returned<ssize_t>(-EINVAL);
  return send_message(userdata, fd, message_of(const_cast<iovec*>(pieces), count), 0);
}

ssize_t sendmsg(void* userdata, int fd, const msghdr* message, int flags) {
  return send_message(userdata, fd, *message, flags);
}

ssize_t recvfrom(void* userdata, int fd, void* buffer, size_t size, int flags, sockaddr* address,
                 socklen_t* address_size) {
  iovec piece{.iov_base = buffer, .iov_len = size};
  msghdr message = message_of(&piece, 1);
  if (address_size != nullptr) {
    message.msg_name = address;
    message.msg_namelen = *address_size;
  }
  const ssize_t result = receive_message(userdata, fd, message, flags);
  if (result >= 0 && address_size != nullptr) *address_size = message.msg_namelen;
  return result;
}

ssize_t recv(void* userdata, int fd, void* buffer, size_t size, int flags) {
  return recvfrom(userdata, fd, buffer, size, flags, nullptr, nullptr);
}

ssize_t read(void* userdata, int fd, void* buffer, size_t size) {
  return recv(userdata, fd, buffer, size, 0);
}

ssize_t readv(void* userdata, int fd, const iovec* pieces, int count) {
  if (count < 0) return returned<ssize_t>(-EINVAL);
  msghdr message = message_of(const_cast<iovec*>(pieces), count);
  return receive_message(userdata, fd, message, 0);
}

ssize_t recvmsg(void* userdata, int fd, msghdr* message, int flags) {
  return receive_message(userdata, fd, *message, flags);
}

int pipe(void*, int*) { return returned(-ENOSYS); }

ssize_t splice(void*, int, loff_t*, int, loff_t*, size_t, unsigned) { return returned<ssize_t>(-ENOSYS); }

}  // namespace

void add_data_calls(packetdrill_interface& to) {
  to.read = read;
  to.readv = readv;
  to.recv = recv;
  to.recvfrom = recvfrom;
  to.recvmsg = recvmsg;
  to.write = write;
  to.writev = writev;
  to.send = send;
  to.sendto = sendto;
  to.sendmsg = sendmsg;
  to.pipe = pipe;
  to.splice = splice;
}

}  // namespace strata::packetdrill
