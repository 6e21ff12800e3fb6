// UDP headers (RFC 768).
//
//   0             2                  4        6          8
//   | source port | destination port | length | checksum | payload
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/byte_order.hpp"
#include "strata/bytes.hpp"
#include "wire/parse_error.hpp"

namespace strata {

class UdpView {
 public:
  static constexpr std::size_t kSize = 8;
  static constexpr std::size_t kChecksumOffset = 6;

  /// `available` counts the bytes that IP delivered, in `head` and after it. More than the length field says
  /// is padding and ignored; less is an error.
  static Result<UdpView, ParseError> parse(Bytes head, std::size_t available) {
    if (head.size() < kSize) return Err{ParseError::udp_truncated};
    const UdpView view(head);
    if (view.length() < kSize || view.length() > available) return Err{ParseError::udp_bad_length};
    return view;
  }
  static Result<UdpView, ParseError> parse(Bytes datagram) { return parse(datagram, datagram.size()); }

  std::uint16_t src_port() const { return u16(0); }
  std::uint16_t dst_port() const { return u16(2); }
  /// Header and payload.
  std::uint16_t length() const { return u16(4); }
  /// 0: the sender computed none (IPv4 only).
  std::uint16_t checksum() const { return u16(kChecksumOffset); }
  std::size_t payload_size() const { return length() - kSize; }
  /// The part of the payload that lies in the head.
  Bytes payload() const {
    const Bytes rest = bytes_.subspan(kSize);
    return rest.first(std::min(rest.size(), payload_size()));
  }

 private:
  explicit UdpView(Bytes bytes) : bytes_(bytes) {}
  std::uint16_t u16(std::size_t at) const { return load_be<std::uint16_t>(bytes_.data() + at); }

  Bytes bytes_;
};

/// A finished sum as UDP sends it: zero would mean "none", so it goes out as all ones (RFC 768).
constexpr std::uint16_t udp_checksum_field(std::uint16_t finished) {
  return finished == 0 ? 0xffff : finished;
}

struct UdpHeader {
  std::uint16_t src_port = 0;
  std::uint16_t dst_port = 0;
  std::uint16_t length = kSize;
  std::uint16_t checksum = 0;

  static constexpr std::size_t kSize = UdpView::kSize;
  static constexpr std::size_t kChecksumOffset = UdpView::kChecksumOffset;

  /// Precondition: kSize bytes at `to`.
  void write(std::uint8_t* to) const {
    store_be(to, src_port);
    store_be(to + 2, dst_port);
    store_be(to + 4, length);
    store_be(to + kChecksumOffset, checksum);
  }
};

}  // namespace strata
