// Our own bugs abort loudly, in release builds too (STYLE R7 c). Never used for anything that a peer can
// cause.
#pragma once

#define STRATA_CHECK(condition)                               \
  do {                                                        \
    if (!(condition)) [[unlikely]] {                          \
      ::strata::check_failed(#condition, __FILE__, __LINE__); \
    }                                                         \
  } while (false)

namespace strata {

/// Writes the condition and its place to standard error and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace strata
