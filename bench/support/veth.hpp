// Linux to Linux, the yardstick of bulk transfer: one wire between this namespace and another.
#pragma once

#include <cstdint>

#include "bench/support/measure.hpp"

namespace strata::bench {

/// Sends `total` bytes of the pattern; `offload`: segmentation and checksums as the veth driver offers them.
Sample veth_transfer(bool offload, std::uint64_t total);
/// Sends one byte and waits for it, `rounds` times.
Sample veth_echo(int rounds);

}  // namespace strata::bench
