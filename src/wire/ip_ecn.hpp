// The two low bits of the IP traffic class (RFC 3168 §5), the same in IPv4 and IPv6.
#pragma once

#include <cstdint>

namespace strata::ip_ecn {

inline constexpr std::uint8_t kNotEct = 0;
inline constexpr std::uint8_t kEct1 = 1;
inline constexpr std::uint8_t kEct0 = 2;
inline constexpr std::uint8_t kCe = 3;  ///< congestion experienced

}  // namespace strata::ip_ecn
