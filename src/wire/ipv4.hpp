// IPv4 headers (RFC 791 §3.1) and their options.
//
//    0                   1                   2                   3
//   |version|  IHL  |   DSCP    |ECN|         total length          |
//   |        identification         |0|D|M|     fragment offset     |
//   |      TTL      |   protocol    |        header checksum        |
//   |                        source address                         |
//   |                      destination address                      |
//   |                     options, 0 to 40 bytes                    |
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/parse_error.hpp"

namespace strata {

inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolUdp = 17;

/// What the option list of a datagram says, as far as a host must know.
struct Ipv4Options {
  bool source_route = false;  ///< loose or strict source route (RFC 791 §3.1)
};

/// One bounded pass over the option list; `ip_bad_option` when a length is below 2 or leads past the end.
Result<Ipv4Options, ParseError> parse_ipv4_options(Bytes options);

class Ipv4View {
 public:
  static constexpr std::size_t kMinSize = 20;

  /// The checks of RFC 1122 §3.2.1 and RFC 1812 §5.2.2. `head` must hold the whole header; `packet_size`
  /// counts head and payload pieces. Bytes beyond the total length are link padding. A total length of 0
  /// stands for "more than 65535 bytes" in super-segments and is refused for smaller packets.
  static Result<Ipv4View, ParseError> parse(Bytes head, std::size_t packet_size) {
    if (head.size() < kMinSize) return Err{ParseError::ip_truncated};
    Ipv4View view(head);
    if (head[0] >> 4 != 4) return Err{ParseError::ip_bad_version};
    if (view.header_size() < kMinSize) return Err{ParseError::ip_bad_header_length};
    if (view.header_size() > head.size()) return Err{ParseError::ip_truncated};
    view.total_ = view.u16(2);
    if (view.total_ == 0 && packet_size > 0xffff) view.total_ = packet_size;
    if (view.total_ < view.header_size() || view.total_ > packet_size)
      return Err{ParseError::ip_bad_total_length};
    if (fold_checksum(sum_words_portable(head.first(view.header_size()))) != 0xffff) {
      return Err{ParseError::ip_bad_checksum};
    }
    return view;
  }
  static Result<Ipv4View, ParseError> parse(Bytes packet) { return parse(packet, packet.size()); }
  /// The front of a datagram as an ICMP error quotes it: it ends early, and routers may have left the
  /// checksum stale.
  static Result<Ipv4View, ParseError> parse_quoted(Bytes front) {
    if (front.size() < kMinSize) return Err{ParseError::ip_truncated};
    Ipv4View view(front);
    if (front[0] >> 4 != 4) return Err{ParseError::ip_bad_version};
    if (view.header_size() < kMinSize) return Err{ParseError::ip_bad_header_length};
    if (view.header_size() > front.size()) return Err{ParseError::ip_truncated};
    view.total_ = std::max<std::size_t>(view.u16(2), view.header_size());
    return view;
  }

  std::size_t header_size() const { return std::size_t{bytes_[0] & 0x0fU} * 4; }
  std::uint8_t dscp() const { return bytes_[1] >> 2; }
  std::uint8_t ecn() const { return bytes_[1] & 3; }
  std::size_t total_length() const { return total_; }
  std::uint16_t id() const { return u16(4); }
  bool dont_fragment() const { return (u16(6) & 0x4000) != 0; }
  bool more_fragments() const { return (u16(6) & 0x2000) != 0; }
  /// In bytes.
  std::size_t fragment_offset() const { return std::size_t{u16(6) & 0x1fffU} * 8; }
  bool is_fragment() const { return (u16(6) & 0x3fff) != 0; }
  std::uint8_t ttl() const { return bytes_[8]; }
  std::uint8_t protocol() const { return bytes_[9]; }
  IpAddress src() const { return IpAddress::v4(load_be<std::uint32_t>(bytes_.data() + 12)); }
  IpAddress dst() const { return IpAddress::v4(load_be<std::uint32_t>(bytes_.data() + 16)); }
  Bytes options() const { return bytes_.subspan(kMinSize, header_size() - kMinSize); }
  std::size_t payload_size() const { return total_ - header_size(); }
  /// The part of the payload that lies in the head.
  Bytes payload() const {
    const Bytes rest = bytes_.subspan(header_size());
    return rest.first(std::min(rest.size(), payload_size()));
  }

 private:
  explicit Ipv4View(Bytes bytes) : bytes_(bytes) {}
  std::uint16_t u16(std::size_t at) const { return load_be<std::uint16_t>(bytes_.data() + at); }

  Bytes bytes_;
  std::size_t total_ = 0;
};

/// A header without options.
struct Ipv4Header {
  IpAddress src{};
  IpAddress dst{};
  std::uint8_t protocol = 0;
  std::uint8_t ttl = 64;
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  std::uint16_t id = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;  ///< in bytes, a multiple of eight
  std::uint16_t total_length = kSize;

  static constexpr std::size_t kSize = Ipv4View::kMinSize;

  /// Computes the checksum, from the values: bytes that were just stored are slow to read in other sizes.
  /// Preconditions: kSize bytes at `to`; both addresses are IPv4.
  void write(std::uint8_t* to) const {
    const auto service = static_cast<std::uint16_t>(0x4500 | dscp << 2 | (ecn & 3));
    const auto fragment = static_cast<std::uint16_t>((dont_fragment ? 0x4000 : 0) |
                                                     (more_fragments ? 0x2000 : 0) | fragment_offset / 8);
    const auto life = static_cast<std::uint16_t>(ttl << 8 | protocol);
    const std::uint32_t from = src.v4_value();
    const std::uint32_t towards = dst.v4_value();
    const std::uint64_t sum = std::uint64_t{service} + total_length + id + fragment + life + from + towards;
    store_be(to, service);
    store_be(to + 2, total_length);
    store_be(to + 4, id);
    store_be(to + 6, fragment);
    store_be(to + 8, life);
    store_be(to + 10, static_cast<std::uint16_t>(~fold_checksum(sum)));
    store_be(to + 12, from);
    store_be(to + 16, towards);
  }
};

}  // namespace strata
