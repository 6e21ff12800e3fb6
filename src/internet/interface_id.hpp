// Interface identifiers that stay the same on one network, differ from network to network and tell nothing
// about the adapter (RFC 7217).
#pragma once

#include <cstdint>

#include "base/siphash.hpp"
#include "strata/address.hpp"

namespace strata::internet {

/// The address in `prefix` (64 bits of it) for the adapter `mac`. `attempt`: how many were in use already
/// (§6). `moment`: what makes one that does not last differ from the last (RFC 8981 §3.3.2). Without a key
/// nobody can tell one adapter's addresses.
IpAddress stable_address(const SipKey& key, const Prefix& prefix, const MacAddress& mac, std::uint8_t attempt,
                         std::uint64_t moment = 0);

}  // namespace strata::internet
