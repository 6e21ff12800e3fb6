#include "api/posix/ports.hpp"

#include <algorithm>
#include <cerrno>

#include "api/posix/stream_socket.hpp"
#include "stack/listen_table.hpp"
#include "stack/stack_core.hpp"

namespace strata::posix {
namespace {

ListenPlace place_of(const Socket& socket, const Endpoint& local) {
  return {.local = local, .shared = socket.options.reuse_port, .ipv6_only = socket.options.ipv6_only};
}

bool listens(const Socket& socket) {
  return socket.kind() == File::Kind::stream &&
         static_cast<const StreamSocket&>(socket).phase() == StreamSocket::Phase::listening;
}

/// SO_REUSEADDR on both, as long as none listens; or SO_REUSEPORT on both.
bool may_share(const Socket& one, const Socket& other) {
  const bool addresses = one.options.reuse_address && other.options.reuse_address;
  const bool ports = one.options.reuse_port && other.options.reuse_port;
  return ports || (addresses && !listens(one) && !listens(other));
}

}  // namespace

bool Ports::is_taken(Stack& stack, const Socket& socket, const Endpoint& local) const {
  const auto is_in_way = [&](const std::weak_ptr<Socket>& entry) {
    const std::shared_ptr<Socket> other = entry.lock();
    return other && other.get() != &socket && other->kind() == socket.kind() && other->bound &&
           overlap(place_of(*other, *other->bound), place_of(socket, local)) && !may_share(socket, *other);
  };
  if (std::ranges::any_of(bound_, is_in_way)) return true;
  const bool reuse = socket.options.reuse_address || socket.options.reuse_port;
  return socket.kind() == File::Kind::stream &&
         stack.core().tcp().is_port_used(place_of(socket, local), reuse);
}

void Ports::forget_the_dead() {
  std::erase_if(bound_, [](const std::weak_ptr<Socket>& entry) {
    const std::shared_ptr<Socket> socket = entry.lock();
    return !socket || !socket->bound;
  });
}

int Ports::claim(Stack& stack, const std::shared_ptr<Socket>& socket, Endpoint& local) {
  forget_the_dead();
  if (local.port == 0) {
    const auto is_free = [&](std::uint16_t port) {
      return !is_taken(stack, *socket, {.address = local.address, .zone = local.zone, .port = port});
    };
    const auto port = stack.core().tcp().choose_port(local.address, is_free);
    if (!port) return -EADDRINUSE;
    local.port = *port;
  } else if (is_taken(stack, *socket, local)) {
    return -EADDRINUSE;
  }
  socket->bound = local;
  bound_.push_back(socket);
  return 0;
}

}  // namespace strata::posix
