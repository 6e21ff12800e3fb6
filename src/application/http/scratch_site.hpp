// A directory with files for tests, gone with the object.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace strata::http {

class ScratchSite {
 public:
  ScratchSite() {
    std::string pattern = (std::filesystem::temp_directory_path() / "strata-site-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
    top_ = pattern;
    std::filesystem::create_directory(root());
  }
  ~ScratchSite() { std::filesystem::remove_all(top_); }
  ScratchSite(const ScratchSite&) = delete;
  ScratchSite& operator=(const ScratchSite&) = delete;

  /// What may be shown; its parent holds what may not.
  std::filesystem::path root() const { return top_ / "www"; }

  void write(const std::string& name, const std::string& contents) const {
    std::filesystem::create_directories((root() / name).parent_path());
    std::ofstream(root() / name, std::ios::binary) << contents;
  }
  void link(const std::string& name, const std::string& to) const {
    std::filesystem::create_symlink(to, root() / name);
  }

 private:
  std::filesystem::path top_;
};

}  // namespace strata::http
