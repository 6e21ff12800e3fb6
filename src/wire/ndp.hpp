// Neighbour discovery messages (RFC 4861 §4): ICMPv6 with a fixed part by type, then options in units of
// eight bytes.
//
//   router solicitation     | header, reserved                                       | options from  8
//   router advertisement    | header, hop limit, flags, lifetime | reachable, retrans | options from 16
//   neighbour solicitation  | header, reserved        | target                       | options from 24
//   neighbour advertisement | header, flags, reserved | target                       | options from 24
//   redirect                | header, reserved        | target       | destination   | options from 40
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/time.hpp"
#include "wire/icmp6.hpp"
#include "wire/parse_error.hpp"

namespace strata {

namespace nd_option {
inline constexpr std::uint8_t kSourceLinkLayer = 1;
inline constexpr std::uint8_t kTargetLinkLayer = 2;
inline constexpr std::uint8_t kPrefix = 3;
inline constexpr std::uint8_t kRedirected = 4;
inline constexpr std::uint8_t kMtu = 5;
inline constexpr std::uint8_t kNonce = 14;       ///< RFC 3971 §5.3.2, for RFC 7527
inline constexpr std::uint8_t kRoute = 24;       ///< RFC 4191 §2.3
inline constexpr std::uint8_t kDnsServers = 25;  ///< RFC 8106 §5.1
}  // namespace nd_option

/// Tells our own solicitation that comes back from somebody else's (RFC 7527).
using NdNonce = std::array<std::uint8_t, 6>;

/// Seconds on the wire; all ones is for ever.
using NdLifetime = std::uint32_t;
inline constexpr NdLifetime kNdForever = 0xffff'ffff;

/// How much a router wants to be used (RFC 4191 §2.1).
enum class RouterPreference : std::int8_t { low = -1, medium = 0, high = 1 };

/// RFC 4861 §4.6.2.
struct NdPrefix {
  Prefix prefix;
  bool on_link = false;
  bool autonomous = false;
  NdLifetime valid = 0;
  NdLifetime preferred = 0;
};

/// RFC 4191 §2.3.
struct NdRoute {
  Prefix prefix;
  RouterPreference preference = RouterPreference::medium;
  NdLifetime lifetime = 0;
};

/// The options of one message. Only made from a list in which every option has a size and an end.
class NdOptions {
 public:
  /// `nd_bad_option` when one has no size or ends behind the list (RFC 4861 §4.6: the whole message goes).
  static Result<NdOptions, ParseError> parse(Bytes list);

  bool has(std::uint8_t type) const { return !first(type).empty(); }
  /// The Ethernet address in a link-layer option.
  std::optional<MacAddress> mac(std::uint8_t type) const;
  std::optional<std::uint32_t> mtu() const;
  std::optional<NdNonce> nonce() const;

  /// Calls `see(type, option)` for each option in order; an option includes its type and size.
  template <class See>
  void for_each(See&& see) const {
    for (Bytes left = list_; !left.empty(); left = left.subspan(size_of(left))) {
      see(left[0], left.first(size_of(left)));
    }
  }

 private:
  explicit NdOptions(Bytes list) : list_(list) {}
  static std::size_t size_of(Bytes from) { return std::size_t{from[1]} * 8; }
  Bytes first(std::uint8_t type) const;

  Bytes list_;
};

/// What an option says; nothing when it contradicts itself. Each takes one that for_each() gave.
std::optional<NdPrefix> read_nd_prefix(Bytes option);
std::optional<NdRoute> read_nd_route(Bytes option);
struct NdDnsServers {
  NdLifetime lifetime = 0;
  Bytes addresses;  ///< sixteen bytes each

  std::size_t size() const { return addresses.size() / 16; }
  IpAddress operator[](std::size_t i) const;
};
std::optional<NdDnsServers> read_nd_dns_servers(Bytes option);

/// Any of the five messages; an accessor belongs to the types that it names.
class NdView {
 public:
  /// Preconditions: 8 bytes at least, and a type of the five. Checks the size and the list of options.
  static Result<NdView, ParseError> parse(Bytes message);

  std::uint8_t type() const { return bytes_[0]; }
  const NdOptions& options() const { return options_; }

  // Neighbour solicitation and advertisement, redirect.
  IpAddress target() const;
  // Neighbour advertisement (RFC 4861 §4.4).
  bool is_router() const { return (bytes_[4] & 0x80) != 0; }
  bool is_solicited() const { return (bytes_[4] & 0x40) != 0; }
  bool overrides() const { return (bytes_[4] & 0x20) != 0; }
  // Redirect.
  IpAddress destination() const;
  // Router advertisement (RFC 4861 §4.2).
  std::uint8_t hop_limit() const { return bytes_[4]; }
  RouterPreference preference() const;
  std::uint16_t router_lifetime() const { return load_be<std::uint16_t>(bytes_.data() + 6); }
  std::uint32_t reachable_ms() const { return load_be<std::uint32_t>(bytes_.data() + 8); }
  std::uint32_t retrans_ms() const { return load_be<std::uint32_t>(bytes_.data() + 12); }

 private:
  NdView(Bytes bytes, NdOptions options) : bytes_(bytes), options_(options) {}
  Bytes bytes_;
  NdOptions options_;
};

/// The three messages of a host. Each write() takes room for size() bytes and leaves the checksum zero.
struct NdSolicitation {
  IpAddress target{};
  std::optional<MacAddress> source_mac{};
  std::optional<NdNonce> nonce{};

  std::size_t size() const { return 24U + (source_mac ? 8U : 0U) + (nonce ? 8U : 0U); }
  void write(std::uint8_t* to) const;
};

struct NdAdvertisement {
  IpAddress target{};
  bool router = false;
  bool solicited = false;
  bool overrides = false;
  MacAddress target_mac{};

  std::size_t size() const { return 32; }
  void write(std::uint8_t* to) const;
};

struct NdRouterSolicitation {
  std::optional<MacAddress> source_mac{};

  std::size_t size() const { return 8U + (source_mac ? 8U : 0U); }
  void write(std::uint8_t* to) const;
};

/// ff02::1:ffXX:XXXX, the group in which the owner of an address listens for questions (RFC 4291 §2.7.1).
IpAddress solicited_node_group(const IpAddress& address);

}  // namespace strata
