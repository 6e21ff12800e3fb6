// ICMPv4 messages (RFC 792): echo, and the errors that quote the datagram they are about.
//
//   0      1      2          4                       8
//   | type | code | checksum | id, sequence (echo)   | payload (echo) or quoted datagram (errors)
//                            | unused, MTU (errors)  |
#pragma once

#include <cstdint>

#include "base/byte_order.hpp"
#include "strata/bytes.hpp"
#include "wire/checksum.hpp"
#include "wire/parse_error.hpp"

namespace strata {

namespace icmp_type {
inline constexpr std::uint8_t kEchoReply = 0;
inline constexpr std::uint8_t kUnreachable = 3;
inline constexpr std::uint8_t kSourceQuench = 4;
inline constexpr std::uint8_t kRedirect = 5;
inline constexpr std::uint8_t kEchoRequest = 8;
inline constexpr std::uint8_t kTimeExceeded = 11;
inline constexpr std::uint8_t kParameterProblem = 12;
}  // namespace icmp_type

/// Codes of icmp_type::kUnreachable.
namespace icmp_code {
inline constexpr std::uint8_t kNet = 0;
inline constexpr std::uint8_t kHost = 1;
inline constexpr std::uint8_t kProtocol = 2;
inline constexpr std::uint8_t kPort = 3;
inline constexpr std::uint8_t kFragmentationNeeded = 4;
inline constexpr std::uint8_t kSourceRouteFailed = 5;
inline constexpr std::uint8_t kAdminProhibited = 13;
}  // namespace icmp_code

class IcmpView {
 public:
  static constexpr std::size_t kHeaderSize = 8;

  /// Checks the size only; a checksum may already be vouched for, see checksum_ok().
  static Result<IcmpView, ParseError> parse(Bytes message) {
    if (message.size() < kHeaderSize) return Err{ParseError::icmp_truncated};
    return IcmpView(message);
  }

  std::uint8_t type() const { return bytes_[0]; }
  std::uint8_t code() const { return bytes_[1]; }
  std::uint16_t checksum() const { return u16(2); }
  bool checksum_ok() const { return fold_checksum(sum_words(bytes_)) == 0xffff; }

  bool is_error() const {
    return type() == icmp_type::kUnreachable || type() == icmp_type::kSourceQuench ||
           type() == icmp_type::kRedirect || type() == icmp_type::kTimeExceeded ||
           type() == icmp_type::kParameterProblem;
  }
  /// The four bytes whose meaning depends on the type.
  std::uint32_t rest_of_header() const { return load_be<std::uint32_t>(bytes_.data() + 4); }
  /// Echo.
  std::uint16_t id() const { return u16(4); }
  std::uint16_t sequence() const { return u16(6); }
  Bytes payload() const { return bytes_.subspan(kHeaderSize); }
  /// Fragmentation needed: the next hop's MTU (RFC 1191 §4), 0 from old routers.
  std::uint16_t mtu() const { return u16(6); }
  /// Errors: the front of the datagram that caused them.
  Bytes quoted() const { return payload(); }

 private:
  explicit IcmpView(Bytes bytes) : bytes_(bytes) {}
  std::uint16_t u16(std::size_t at) const { return load_be<std::uint16_t>(bytes_.data() + at); }

  Bytes bytes_;
};

/// An echo request or reply; `payload` is copied by write().
struct IcmpEcho {
  bool reply = false;
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  Bytes payload{};

  std::size_t size() const { return IcmpView::kHeaderSize + payload.size(); }
  /// Writes header, payload and checksum; returns size(). Precondition: to.size() >= size().
  std::size_t write(MutableBytes to) const;
};

/// Destination unreachable. `mtu` is only sent with icmp_code::kFragmentationNeeded (RFC 1191 §4).
struct IcmpUnreachable {
  std::uint8_t code = icmp_code::kPort;
  std::uint16_t mtu = 0;
  Bytes quoted{};

  std::size_t size() const { return IcmpView::kHeaderSize + quoted.size(); }
  std::size_t write(MutableBytes to) const;
};

/// Code 0: the TTL ran out; code 1: reassembly took too long.
struct IcmpTimeExceeded {
  std::uint8_t code = 0;
  Bytes quoted{};

  std::size_t size() const { return IcmpView::kHeaderSize + quoted.size(); }
  std::size_t write(MutableBytes to) const;
};

}  // namespace strata
