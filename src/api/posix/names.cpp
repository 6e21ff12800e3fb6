#include "api/posix/names.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "stack/stack_core.hpp"

namespace strata::posix {
namespace {

constexpr Endpoint kNowhere{.address = IpAddress::any(Family::ipv4), .zone = 0, .port = 0};

bool may_have_address(Stack& stack, const Socket& socket, const IpAddress& address) {
  return address.is_unspecified() || address.is_multicast() || socket.options.free_bind ||
         stack.core().internet().is_local(address);
}

Endpoint local_name(Socket& socket) {
  if (socket.kind() == File::Kind::datagram) {
    auto& datagram = static_cast<DatagramSocket&>(socket);
    return datagram.is_open() ? datagram.udp().local() : kNowhere;
  }
  const auto& stream = static_cast<StreamSocket&>(socket);
  return stream.stream() ? stream.stream().local() : socket.bound.value_or(kNowhere);
}

std::optional<Endpoint> remote_name(const Socket& socket) {
  if (socket.kind() == File::Kind::datagram) return static_cast<const DatagramSocket&>(socket).remote();
  const auto& stream = static_cast<const StreamSocket&>(socket);
  const TcpState state = stream.state();
  if (state == TcpState::closed || state == TcpState::listen || state == TcpState::syn_sent)
    return std::nullopt;
  return stream.stream().remote();
}

}  // namespace

bool is_unspecified_family(const sockaddr* address, socklen_t size) {
  sa_family_t family = 0;
  if (address == nullptr || size < sizeof family) return false;
  std::memcpy(&family, address, sizeof family);
  return family == AF_UNSPEC;
}

int read_name(const sockaddr* address, socklen_t size, Endpoint& endpoint) {
  if (address == nullptr) return -EFAULT;
  sockaddr_in in{};
  if (size < sizeof in) return -EINVAL;
  std::memcpy(&in, address, sizeof in);
  if (in.sin_family != AF_INET) return -EAFNOSUPPORT;
  endpoint = {.address = IpAddress::v4(ntohl(in.sin_addr.s_addr)), .zone = 0, .port = ntohs(in.sin_port)};
  return 0;
}

void write_name(const Endpoint& endpoint, sockaddr* address, socklen_t* size) {
  if (size == nullptr) return;
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(endpoint.port);
  in.sin_addr.s_addr = htonl(endpoint.address.v4_value());
  if (address != nullptr) std::memcpy(address, &in, std::min<std::size_t>(*size, sizeof in));
  *size = sizeof in;
}

int Host::bind(int fd, const sockaddr* address, socklen_t size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  Endpoint local;
  // An old habit that Linux honours: no family at all means IPv4, with any address.
  const bool any_family = is_unspecified_family(address, size);
  sockaddr_in in{};
  if (any_family && size >= sizeof in) {
    std::memcpy(&in, address, sizeof in);
    in.sin_family = AF_INET;
    if (in.sin_addr.s_addr != htonl(INADDR_ANY)) return -EAFNOSUPPORT;
    address = reinterpret_cast<const sockaddr*>(&in);
  }
  if (const int bad = read_name(address, size, local); bad != 0) return bad;
  if (!may_have_address(stack_, *socket, local.address)) return -EADDRNOTAVAIL;
  return state_->bind(stack_, socket, local);
}

int Host::getsockname(int fd, sockaddr* address, socklen_t* size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  if (size == nullptr || address == nullptr) return -EFAULT;
  if (static_cast<int>(*size) < 0) return -EINVAL;
  write_name(local_name(*socket), address, size);
  return 0;
}

int Host::getpeername(int fd, sockaddr* address, socklen_t* size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  const std::optional<Endpoint> remote = remote_name(*socket);
  if (!remote) return -ENOTCONN;
  if (size == nullptr || address == nullptr) return -EFAULT;
  if (static_cast<int>(*size) < 0) return -EINVAL;
  write_name(*remote, address, size);
  return 0;
}

}  // namespace strata::posix
