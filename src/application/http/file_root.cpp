// openat2 with RESOLVE_BENEATH, or a walk with O_NOFOLLOW where the kernel has no openat2; pread to read.
#include "application/http/file_root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace strata::http {
namespace {

// Without O_NONBLOCK, opening a FIFO would wait for a writer.
constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

FileError error_of(int error) {
  switch (error) {
    case EACCES:
    case EPERM: return FileError::forbidden;
    case EMFILE:
    case ENFILE:
    case ENOMEM: return FileError::busy;
    case EIO: return FileError::io_error;
    default: return FileError::not_found;
  }
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

std::string joined(std::span<const std::string> names) {
  std::string path;
  for (const std::string& name : names) path += (path.empty() ? "" : "/") + name;
  return path.empty() ? "." : path;
}

std::expected<File, FileError> adopt(int fd) {
  if (fd < 0) return std::unexpected(error_of(errno));
  struct stat status{};
  if (::fstat(fd, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
    ::close(fd);
    return std::unexpected(FileError::forbidden);
  }
  const std::int64_t modified = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec;
  return File(fd, static_cast<std::uint64_t>(status.st_size), modified, S_ISDIR(status.st_mode));
}

}  // namespace

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<void, FileError> File::read(std::uint64_t offset, MutableBytes into) const {
  while (!into.empty()) {
    const ssize_t n = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::unexpected(FileError::io_error);
    into = into.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

std::expected<FileRoot, std::string> FileRoot::at(const std::string& path) {
  const int fd = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return std::unexpected(path + ": no such directory");
    if (errno == ENOTDIR) return std::unexpected(path + ": not a directory");
    return std::unexpected(path + ": " + std::strerror(errno));
  }
  return FileRoot(fd);
}

FileRoot::~FileRoot() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<File, FileError> FileRoot::open(std::span<const std::string> names) const {
  if (!std::ranges::all_of(names, is_plain_name)) return std::unexpected(FileError::not_found);
  struct open_how how{};
  how.flags = kReadFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  const std::string path = joined(names);
  const long fd = ::syscall(SYS_openat2, fd_, path.c_str(), &how, sizeof how);
  // Besides old kernels, sandboxes without openat2 in their list answer EPERM.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) return open_by_walking(names);
  return adopt(static_cast<int>(fd));
}

std::expected<File, FileError> FileRoot::open_by_walking(std::span<const std::string> names) const {
  if (!std::ranges::all_of(names, is_plain_name)) return std::unexpected(FileError::not_found);
  if (names.empty()) return adopt(::openat(fd_, ".", kReadFlags | O_DIRECTORY));
  int at = fd_;
  for (const std::string& name : names.first(names.size() - 1)) {
    const int next = ::openat(at, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const int error = errno;
    if (at != fd_) ::close(at);
    if (next < 0) return std::unexpected(error_of(error));
    at = next;
  }
  std::expected<File, FileError> file = adopt(::openat(at, names.back().c_str(), kReadFlags | O_NOFOLLOW));
  if (at != fd_) ::close(at);
  return file;
}

}  // namespace strata::http
