// Debian's liblwip on a TAP device of its own, as a second user-space stack to compare with. Its build has no
// segmentation offload and a window of 64 KiB.
#pragma once

#include <cstdint>

#include "bench/support/measure.hpp"

namespace strata::bench {

Sample lwip_kernel_sends(std::uint64_t total);
Sample lwip_kernel_receives(std::uint64_t total);

}  // namespace strata::bench
