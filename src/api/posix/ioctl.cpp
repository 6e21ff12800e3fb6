// ioctl(2): how much waits to be read or sent.
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <cstring>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/urgent.hpp"

namespace strata::posix {
namespace {

int give(long value, void* argument) {
  const int integer = static_cast<int>(value);
  std::memcpy(argument, &integer, sizeof integer);
  return 0;
}

/// What the peer has not acknowledged, our FIN included; none of it counts before the handshake is over.
long unacknowledged(const StreamSocket& socket) {
  if (!socket.stream() || socket.is_handshaking()) return 0;
  const strata::TcpInfo info = socket.stream().info();
  const bool fin_outstanding = info.state == TcpState::fin_wait_1 || info.state == TcpState::closing ||
                               info.state == TcpState::last_ack;
  return static_cast<long>(info.send_queued) + (fin_outstanding ? 1 : 0);
}

int stream_ioctl(const StreamSocket& socket, unsigned long request, void* argument) {
  if (request == SIOCATMARK) return give(is_at_mark(socket) ? 1 : 0, argument);
  if (socket.phase() == StreamSocket::Phase::listening) return -EINVAL;
  const strata::TcpInfo info = socket.stream() ? socket.stream().info() : strata::TcpInfo{};
  switch (request) {
    case FIONREAD:
      return give(socket.is_handshaking() ? 0 : static_cast<long>(readable_bytes(socket)), argument);
    case TIOCOUTQ: return give(unacknowledged(socket), argument);
    default: return give(socket.is_handshaking() ? 0 : static_cast<long>(info.not_sent), argument);
  }
}

int datagram_ioctl(DatagramSocket& socket, unsigned long request, void* argument) {
  if (request == SIOCATMARK || request == SIOCOUTQNSD) return -ENOTTY;
  if (request == TIOCOUTQ) return give(0, argument);
  const Result<Datagram> first = socket.udp().peek({});
  return give(first ? static_cast<long>(first->full_size) : 0, argument);
}

}  // namespace

int Host::ioctl(int fd, unsigned long request, void* argument) {
  const std::shared_ptr<File> file = state_->descriptors.find(fd);
  if (!file) return -EBADF;
  if (request == FIONBIO) {
    int on = 0;
    if (argument == nullptr) return -EFAULT;
    std::memcpy(&on, argument, sizeof on);
    file->set_nonblocking(on != 0);
    return 0;
  }
  const bool known =
      request == FIONREAD || request == TIOCOUTQ || request == SIOCOUTQNSD || request == SIOCATMARK;
  if (!known || file->kind() == File::Kind::epoll) return -ENOTTY;
  if (argument == nullptr) return -EFAULT;
  if (file->kind() == File::Kind::stream)
    return stream_ioctl(static_cast<const StreamSocket&>(*file), request, argument);
  return datagram_ioctl(static_cast<DatagramSocket&>(*file), request, argument);
}

}  // namespace strata::posix
