// A keyed hash of an address of either family: nobody can choose addresses that share a bucket.
#pragma once

#include <cstdint>

#include "base/byte_order.hpp"
#include "strata/address.hpp"

namespace strata::internet {

inline std::uint64_t address_hash(std::uint64_t key, const IpAddress& address) {
  std::uint64_t hash = key;
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}}) {
    hash = (hash ^ load_be<std::uint64_t>(address.octets().data() + at)) * 0x9e37'79b9'7f4a'7c15U;
    hash ^= hash >> 32;
  }
  return hash;
}

}  // namespace strata::internet
