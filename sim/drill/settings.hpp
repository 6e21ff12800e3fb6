// What a script can set before it begins: the options at its top, the profile that it was written for, the
// parameters that its shell lines name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/drill/flow.hpp"
#include "sim/drill/script.hpp"
#include "strata/config.hpp"
#include "strata/link.hpp"

namespace strata::drill {

/// Whose wire image and timing the script expects where the RFCs leave a choice.
enum class Profile : std::uint8_t { linux, freebsd };
std::optional<Profile> parse_profile(std::string_view name);

struct Settings {
  Config stack;
  LinkCapabilities link;
  Ends ends{.local = IpAddress::v4(192, 168, 0, 1), .remote = IpAddress::v4(192, 0, 2, 1)};
  bool is_ipv6() const { return !ends.local.is_v4(); }
  Duration tolerance = Duration::millis(4);
  std::int64_t tolerance_permille = 125;  ///< of the time since the last event, where that is more
  Duration timestamp_tick;                ///< zero: time stamps are not compared
  bool strict_segments = false;
  bool packets_may_differ = false;  ///< `--non_fatal=packet`
  bool calls_may_differ = false;    ///< `--non_fatal=syscall`
};

/// `exact`: things happen at their time or are late; a script that names a tolerance has it nevertheless.
Settings settings_of(Profile profile, bool exact);

/// The same script over IPv6: other addresses, and a link that is as much wider as the header is longer, so
/// that segments are of the same size.
void use_ipv6(Settings& to);

/// Nothing when the line was understood.
std::optional<ScriptError> apply_option(const OptionLine& option, Settings& to);

/// The values that the public suite for Linux sets before each of its scripts.
void apply_linux_defaults(Settings& to);

enum class SysctlOutcome : std::uint8_t {
  applied,
  irrelevant,   ///< nothing here depends on it, whatever the value
  unsupported,  ///< no such parameter, or not this value
};
/// `net.ipv4.tcp_timestamps` or `net.inet.tcp.sack.enable`, with a value as sysctl takes it.
SysctlOutcome apply_sysctl(std::string_view name, std::string_view value, Settings& to);

}  // namespace strata::drill
