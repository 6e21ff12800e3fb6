// What a Host holds: its descriptors and what they stand for. Shared by the files that implement its calls,
// unknown to its users.
#pragma once

#include <cerrno>
#include <memory>
#include <utility>

#include "api/posix/descriptors.hpp"
#include "api/posix/ports.hpp"
#include "api/posix/socket.hpp"
#include "api/posix/stream_socket.hpp"

namespace strata::posix {

struct HostState {
  /// A socket, or why not: -EBADF, -ENOTSOCK.
  template <class T>
  using Found = std::pair<std::shared_ptr<T>, int>;

  Found<Socket> find_socket(int fd) const {
    std::shared_ptr<File> file = descriptors.find(fd);
    if (!file) return {nullptr, -EBADF};
    if (file->kind() == File::Kind::epoll) return {nullptr, -ENOTSOCK};
    return {std::static_pointer_cast<Socket>(std::move(file)), 0};
  }
  /// The same for calls that only TCP has: -EOPNOTSUPP for others.
  Found<StreamSocket> find_stream(int fd) const {
    auto [socket, error] = find_socket(fd);
    if (!socket) return {nullptr, error};
    if (socket->kind() != File::Kind::stream) return {nullptr, -EOPNOTSUPP};
    return {std::static_pointer_cast<StreamSocket>(std::move(socket)), 0};
  }

  /// bind(2): 0 or -errno.
  int bind(Stack& stack, const std::shared_ptr<Socket>& socket, Endpoint local);
  /// Any address and any port, when the program named none.
  int bind_if_needed(Stack& stack, const std::shared_ptr<Socket>& socket);

  Descriptors descriptors;
  Ports ports;
};

}  // namespace strata::posix
