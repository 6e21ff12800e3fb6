// Addresses as ranges: what a prefix contains, and its special members.
#include "strata/address.hpp"

#include <algorithm>

#include "base/byte_order.hpp"

namespace strata {
namespace {

constexpr std::uint32_t kV4Offset = 96;  // an IPv4 address is the last 32 of 128 bits

std::uint64_t high_word(const IpAddress& address) { return load_be<std::uint64_t>(address.octets().data()); }
std::uint64_t low_word(const IpAddress& address) {
  return load_be<std::uint64_t>(address.octets().data() + 8);
}

/// A word whose first `bits` bits are ones. Precondition: bits <= 64.
constexpr std::uint64_t leading_ones(std::uint32_t bits) {
  return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits);
}

/// The bits that a prefix fixes, in two words.
struct Mask {
  explicit Mask(const Prefix& prefix) {
    const std::uint32_t bits = prefix.length + (prefix.address.is_v4() ? kV4Offset : 0);
    high = leading_ones(std::min(bits, 64U));
    low = leading_ones(std::clamp(bits, 64U, 128U) - 64);
  }
  std::uint64_t high;
  std::uint64_t low;
};

}  // namespace

bool Prefix::contains(const IpAddress& other) const {
  const Mask mask(*this);
  const std::uint64_t differs = ((high_word(other) ^ high_word(address)) & mask.high) |
                                ((low_word(other) ^ low_word(address)) & mask.low);
  return differs == 0 && other.family() == address.family();
}

Prefix Prefix::network() const {
  const Mask mask(*this);
  IpAddress::Octets octets;
  store_be(octets.data(), high_word(address) & mask.high);
  store_be(octets.data() + 8, low_word(address) & mask.low);
  return {IpAddress::v6(octets), length};
}

std::optional<IpAddress> Prefix::directed_broadcast() const {
  // RFC 3021 §2.1: a 31-bit prefix has no directed broadcast; a single address has none either.
  if (!address.is_v4() || length > 30) return std::nullopt;
  return IpAddress::v4(address.v4_value() | 0xffff'ffffU >> length);
}

}  // namespace strata
