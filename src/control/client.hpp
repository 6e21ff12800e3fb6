// Asks another process, by its number (server.hpp is the other side).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "device/fd.hpp"
#include "strata/system_error.hpp"

namespace strata::control {

/// A stack that can be asked, once.
struct Door {
  pid_t pid = 0;
  int number = 0;  ///< of the stack in its process, from 1
  Fd socket;
};

/// The stacks of a process, in their order; an error that says why when it has none.
SystemResult<std::vector<Door>> doors_of(pid_t pid);

/// The answer to a request, neither with its line feed. Waits a few seconds at most.
SystemResult<std::string> ask(const Door& door, std::string_view request);

}  // namespace strata::control
