// What an operating system call said, with a sentence for people. Used by everything that touches the host;
// the core has Errc.
#pragma once

#include <string>
#include <utility>

#include "strata/error.hpp"

namespace strata {

struct SystemError {
  SystemError(int error_number, std::string sentence) : number(error_number), text(std::move(sentence)) {}
  int number;        ///< errno, or 0 when no call failed
  std::string text;  ///< what was tried, why it failed and what to do
};

template <class T>
using SystemResult = Result<T, SystemError>;

}  // namespace strata
