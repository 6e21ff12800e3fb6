// The commands between backticks. No shell runs: the few things that scripts use commands for are understood
// and done here, and everything else is unsupported by name.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace strata::drill {

/// `sysctl -w name=value`, also by its path below /proc/sys.
struct SetParameter {
  std::string name;
  std::string value;
};
/// The script that sets what the public suite for Linux starts from.
struct SetLinuxDefaults {};
/// `sockstat ... | grep -c TIME_WAIT | grep 1`: as many sockets are in this state.
struct CountSockets {
  std::string state;
  std::int64_t count = 0;
};
using ShellAction = std::variant<SetParameter, SetLinuxDefaults, CountSockets>;

/// What the commands ask for, in order; or the command that nothing here does.
std::expected<std::vector<ShellAction>, std::string> interpret_shell(std::string_view text);

}  // namespace strata::drill
