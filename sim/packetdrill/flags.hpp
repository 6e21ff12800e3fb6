// The text of `--so_flags`: `profile=freebsd,tcp_rto_min_us=300000,script=a.pkt`. What it cannot mean is said
// in words.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "sim/drill/settings.hpp"

namespace strata::packetdrill {

struct Flags {
  drill::Profile profile = drill::Profile::linux;
  drill::Settings settings;
  bool trace = false;  ///< what the stack does, to standard error
};

/// Items separated by commas, in any order:
///   profile=linux|freebsd   whose choices where the RFCs leave one
///   script=FILE             the options and parameters at the top of this script, which the tool keeps to
///   itself trace                   see above NAME=VALUE              a parameter (`strata sysctl` lists
///   them), or an option of scripts (mtu, local_ip, ...)
std::expected<Flags, std::string> parse_flags(std::string_view text);

}  // namespace strata::packetdrill
