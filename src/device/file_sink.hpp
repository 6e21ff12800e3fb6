// Writes a file of records that another program may read while it grows (a capture under `tail -f`, or a pipe
// into tshark). The file is written in place, so that it can be followed; in return it is cut back to its
// last whole record when a write fails, so that nothing half-written is taken for whole.
#pragma once

#include <string>
#include <vector>

#include "device/fd.hpp"
#include "strata/bytes.hpp"
#include "strata/system_error.hpp"

namespace strata {

class FileSink {
 public:
  /// Replaces the file. `-` is standard output.
  static SystemResult<FileSink> create(const std::string& path);
  FileSink(FileSink&&) noexcept = default;
  FileSink& operator=(FileSink&&) noexcept = default;
  /// Writes what is still buffered; call close() to learn whether that went well.
  ~FileSink();

  /// Adds one whole record. False once a write has failed; nothing is written any more then.
  bool write(Bytes record);
  /// For a sink that is a {context, function} pair.
  static bool write_to(void* context, Bytes record) { return static_cast<FileSink*>(context)->write(record); }
  /// Hands buffered records to the system; worth doing whenever there is nothing else to do.
  bool flush();
  /// Flushes and ends; the error says how many bytes were kept.
  SystemResult<void> close();
  SystemResult<void> status() const;

 private:
  FileSink(Fd fd, std::string path);
  void fail(int error);

  Fd fd_;
  std::string path_;
  std::vector<std::uint8_t> buffer_;  ///< whole records
  std::uint64_t written_ = 0;         ///< bytes in the file, all of whole records
  std::string error_;
  int error_number_ = 0;
};

}  // namespace strata
