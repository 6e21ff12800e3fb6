// IPv6 headers and what may lie between them and a transport (RFC 8200).
//
//    0                   1                   2                   3
//   |version| traffic class |             flow label                |
//   |        payload length         |  next header  |   hop limit   |
//   |                     source address, 16 bytes                  |
//   |                  destination address, 16 bytes                |
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/config.hpp"
#include "wire/parse_error.hpp"

namespace strata {

inline constexpr std::uint8_t kProtocolHopByHop = 0;
inline constexpr std::uint8_t kProtocolIpv6 = 41;
inline constexpr std::uint8_t kProtocolRouting = 43;
inline constexpr std::uint8_t kProtocolFragment = 44;
inline constexpr std::uint8_t kProtocolIcmp6 = 58;
inline constexpr std::uint8_t kProtocolNoNext = 59;
inline constexpr std::uint8_t kProtocolDestinationOptions = 60;

/// The smallest MTU of an IPv6 link (RFC 8200 §5).
inline constexpr std::size_t kIpv6MtuMin = 1280;

/// Precondition: 16 bytes at `from`. What is mapped from IPv4 comes out as IPv4: no packet may hold it.
inline IpAddress load_ipv6(const std::uint8_t* from) {
  IpAddress::Octets octets;
  std::memcpy(octets.data(), from, octets.size());
  return IpAddress::v6(octets);
}
inline void store_ipv6(std::uint8_t* to, const IpAddress& address) {
  std::memcpy(to, address.octets().data(), address.octets().size());
}

class Ipv6View {
 public:
  static constexpr std::size_t kSize = 40;
  static constexpr std::size_t kPayloadLengthAt = 4;
  static constexpr std::size_t kNextHeaderAt = 6;

  /// `head` must hold the header; `packet_size` counts head and payload pieces. Bytes beyond the payload
  /// length are link padding.
  static Result<Ipv6View, ParseError> parse(Bytes head, std::size_t packet_size) {
    if (head.size() < kSize) return Err{ParseError::ip_truncated};
    if (head[0] >> 4 != 6) return Err{ParseError::ip_bad_version};
    const Ipv6View view(head);
    if (view.total_length() > packet_size) return Err{ParseError::ip_bad_total_length};
    return view;
  }
  static Result<Ipv6View, ParseError> parse(Bytes packet) { return parse(packet, packet.size()); }
  /// The front of a packet as an ICMPv6 error quotes it: it may end early.
  static Result<Ipv6View, ParseError> parse_quoted(Bytes front) { return parse(front, kSize + 0xffff); }

  std::uint8_t traffic_class() const {
    return static_cast<std::uint8_t>(load_be<std::uint16_t>(bytes_.data()) >> 4);
  }
  std::uint8_t dscp() const { return traffic_class() >> 2; }
  std::uint8_t ecn() const { return traffic_class() & 3; }
  std::uint32_t flow_label() const { return load_be<std::uint32_t>(bytes_.data()) & 0xf'ffff; }
  std::size_t payload_length() const { return load_be<std::uint16_t>(bytes_.data() + kPayloadLengthAt); }
  std::size_t total_length() const { return kSize + payload_length(); }
  std::uint8_t next_header() const { return bytes_[kNextHeaderAt]; }
  std::uint8_t hop_limit() const { return bytes_[7]; }
  IpAddress src() const { return load_ipv6(bytes_.data() + 8); }
  IpAddress dst() const { return load_ipv6(bytes_.data() + 24); }
  /// Header and payload, as far as they lie in the head.
  Bytes bytes() const { return bytes_.first(std::min(bytes_.size(), total_length())); }

 private:
  explicit Ipv6View(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

struct Ipv6Header {
  IpAddress src{};
  IpAddress dst{};
  std::uint8_t next_header = kProtocolNoNext;
  std::uint8_t hop_limit = 64;
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  std::uint32_t flow_label = 0;  ///< 20 bits (RFC 6437)
  std::uint16_t payload_length = 0;

  static constexpr std::size_t kSize = Ipv6View::kSize;

  /// Preconditions: kSize bytes at `to`; neither address is IPv4.
  void write(std::uint8_t* to) const {
    const std::uint32_t traffic_class = std::uint32_t{dscp} << 2 | (ecn & 3U);
    store_be(to, 0x6000'0000U | traffic_class << 20 | (flow_label & 0xf'ffffU));
    store_be(to + 4, payload_length);
    store_be(to + 6, static_cast<std::uint16_t>(next_header << 8 | hop_limit));
    store_ipv6(to + 8, src);
    store_ipv6(to + 24, dst);
  }
};

/// A fragment header (RFC 8200 §4.5).
struct Ipv6Fragment {
  std::uint32_t id = 0;
  std::uint16_t offset = 0;  ///< in bytes
  bool more = false;
  std::uint16_t at = 0;        ///< where the header lies in the packet
  std::uint16_t named_at = 0;  ///< where the packet says that it comes

  static constexpr std::size_t kSize = 8;
  /// Alone a whole packet (RFC 6946).
  bool is_atomic() const { return offset == 0 && !more; }
};

/// What an IPv6 packet says in front of its payload.
struct Ipv6Chain {
  std::uint8_t protocol = kProtocolNoNext;           ///< of the payload
  std::uint16_t size = Ipv6View::kSize;              ///< of the IPv6 header and all others
  std::uint16_t named_at = Ipv6View::kNextHeaderAt;  ///< where the packet says `protocol`
  bool router_alert = false;                         ///< RFC 2711
  std::optional<Ipv6Fragment> fragment{};            ///< unless atomic, the walk ends behind it
};

/// Why a chain is not walked to its end, and what RFC 8200 §4 wants its sender to be told.
struct Ipv6Refusal {
  enum class Answer : std::uint8_t {
    none,
    to_unicast,  ///< unless the packet was to a group
    always,
  };
  ParseError reason = ParseError::ip6_bad_extension;
  Answer answer = Answer::none;
  std::uint8_t code = 0;      ///< of the parameter problem (RFC 4443 §3.4)
  std::uint16_t pointer = 0;  ///< into the packet
};

/// Walks the extension headers in whatever order they come. `packet` begins with an IPv6 header that was
/// parsed and ends where its payload ends, or earlier where the head does. Takes time in proportion to the
/// bytes walked over, and walks over no more than `limits` says.
Result<Ipv6Chain, Ipv6Refusal> walk_ipv6(Bytes packet, const Ipv6Limits& limits);

}  // namespace strata
