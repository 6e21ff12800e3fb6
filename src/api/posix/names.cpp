#include "api/posix/names.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "stack/stack_core.hpp"

namespace strata::posix {
namespace {

Endpoint nowhere(const Socket& socket) { return {.address = socket.any_address(), .zone = 0, .port = 0}; }

bool may_have_address(Stack& stack, const Socket& socket, const Endpoint& local) {
  return local.address.is_unspecified() || local.address.is_multicast() || socket.options.free_bind ||
         stack.core().internet().is_local(local.address, NicId{local.zone});
}

Endpoint local_name(Socket& socket) {
  if (socket.kind() == File::Kind::datagram) {
    auto& datagram = static_cast<DatagramSocket&>(socket);
    return datagram.is_open() ? datagram.udp().local() : nowhere(socket);
  }
  const auto& stream = static_cast<StreamSocket&>(socket);
  return stream.stream() ? stream.stream().local() : socket.bound.value_or(nowhere(socket));
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

namespace {

int read_ipv4(const sockaddr* address, socklen_t size, Endpoint& endpoint) {
  sockaddr_in in{};
  if (size < sizeof in) return -EINVAL;
  std::memcpy(&in, address, sizeof in);
  if (in.sin_family != AF_INET) return -EAFNOSUPPORT;
  endpoint = {.address = IpAddress::v4(ntohl(in.sin_addr.s_addr)), .zone = 0, .port = ntohs(in.sin_port)};
  return 0;
}

int read_ipv6(const Socket& socket, const sockaddr* address, socklen_t size, Endpoint& endpoint) {
  constexpr socklen_t kWithoutScope = offsetof(sockaddr_in6, sin6_scope_id);  // RFC 2133
  sockaddr_in6 in{};
  if (size < kWithoutScope) return -EINVAL;
  std::memcpy(&in, address, std::min<std::size_t>(size, sizeof in));
  if (in.sin6_family != AF_INET6) return -EAFNOSUPPORT;
  IpAddress::Octets octets;
  std::memcpy(octets.data(), &in.sin6_addr, octets.size());
  endpoint = {.address = IpAddress::v6(octets), .zone = 0, .port = ntohs(in.sin6_port)};
  if (endpoint.address.is_v4() && socket.options.ipv6_only) return -ENETUNREACH;
  if (endpoint.address.needs_zone()) endpoint.zone = in.sin6_scope_id;
  return 0;
}

template <class Name>
void copy_name(const Name& name, sockaddr* address, socklen_t* size) {
  if (address != nullptr) std::memcpy(address, &name, std::min<std::size_t>(*size, sizeof name));
  *size = sizeof name;
}

}  // namespace

int read_name(const Socket& socket, const sockaddr* address, socklen_t size, Endpoint& endpoint) {
  if (address == nullptr) return -EFAULT;
  return socket.is_ipv6() ? read_ipv6(socket, address, size, endpoint) : read_ipv4(address, size, endpoint);
}

void write_name(const Socket& socket, const Endpoint& endpoint, sockaddr* address, socklen_t* size) {
  if (size == nullptr) return;
  if (socket.is_ipv6()) {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(endpoint.port);
    in.sin6_scope_id = endpoint.zone;
    std::memcpy(&in.sin6_addr, endpoint.address.octets().data(), sizeof in.sin6_addr);
    return copy_name(in, address, size);
  }
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(endpoint.port);
  in.sin_addr.s_addr = htonl(endpoint.address.v4_value());
  copy_name(in, address, size);
}

int Host::bind(int fd, const sockaddr* address, socklen_t size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  Endpoint local;
  // An old habit that Linux honours: no family at all means IPv4, with any address.
  const bool any_family = !socket->is_ipv6() && is_unspecified_family(address, size);
  sockaddr_in in{};
  if (any_family && size >= sizeof in) {
    std::memcpy(&in, address, sizeof in);
    in.sin_family = AF_INET;
    if (in.sin_addr.s_addr != htonl(INADDR_ANY)) return -EAFNOSUPPORT;
    address = reinterpret_cast<const sockaddr*>(&in);
  }
  if (const int bad = read_name(*socket, address, size, local); bad != 0)
    return bad == -ENETUNREACH ? -EINVAL : bad;
  if (local.address.is_link_local() && local.zone == 0) return -EINVAL;
  if (!may_have_address(stack_, *socket, local)) return -EADDRNOTAVAIL;
  return state_->bind(stack_, socket, local);
}

int Host::getsockname(int fd, sockaddr* address, socklen_t* size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  if (size == nullptr || address == nullptr) return -EFAULT;
  if (static_cast<int>(*size) < 0) return -EINVAL;
  write_name(*socket, local_name(*socket), address, size);
  return 0;
}

int Host::getpeername(int fd, sockaddr* address, socklen_t* size) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  const std::optional<Endpoint> remote = remote_name(*socket);
  if (!remote) return -ENOTCONN;
  if (size == nullptr || address == nullptr) return -EFAULT;
  if (static_cast<int>(*size) < 0) return -EINVAL;
  write_name(*socket, *remote, address, size);
  return 0;
}

}  // namespace strata::posix
