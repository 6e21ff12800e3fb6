#include "tools/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "device/last_error.hpp"

namespace strata::tools {
namespace {

/// What open(2) would have given a new file; mkstemp gives it to the owner alone.
mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

/// A pipe or a device is written in place: there is nothing to rename.
bool is_special(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

OutputFile::OutputFile(Fd fd, std::string path, std::string temporary)
    : fd_(std::move(fd)), path_(std::move(path)), temporary_(std::move(temporary)) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

SystemResult<OutputFile> OutputFile::create(const std::string& path) {
  if (path.empty() || path == "-") return OutputFile(Fd(::dup(STDOUT_FILENO)), "standard output", {});
  if (is_special(path)) {
    Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) return last_error("cannot write \"" + path + "\"");
    return OutputFile(std::move(fd), path, {});
  }
  std::string temporary = path + ".XXXXXX";
  Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) return last_error("cannot write \"" + path + "\"");
  ::fchmod(fd.get(), usual_mode());
  return OutputFile(std::move(fd), path, std::move(temporary));
}

SystemResult<void> OutputFile::write(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error("writing \"" + path_ + "\"");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

SystemResult<void> OutputFile::commit() {
  // Some file systems report a full disk only at the end.
  if (::close(fd_.release()) != 0) return last_error("writing \"" + path_ + "\"");
  if (temporary_.empty()) return {};
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return last_error("cannot write \"" + path_ + "\"");
  temporary_.clear();
  return {};
}

}  // namespace strata::tools
