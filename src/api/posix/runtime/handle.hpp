// What a strata_host is, and how results become what C expects.
#pragma once

#include <cerrno>
#include <memory>
#include <string>

#include "api/posix/runtime/runtime.hpp"
#include "strata/strata.h"

struct strata_host {
  std::unique_ptr<strata::posix::Runtime> runtime;
};

namespace strata::posix {

/// -errno becomes -1 and errno.
inline long answer(long result) {
  if (result >= 0) return result;
  errno = static_cast<int>(-result);
  return -1;
}
inline int answer_int(long result) { return static_cast<int>(answer(result)); }

}  // namespace strata::posix
