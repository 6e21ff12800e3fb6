// A directory that a server may show, and files opened beneath it. The only system calls of the application
// layer. No name, no `..` and no symbolic link leads out of the root: the kernel itself refuses (openat2,
// RESOLVE_BENEATH).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "strata/bytes.hpp"

namespace strata::http {

enum class FileError : std::uint8_t {
  not_found,  ///< no such file, or it lies outside the root
  forbidden,  ///< it exists, but may not be read, or is neither a file nor a directory
  busy,       ///< out of descriptors or memory: another time it may work
  io_error,   ///< the disk failed, or the file became shorter while it was read
};

/// An open regular file or directory, closed with the object.
class File {
 public:
  File(int fd, std::uint64_t size, std::int64_t modified_nanos, bool directory)
      : fd_(fd), size_(size), modified_nanos_(modified_nanos), directory_(directory) {}
  File(File&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        size_(other.size_),
        modified_nanos_(other.modified_nanos_),
        directory_(other.directory_) {}
  File& operator=(File&&) = delete;
  ~File();

  bool is_directory() const { return directory_; }
  std::uint64_t size() const { return size_; }
  std::int64_t modified_nanos() const { return modified_nanos_; }
  std::int64_t modified_seconds() const { return modified_nanos_ / 1'000'000'000; }
  /// Fills `into` from `offset` on. Precondition: the range lies within size().
  std::expected<void, FileError> read(std::uint64_t offset, MutableBytes into) const;

 private:
  int fd_;
  std::uint64_t size_;
  std::int64_t modified_nanos_;
  bool directory_;
};

class FileRoot {
 public:
  /// The directory `path`; otherwise one line that says why not.
  static std::expected<FileRoot, std::string> at(const std::string& path);
  FileRoot(FileRoot&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileRoot& operator=(FileRoot&&) = delete;
  ~FileRoot();

  /// The file or directory at these names below the root; no names: the root itself.
  std::expected<File, FileError> open(std::span<const std::string> names) const;
  /// The same for kernels without openat2 (before 5.6): one name at a time, and symbolic links are not
  /// followed at all.
  std::expected<File, FileError> open_by_walking(std::span<const std::string> names) const;

 private:
  explicit FileRoot(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace strata::http
