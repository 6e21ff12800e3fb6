// SipHash-2-4 (Aumasson, Bernstein): the keyed hash behind initial sequence numbers, port offsets and the
// flow table.
#pragma once

#include <cstdint>

#include "strata/bytes.hpp"

namespace strata {

struct SipKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

std::uint64_t siphash24(const SipKey& key, Bytes message);

}  // namespace strata
