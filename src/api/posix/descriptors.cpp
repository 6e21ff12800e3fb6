#include "api/posix/descriptors.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace strata::posix {

bool Descriptors::is_open(int fd) const {
  return fd >= kFirst && index(fd) < slots_.size() && slots_[index(fd)].file != nullptr;
}

int Descriptors::add(std::shared_ptr<File> file, bool close_on_exec, int at_least) {
  int fd = std::max(first_free_, at_least);
  while (is_open(fd)) ++fd;
  if (fd >= kMax) return -EMFILE;
  if (index(fd) >= slots_.size()) slots_.resize(index(fd) + 1);
  slots_[index(fd)] = {.file = std::move(file), .close_on_exec = close_on_exec};
  if (at_least <= first_free_) first_free_ = fd + 1;
  return fd;
}

std::shared_ptr<File> Descriptors::find(int fd) const {
  return is_open(fd) ? slots_[index(fd)].file : nullptr;
}

std::shared_ptr<File> Descriptors::remove(int fd) {
  if (!is_open(fd)) return nullptr;
  first_free_ = std::min(first_free_, fd);
  return std::exchange(slots_[index(fd)].file, nullptr);
}

}  // namespace strata::posix
