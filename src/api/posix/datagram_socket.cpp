#include "api/posix/datagram_socket.hpp"

#include <sys/epoll.h>

#include <cerrno>

#include "api/posix/errno_of.hpp"
#include "stack/stack_core.hpp"

namespace strata::posix {

int DatagramSocket::open() {
  StackCore& core = stack().core();
  const bool shared = options.reuse_address || options.reuse_port;
  const Result<SocketId> id = core.bind_udp(*bound, {.any_address = options.free_bind, .shared = shared});
  if (!id) return -errno_of(id.error());
  udp_ = UdpSocket(&core, *id);
  udp_.set_waker({this, &DatagramSocket::on_ready});
  apply_options();
  return 0;
}

int DatagramSocket::connect(const Endpoint& remote) {
  disconnect();
  const Result<void> connected = udp_.connect(remote);
  if (!connected) return -errno_of(connected.error());
  remote_ = remote;
  return 0;
}

void DatagramSocket::disconnect() {
  udp_.disconnect();
  remote_.reset();
  receive_shut_ = send_shut_ = false;
}

int DatagramSocket::shut_down(bool receiving, bool sending) {
  receive_shut_ = receive_shut_ || receiving;
  send_shut_ = send_shut_ || sending;
  notify();
  return remote_ ? 0 : -ENOTCONN;
}

int DatagramSocket::take_error() {
  const std::optional<Errc> error = udp_.take_error();
  return error ? errno_of(*error) : 0;
}

std::uint32_t DatagramSocket::events() {
  std::uint32_t mask = EPOLLOUT | EPOLLWRNORM;
  if (udp_.peek({}).has_value()) mask |= EPOLLIN | EPOLLRDNORM;
  if (receive_shut_) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
  if (receive_shut_ && send_shut_) mask |= EPOLLHUP;
  if (has_error()) mask |= EPOLLERR;
  return mask;
}

}  // namespace strata::posix
