// The folder of the control sockets of a user: `strata` in $XDG_RUNTIME_DIR or else in /run/user/UID, or else
// /tmp/strata-UID. It must be the user's own and closed to all others, or it is not used. A socket is named
// after its process and the number of the stack in it: `4711.1.sock`.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/fd.hpp"
#include "strata/system_error.hpp"

namespace strata::control {

struct SocketName {
  pid_t pid = 0;
  int number = 0;  ///< of the stack, from 1
};
std::string to_text(const SocketName& name);
std::optional<SocketName> parse_socket_name(std::string_view text);

class Directory {
 public:
  /// The first that can be used, made where it is missing.
  static SystemResult<Directory> make();
  /// All that exist: a process started elsewhere may have another $XDG_RUNTIME_DIR than we.
  static std::vector<Directory> all();
  /// The places that are tried, for people.
  static std::string places();

  const std::string& path() const { return path_; }
  std::string path_of(const SocketName& name) const { return path_ + '/' + to_text(name); }
  std::vector<SocketName> names() const;
  /// Waits until no other process, and no other thread, holds this folder; it is held until this object ends.
  SystemResult<void> lock();

 private:
  Directory(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  Fd fd_;
};

}  // namespace strata::control
