#include "control/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <memory>

#include "device/last_error.hpp"

namespace strata::control {
namespace {

constexpr std::string_view kSuffix = ".sock";
constexpr mode_t kOwnerOnly = 0700;
constexpr int kOpenFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct Place {
  std::string parent;
  std::string name;
  bool parent_is_ours;  ///< must be; else it is /tmp, where nobody can take away what is another's

  std::string path() const { return parent + '/' + name; }
};

std::vector<Place> all_places() {
  const std::string user = std::to_string(::geteuid());
  std::vector<Place> found;
  // What a set-user-id program finds in its environment is not its user's word.
  if (const char* runtime = ::secure_getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime == '/')
    found.push_back({runtime, "strata", true});
  found.push_back({"/run/user/" + user, "strata", true});
  found.push_back({"/tmp", "strata-" + user, false});
  return found;
}

bool is_ours(int fd, mode_t forbidden) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && status.st_uid == ::geteuid() && (status.st_mode & forbidden) == 0;
}

/// The folder, when it is there, or could be made, and is safe.
SystemResult<Fd> open_place(const Place& place, bool make) {
  const Fd parent(::open(place.parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!parent) return last_error(place.parent);
  if (place.parent_is_ours && !is_ours(parent.get(), S_IWGRP | S_IWOTH))
    return Err<SystemError>(error_of(EPERM, place.parent));
  if (make && ::mkdirat(parent.get(), place.name.c_str(), kOwnerOnly) != 0 && errno != EEXIST)
    return last_error("making " + place.path());
  Fd folder(::openat(parent.get(), place.name.c_str(), kOpenFlags));
  if (!folder) return last_error(place.path());
  if (!is_ours(folder.get(), S_IRWXG | S_IRWXO)) {
    return Err<SystemError>(
        {EPERM, place.path() + " is open to other users, or theirs: remove it, or chmod 700"});
  }
  return folder;
}

/// A number and the sign after it, taken off the front.
std::optional<int> take_number(std::string_view& text, char sign) {
  int number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number <= 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  if (!text.starts_with(sign)) return std::nullopt;
  return number;
}

}  // namespace

std::string to_text(const SocketName& name) {
  return std::to_string(name.pid) + '.' + std::to_string(name.number) + std::string(kSuffix);
}

std::optional<SocketName> parse_socket_name(std::string_view text) {
  const auto pid = take_number(text, '.');
  if (!pid) return std::nullopt;
  text.remove_prefix(1);
  const auto number = take_number(text, '.');
  if (!number || text != kSuffix) return std::nullopt;
  return SocketName{*pid, *number};
}

SystemResult<Directory> Directory::make() {
  std::optional<SystemError> last;
  for (const Place& place : all_places()) {
    auto folder = open_place(place, true);
    if (folder) return Directory(place.path(), std::move(*folder));
    last = folder.error();
  }
  return Err<SystemError>(*last);
}

std::vector<Directory> Directory::all() {
  std::vector<Directory> found;
  for (const Place& place : all_places()) {
    if (auto folder = open_place(place, false)) found.push_back(Directory(place.path(), std::move(*folder)));
  }
  return found;
}

std::string Directory::places() {
  std::string text;
  for (const Place& place : all_places()) (text += text.empty() ? "" : ", ") += place.path();
  return text;
}

std::vector<SocketName> Directory::names() const {
  std::vector<SocketName> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path_.c_str()), &::closedir);
  while (folder != nullptr) {
    const dirent* const entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    if (const auto name = parse_socket_name(entry->d_name)) found.push_back(*name);
  }
  return found;
}

SystemResult<void> Directory::lock() {
  while (::flock(fd_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) return last_error("locking " + path_);
  }
  return {};
}

}  // namespace strata::control
