// Addresses, prefixes, ports and endpoints as values. IPv4 addresses are held in their IPv4-mapped IPv6 form
// (RFC 4291 §2.5.5.2), so that one table, one key and one comparison serve both families.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "strata/bytes.hpp"

namespace strata {

enum class Family : std::uint8_t { ipv4 = 4, ipv6 = 6 };

class IpAddress {
 public:
  using Octets = std::array<std::uint8_t, 16>;

  /// The IPv6 unspecified address `::`.
  constexpr IpAddress() = default;
  static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return IpAddress(Octets{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d});
  }
  /// `value` in host order: 0x0a4d0001 is 10.77.0.1.
  static constexpr IpAddress v4(std::uint32_t value) {
    if constexpr (std::endian::native == std::endian::little) {
      // In two words: a packet's addresses are compared by words right after they were read.
      const std::array<std::uint64_t, 2> words{0,
                                               std::uint64_t{__builtin_bswap32(value)} << 32 | 0xffff'0000U};
      return IpAddress(std::bit_cast<Octets>(words));
    }
    return v4(static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
              static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value));
  }
  static constexpr IpAddress v6(const Octets& octets) { return IpAddress(octets); }
  static constexpr IpAddress any(Family family) { return family == Family::ipv4 ? v4(0) : IpAddress(); }

  constexpr bool is_v4() const {
    const auto words = std::bit_cast<std::array<std::uint32_t, 4>>(octets_);
    constexpr auto kMapped = std::bit_cast<std::uint32_t>(std::array<std::uint8_t, 4>{0, 0, 0xff, 0xff});
    return words[0] == 0 && words[1] == 0 && words[2] == kMapped;
  }
  constexpr Family family() const { return is_v4() ? Family::ipv4 : Family::ipv6; }
  /// The address as a host-order number. Precondition: is_v4().
  constexpr std::uint32_t v4_value() const {
    if constexpr (std::endian::native == std::endian::little) {
      return __builtin_bswap32(std::bit_cast<std::array<std::uint32_t, 4>>(octets_)[3]);
    }
    return static_cast<std::uint32_t>(octets_[12]) << 24 | static_cast<std::uint32_t>(octets_[13]) << 16 |
           static_cast<std::uint32_t>(octets_[14]) << 8 | octets_[15];
  }
  constexpr const Octets& octets() const { return octets_; }

  constexpr bool is_unspecified() const { return *this == any(family()); }
  constexpr bool is_loopback() const {
    return is_v4() ? octets_[12] == 127 : *this == v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  }
  constexpr bool is_multicast() const { return is_v4() ? (octets_[12] & 0xf0) == 0xe0 : octets_[0] == 0xff; }
  /// fe80::/10 (RFC 4291 §2.5.6).
  constexpr bool is_link_local() const { return octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80; }
  /// IPv6, and means nothing without its link: link-local, or a group of no wider scope (RFC 4007 §6).
  constexpr bool needs_zone() const {
    return is_link_local() || (octets_[0] == 0xff && (octets_[1] & 0xf) <= 2);
  }
  /// The IPv4 limited broadcast 255.255.255.255 (RFC 919 §7).
  constexpr bool is_limited_broadcast() const { return *this == v4(0xffff'ffffU); }

  /// Two words each: keys of tables are compared for every packet.
  friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) {
    const auto x = std::bit_cast<std::array<std::uint64_t, 2>>(a.octets_);
    const auto y = std::bit_cast<std::array<std::uint64_t, 2>>(b.octets_);
    return x[0] == y[0] && x[1] == y[1];
  }
  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  explicit constexpr IpAddress(const Octets& octets) : octets_(octets) {}
  Octets octets_{};
};

/// An address range: the first `length` bits of `address`. Length counts in the family's own width (0-32,
/// 0-128).
struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;

  bool contains(const IpAddress& other) const;
  /// The prefix with all host bits cleared.
  Prefix network() const;
  /// 192.168.1.255 for 192.168.1.7/24; nothing for IPv6 and for IPv4 prefixes longer than 30 bits.
  std::optional<IpAddress> directed_broadcast() const;
  friend bool operator==(const Prefix&, const Prefix&) = default;
};

/// Where a packet goes to or comes from. `zone` is an interface number for scoped addresses, else 0.
struct Endpoint {
  IpAddress address;
  std::uint32_t zone = 0;
  std::uint16_t port = 0;
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// A 48-bit Ethernet address.
struct MacAddress {
  std::array<std::uint8_t, 6> octets{};
  static constexpr MacAddress broadcast() { return {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  constexpr bool is_multicast() const { return (octets[0] & 1) != 0; }
  constexpr bool is_broadcast() const { return *this == broadcast(); }
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
};

/// Dotted quad or RFC 4291 §2.2 text; nothing when the text is not exactly one address.
std::optional<IpAddress> parse_address(std::string_view text);
/// `10.77.0.2/24`.
std::optional<Prefix> parse_prefix(std::string_view text);
std::optional<MacAddress> parse_mac(std::string_view text);
/// RFC 5952 text for IPv6, dotted quad for IPv4.
std::string to_string(const IpAddress& address);
std::string to_string(const Prefix& prefix);
std::string to_string(const MacAddress& mac);
/// `10.77.0.2:80`, `[fe80::1%3]:80`.
std::string to_string(const Endpoint& endpoint);

}  // namespace strata
