// What a link can do for a stack: the values that a device and an interface agree on.
#pragma once

#include <cstddef>

namespace strata {

/// What a device can do for the stack.
struct LinkCapabilities {
  std::size_t mtu = 1500;   ///< IP bytes per frame
  std::size_t gso_max = 0;  ///< TCP payload bytes of a super-segment the device cuts; 0: it cuts nothing
  bool checksum_offload_tx = false;  ///< the device completes ChecksumState::partial
  bool has_ethernet_header = true;   ///< false: frames begin with the IP header (TUN, loopback)
};

}  // namespace strata
