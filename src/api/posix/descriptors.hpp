// The table of descriptors: small integers, the lowest free one first, as POSIX asks.
#pragma once

#include <memory>
#include <vector>

#include "api/posix/file.hpp"

namespace strata::posix {

class Descriptors {
 public:
  static constexpr int kFirst = 3;      ///< 0, 1 and 2 belong to somebody else
  static constexpr int kMax = 1 << 20;  ///< as Linux's fs.nr_open

  /// The lowest free number from `at_least` on, or -EMFILE.
  int add(std::shared_ptr<File> file, bool close_on_exec, int at_least = kFirst);
  /// nullptr: no such descriptor.
  std::shared_ptr<File> find(int fd) const;
  /// Takes the number away; nullptr: there was none.
  std::shared_ptr<File> remove(int fd);

  bool close_on_exec(int fd) const { return slots_[index(fd)].close_on_exec; }
  void set_close_on_exec(int fd, bool on) { slots_[index(fd)].close_on_exec = on; }

 private:
  struct Slot {
    std::shared_ptr<File> file;
    bool close_on_exec = false;
  };
  static std::size_t index(int fd) { return static_cast<std::size_t>(fd - kFirst); }
  bool is_open(int fd) const;

  std::vector<Slot> slots_;
  int first_free_ = kFirst;  ///< nothing below is free
};

}  // namespace strata::posix
