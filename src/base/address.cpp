// Addresses as ranges: what a prefix contains, and its special members.
#include "strata/address.hpp"

#include <algorithm>

namespace strata {
namespace {

constexpr std::uint32_t kV4Offset = 96;  // an IPv4 address is the last 32 of 128 bits

std::uint32_t bits_of(const Prefix& prefix) {
  const std::uint32_t offset = prefix.address.is_v4() ? kV4Offset : 0;
  return std::min<std::uint32_t>(offset + prefix.length, 128);
}

/// The first `bits` bits of `from`, the rest cleared.
IpAddress::Octets masked(const IpAddress& from, std::uint32_t bits) {
  IpAddress::Octets octets = from.octets();
  const std::size_t whole = bits / 8;
  if (whole == octets.size()) return octets;
  octets[whole] = static_cast<std::uint8_t>(octets[whole] & (0xff00U >> (bits % 8)));
  std::fill(octets.begin() + static_cast<std::ptrdiff_t>(whole) + 1, octets.end(), std::uint8_t{0});
  return octets;
}

}  // namespace

bool Prefix::contains(const IpAddress& other) const {
  if (other.family() != address.family()) return false;
  const std::uint32_t bits = bits_of(*this);
  return masked(other, bits) == masked(address, bits);
}

Prefix Prefix::network() const { return {IpAddress::v6(masked(address, bits_of(*this))), length}; }

std::optional<IpAddress> Prefix::directed_broadcast() const {
  // RFC 3021 §2.1: a 31-bit prefix has no directed broadcast; a single address has none either.
  if (!address.is_v4() || length > 30) return std::nullopt;
  return IpAddress::v4(address.v4_value() | 0xffff'ffffU >> length);
}

}  // namespace strata
