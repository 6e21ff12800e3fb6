#include "control/socket.hpp"

#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <optional>

#include "device/last_error.hpp"

namespace strata::control {
namespace {

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

Err<SystemError> too_long(const std::string& path) {
  return Err<SystemError>(error_of(ENAMETOOLONG, "a socket at " + path));
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

}  // namespace

SystemResult<Fd> listen_at(const std::string& path, int backlog) {
  const auto address = address_of(path);
  if (!address) return too_long(path);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return last_error("making a socket");
  // Before bind(), so that it is never open to others, not for a moment; umask() would be the whole
  // process's.
  if (::fchmod(socket.get(), S_IRUSR | S_IWUSR) != 0) return last_error("closing a socket to others");
  if (::bind(socket.get(), generic(*address), sizeof *address) != 0) return last_error(path);
  if (::listen(socket.get(), backlog) != 0) return last_error(path);
  return socket;
}

SystemResult<Fd> connect_to(const std::string& path, int seconds) {
  const auto address = address_of(path);
  if (!address) return too_long(path);
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return last_error("making a socket");
  const timeval limit{.tv_sec = seconds, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(socket.get(), generic(*address), sizeof *address) != 0) return last_error(path);
  return socket;
}

bool is_abandoned(const std::string& path) {
  const auto address = address_of(path);
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return address && socket && ::connect(socket.get(), generic(*address), sizeof *address) != 0 &&
         errno == ECONNREFUSED;
}

SystemResult<ucred> peer_of(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return last_error("asking who is at the other end");
  return peer;
}

}  // namespace strata::control
