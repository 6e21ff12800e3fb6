#include "control/client.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "control/directory.hpp"
#include "control/socket.hpp"
#include "device/last_error.hpp"

namespace strata::control {
namespace {

constexpr int kPatienceSeconds = 3;
constexpr std::size_t kAnswerMax = std::size_t{64} << 20U;

Err<SystemError> failure(int number, std::string text) { return Err<SystemError>({number, std::move(text)}); }

std::string process(pid_t pid) { return "process " + std::to_string(pid); }

/// What the system said about a conversation, in terms of the process.
Err<SystemError> broken(pid_t pid, int number) {
  if (number != EAGAIN) return Err<SystemError>(error_of(number, "talking to " + process(pid)));
  return failure(ETIMEDOUT,
                 process(pid) + " does not answer: it is stopped, or its program gives the stack no time");
}

/// A connection, or nothing when the socket is not, or no longer, of this process: numbers of processes are
/// used again, and counted anew in each namespace.
SystemResult<std::optional<Fd>> knock(pid_t pid, const std::string& path) {
  auto socket = connect_to(path, kPatienceSeconds);
  if (!socket && (socket.error().number == ECONNREFUSED || socket.error().number == ENOENT))
    return std::nullopt;
  if (!socket) return broken(pid, socket.error().number);
  const auto peer = peer_of(socket->get());
  if (!peer || peer->pid != pid || peer->uid != ::geteuid()) return std::nullopt;
  return std::move(*socket);
}

}  // namespace

SystemResult<std::vector<Door>> doors_of(pid_t pid) {
  if (::kill(pid, 0) != 0) {
    if (errno == ESRCH) return failure(ESRCH, "there is no process " + std::to_string(pid));
    return failure(EPERM, process(pid) + " is another user's: ask as that user");
  }
  std::vector<Door> doors;
  for (const Directory& directory : Directory::all()) {
    for (const SocketName& name : directory.names()) {
      if (name.pid != pid) continue;
      auto socket = knock(pid, directory.path_of(name));
      if (!socket) return Err<SystemError>(socket.error());
      if (*socket) doors.push_back({pid, name.number, std::move(**socket)});
    }
  }
  std::ranges::sort(doors, {}, &Door::number);
  if (!doors.empty()) return doors;
  return failure(ENOENT, process(pid) + " has no stack that can be asked: no control socket of it in " +
                             Directory::places());
}

SystemResult<std::string> ask(const Door& door, std::string_view request) {
  std::string line = std::string(request) + '\n';
  // So few bytes go into an empty socket at once or not at all.
  if (::send(door.socket.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) return broken(door.pid, errno);
  line.clear();
  std::array<char, 65'536> buffer;
  while (line.size() < kAnswerMax) {
    const ssize_t size = ::recv(door.socket.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return broken(door.pid, errno);
    if (size == 0) return failure(EPIPE, process(door.pid) + " hung up before it had answered");
    line.append(buffer.data(), static_cast<std::size_t>(size));
    if (line.back() != '\n') continue;
    line.pop_back();
    return line;
  }
  return failure(EMSGSIZE, process(door.pid) + " answers without end");
}

}  // namespace strata::control
