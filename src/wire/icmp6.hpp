// ICMPv6 messages (RFC 4443): echo, and the errors that quote the packet they are about. The shape is that of
// ICMPv4; the checksum also covers a pseudo header (§2.3), so it needs both addresses.
//
//   0      1      2          4                          8
//   | type | code | checksum | id, sequence (echo)      | payload (echo) or quoted packet (errors)
//                            | MTU, pointer (errors)    |
#pragma once

#include <cstdint>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/parse_error.hpp"

namespace strata {

namespace icmp6_type {
inline constexpr std::uint8_t kUnreachable = 1;
inline constexpr std::uint8_t kPacketTooBig = 2;
inline constexpr std::uint8_t kTimeExceeded = 3;
inline constexpr std::uint8_t kParameterProblem = 4;
inline constexpr std::uint8_t kEchoRequest = 128;
inline constexpr std::uint8_t kEchoReply = 129;
inline constexpr std::uint8_t kListenerQuery = 130;  ///< MLD (RFC 2710, RFC 3810)
inline constexpr std::uint8_t kListenerReport1 = 131;
inline constexpr std::uint8_t kListenerDone1 = 132;
inline constexpr std::uint8_t kRouterSolicitation = 133;  ///< NDP (RFC 4861)
inline constexpr std::uint8_t kRouterAdvertisement = 134;
inline constexpr std::uint8_t kNeighborSolicitation = 135;
inline constexpr std::uint8_t kNeighborAdvertisement = 136;
inline constexpr std::uint8_t kRedirect = 137;
inline constexpr std::uint8_t kListenerReport2 = 143;  ///< MLDv2
}  // namespace icmp6_type

namespace icmp6_code {
// of icmp6_type::kUnreachable
inline constexpr std::uint8_t kNoRoute = 0;
inline constexpr std::uint8_t kProhibited = 1;
inline constexpr std::uint8_t kBeyondScope = 2;
inline constexpr std::uint8_t kAddress = 3;
inline constexpr std::uint8_t kPort = 4;
// of icmp6_type::kTimeExceeded
inline constexpr std::uint8_t kHopLimit = 0;
inline constexpr std::uint8_t kReassembly = 1;
// of icmp6_type::kParameterProblem
inline constexpr std::uint8_t kErroneousField = 0;
inline constexpr std::uint8_t kUnknownNextHeader = 1;
inline constexpr std::uint8_t kUnknownOption = 2;
inline constexpr std::uint8_t kIncompleteChain = 3;  ///< RFC 7112 §5
}  // namespace icmp6_code

class Icmp6View {
 public:
  static constexpr std::size_t kHeaderSize = 8;
  static constexpr std::size_t kChecksumOffset = 2;

  /// Checks the size only.
  static Result<Icmp6View, ParseError> parse(Bytes message) {
    if (message.size() < kHeaderSize) return Err{ParseError::icmp_truncated};
    return Icmp6View(message);
  }

  std::uint8_t type() const { return bytes_[0]; }
  std::uint8_t code() const { return bytes_[1]; }
  std::uint16_t checksum() const { return u16(kChecksumOffset); }
  /// RFC 4443 §2.1: known or not.
  bool is_error() const { return type() < 128; }
  /// The four bytes whose meaning depends on the type: the MTU of a packet too big, a parameter problem's
  /// pointer.
  std::uint32_t rest_of_header() const { return load_be<std::uint32_t>(bytes_.data() + 4); }
  /// Echo.
  std::uint16_t id() const { return u16(4); }
  std::uint16_t sequence() const { return u16(6); }
  Bytes payload() const { return bytes_.subspan(kHeaderSize); }
  /// Errors: the front of the packet that caused them.
  Bytes quoted() const { return payload(); }
  Bytes bytes() const { return bytes_; }

 private:
  explicit Icmp6View(Bytes bytes) : bytes_(bytes) {}
  std::uint16_t u16(std::size_t at) const { return load_be<std::uint16_t>(bytes_.data() + at); }

  Bytes bytes_;
};

/// The first eight bytes of a message, its checksum not yet there: it goes over what lies behind, too.
struct Icmp6Header {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t rest = 0;

  static constexpr std::size_t kSize = Icmp6View::kHeaderSize;

  static Icmp6Header echo(bool reply, std::uint16_t id, std::uint16_t sequence) {
    return {.type = reply ? icmp6_type::kEchoReply : icmp6_type::kEchoRequest,
            .code = 0,
            .rest = std::uint32_t{id} << 16 | sequence};
  }

  /// Precondition: kSize bytes at `to`.
  void write(std::uint8_t* to) const {
    to[0] = type;
    to[1] = code;
    store_be(to + Icmp6View::kChecksumOffset, std::uint16_t{0});
    store_be(to + 4, rest);
  }
};

/// Puts the checksum of a message into its field. Preconditions: the whole message, its field zero; neither
/// address is IPv4.
void finish_icmp6(MutableBytes message, const IpAddress& src, const IpAddress& dst);

}  // namespace strata
