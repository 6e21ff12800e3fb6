// socket(2), dup(2), and where descriptors and sockets are kept.
#include "api/posix/socket.hpp"

#include <netinet/in.h>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"

namespace strata::posix {
namespace {

/// The protocol of a type, when the program named none or this one; else -EPROTONOSUPPORT.
int check_protocol(int wanted, int of_type) {
  return wanted == 0 || wanted == of_type ? 0 : -EPROTONOSUPPORT;
}

}  // namespace

Host::Host(Stack& stack) : stack_(stack), state_(std::make_unique<HostState>()) {}
Host::~Host() = default;

int Host::socket(int domain, int type, int protocol) {
  const int flags = type & (SOCK_NONBLOCK | SOCK_CLOEXEC);
  const int kind = type & 0xf;
  if (type != (kind | flags)) return -EINVAL;
  if (domain != AF_INET && domain != AF_INET6) return -EAFNOSUPPORT;
  std::shared_ptr<Socket> socket;
  if (kind == SOCK_STREAM) {
    if (const int bad = check_protocol(protocol, IPPROTO_TCP); bad != 0) return bad;
    socket = std::make_shared<StreamSocket>(stack_);
  } else if (kind == SOCK_DGRAM) {
    if (const int bad = check_protocol(protocol, IPPROTO_UDP); bad != 0) return bad;
    socket = std::make_shared<DatagramSocket>(stack_);
  } else {
    return -ESOCKTNOSUPPORT;
  }
  socket->family = domain;
  socket->set_nonblocking((flags & SOCK_NONBLOCK) != 0);
  return state_->descriptors.add(std::move(socket), (flags & SOCK_CLOEXEC) != 0);
}

int Host::dup(int fd) {
  std::shared_ptr<File> file = state_->descriptors.find(fd);
  return file ? state_->descriptors.add(std::move(file), false) : -EBADF;
}

int HostState::bind(Stack& stack, const std::shared_ptr<Socket>& socket, Endpoint local) {
  const bool used =
      socket->kind() == File::Kind::stream && static_cast<StreamSocket&>(*socket).state() != TcpState::closed;
  if (socket->bound || used) return -EINVAL;
  if (const int bad = ports.claim(stack, socket, local); bad != 0) return bad;
  if (socket->kind() == File::Kind::stream) return 0;
  const int opened = static_cast<DatagramSocket&>(*socket).open();
  if (opened != 0) socket->bound.reset();
  return opened;
}

int HostState::bind_if_needed(Stack& stack, const std::shared_ptr<Socket>& socket) {
  if (socket->bound) return 0;
  return bind(stack, socket, {.address = socket->any_address(), .zone = 0, .port = 0});
}

}  // namespace strata::posix
