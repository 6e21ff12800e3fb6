// Where a download goes: standard output, or a file that gets its name only when it is complete. Until then
// it is a temporary file beside it, which is removed if anything goes wrong.
#pragma once

#include <string>

#include "device/fd.hpp"
#include "strata/bytes.hpp"
#include "strata/system_error.hpp"

namespace strata::tools {

class OutputFile {
 public:
  /// Empty: standard output.
  static SystemResult<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  SystemResult<void> write(Bytes bytes);
  /// All bytes are there: the file gets its name.
  SystemResult<void> commit();

 private:
  OutputFile(Fd fd, std::string path, std::string temporary);

  Fd fd_;
  std::string path_;
  std::string temporary_;  ///< empty when there is nothing to rename or remove
};

}  // namespace strata::tools
