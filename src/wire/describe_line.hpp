// The line that the describe_*.cpp files write together, and the captured bytes that they read. A read past
// the captured bytes ends the line with ` [|protocol]`; whatever is written after that is dropped, so
// printers need no error paths.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "wire/describe.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"

namespace strata::describing {

/// As to_string(), except that an address in ::/96 ends in dotted quad, as tcpdump prints it.
std::string address_text(const IpAddress& address);

class Line {
 public:
  /// Appends texts, characters and decimal numbers.
  template <class... Parts>
  void put(const Parts&... parts) {
    if (!ended_) (append(parts), ...);
  }
  /// Appends two lower-case hexadecimal digits.
  void put_hex(std::uint8_t value) { put(kDigits[value >> 4], kDigits[value & 15]); }
  void put_hex(std::uint16_t value) {
    put_hex(static_cast<std::uint8_t>(value >> 8));
    put_hex(static_cast<std::uint8_t>(value));
  }

  void put_hex(std::uint32_t value) {
    put_hex(static_cast<std::uint16_t>(value >> 16));
    put_hex(static_cast<std::uint16_t>(value));
  }
  /// The same without leading zeros.
  void put_short_hex(std::uint32_t value) {
    if (value >= 16) put_short_hex(value >> 4);
    put(kDigits[value & 15]);
  }

  /// Names the protocol that a cut is blamed on from here on.
  void enter(std::string_view protocol) { protocol_ = protocol; }
  std::string_view protocol() const { return protocol_; }
  void put_truncated() { put(" [|", protocol_, "]"); }
  /// Ends the line: too few bytes were captured.
  void end_truncated() {
    put_truncated();
    ended_ = true;
  }
  /// Drops whatever is written from here on.
  void end() { ended_ = true; }
  void put_invalid() { put(" (invalid)"); }
  bool ended() const { return ended_; }

  std::uint8_t u8(Bytes from, std::size_t at) { return has(from, at, 1) ? from[at] : std::uint8_t{0}; }
  std::uint16_t u16(Bytes from, std::size_t at) {
    return has(from, at, 2) ? load_be<std::uint16_t>(from.data() + at) : std::uint16_t{0};
  }
  std::uint32_t u32(Bytes from, std::size_t at) {
    return has(from, at, 4) ? load_be<std::uint32_t>(from.data() + at) : 0U;
  }
  std::string ipv4(Bytes from, std::size_t at) { return to_string(IpAddress::v4(u32(from, at))); }
  std::string ipv6(Bytes from, std::size_t at) {
    return has(from, at, 16) ? address_text(load_ipv6(from.data() + at)) : std::string();
  }
  std::string mac(Bytes from, std::size_t at) {
    return has(from, at, 6) ? to_string(load_mac(from.data() + at)) : std::string();
  }

  std::string take() { return std::move(text_); }

 private:
  static constexpr std::string_view kDigits = "0123456789abcdef";

  bool has(Bytes from, std::size_t at, std::size_t size) {
    if (at <= from.size() && size <= from.size() - at) return true;
    end_truncated();
    return false;
  }
  void append(std::string_view text) { text_ += text; }
  void append(char character) { text_ += character; }
  void append(std::unsigned_integral auto number) { text_ += std::to_string(number); }

  std::string text_;
  std::string_view protocol_;
  bool ended_ = false;
};

/// The rest of `bytes` from `at` on; empty when there is none.
inline Bytes rest(Bytes bytes, std::size_t at) { return at < bytes.size() ? bytes.subspan(at) : Bytes(); }
/// At most the first `size` bytes.
inline Bytes cut(Bytes bytes, std::size_t size) { return size < bytes.size() ? bytes.first(size) : bytes; }

/// A transport message and what its printer must know of the IP packet around it.
struct Message {
  Bytes bytes;           ///< what was captured of it
  std::uint32_t length;  ///< what there was on the wire, by the IP header
  IpAddress src;
  IpAddress dst;
  bool after_extension;  ///< behind an IPv6 extension header: addresses are printed already
  bool fragmented;
};

/// These print the addresses together with the ports.
inline bool has_ports(std::uint8_t protocol) { return protocol == kProtocolTcp || protocol == kProtocolUdp; }

void describe_ipv4(Bytes packet, std::uint32_t length, FlowBases& flows, Line& line);
void describe_ipv6(Bytes packet, std::uint32_t length, FlowBases& flows, Line& line);
/// What IP carries, by its number; is_ipv4: in IPv4.
void describe_payload(std::uint8_t protocol, const Message& message, bool is_ipv4, FlowBases& flows,
                      Line& line);
void describe_icmp(const Message& message, Line& line);
void describe_icmp6(const Message& message, Line& line);
void describe_igmp(const Message& message, Line& line);
void describe_udp(const Message& message, Line& line);
void describe_tcp(const Message& message, FlowBases& flows, Line& line);
void describe_http(Bytes payload, std::size_t length, Line& line);

/// `10.77.0.1.40512 > 10.77.0.2.80: `
void put_ports(const Message& message, std::uint16_t src_port, std::uint16_t dst_port, Line& line);
/// `10.77.0.1 > 10.77.0.2:`
void put_addresses(const IpAddress& src, const IpAddress& dst, Line& line);
enum class Dump : std::uint8_t { hex_and_ascii, hex };
/// Bytes that no printer knows, as lines of 16.
void put_dump(Bytes bytes, Dump dump, Line& line);

}  // namespace strata::describing
