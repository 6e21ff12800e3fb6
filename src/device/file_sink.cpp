#include "device/file_sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "device/last_error.hpp"

namespace strata {
namespace {

constexpr std::size_t kBufferSize = 256 * 1024;

}  // namespace

FileSink::FileSink(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {
  buffer_.reserve(kBufferSize);
}

FileSink::~FileSink() {
  if (fd_) flush();
}

SystemResult<FileSink> FileSink::create(const std::string& path) {
  Fd fd(path == "-" ? ::dup(STDOUT_FILENO)
                    : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) return last_error("cannot write \"" + path + "\"");
  return FileSink(std::move(fd), path);
}

bool FileSink::write(Bytes record) {
  if (error_number_ != 0) return false;
  if (buffer_.size() + record.size() > kBufferSize && !flush()) return false;
  buffer_.insert(buffer_.end(), record.begin(), record.end());
  return true;
}

bool FileSink::flush() {
  if (error_number_ != 0) return false;
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t n = ::write(fd_.get(), buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail(errno);
      return false;
    }
    done += static_cast<std::size_t>(n);
  }
  written_ += done;
  buffer_.clear();
  return true;
}

void FileSink::fail(int error) {
  error_number_ = error;
  const bool cut = ::ftruncate(fd_.get(), static_cast<off_t>(written_)) == 0;
  error_ = "writing \"" + path_ + "\"";
  error_ += cut ? " (cut back to its last whole record, " + std::to_string(written_) + " bytes)"
                : " (it may end in the middle of a record)";
  buffer_.clear();
}

SystemResult<void> FileSink::close() {
  flush();
  const int closed = fd_ ? ::close(fd_.release()) : 0;
  if (closed != 0 && error_number_ == 0) fail(errno);
  return status();
}

SystemResult<void> FileSink::status() const {
  if (error_number_ != 0) return Err<SystemError>(error_of(error_number_, error_));
  return {};
}

}  // namespace strata
