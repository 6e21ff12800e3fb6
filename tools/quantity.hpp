// Amounts on the command line, as everywhere.
#pragma once

#include "obs/quantity.hpp"

namespace strata::tools {

using obs::format_bytes;
using obs::format_millis;
using obs::parse_duration;
using obs::parse_percent;
using obs::parse_rate;
using obs::parse_size;

}  // namespace strata::tools
