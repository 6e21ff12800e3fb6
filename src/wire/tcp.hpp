// TCP headers (RFC 9293 §3.1). Sequence numbers come out as SeqNum; the window comes out as sent, before
// scaling.
//
//    0                   1                   2                   3
//   |          source port          |       destination port        |
//   |                        sequence number                        |
//   |                     acknowledgment number                     |
//   | offset|0 0 0|A|C|E|U|A|P|R|S|F|            window             |
//   |           checksum            |        urgent pointer         |
//   |                     options, 0 to 40 bytes                    |
#pragma once

#include <cstdint>

#include "base/byte_order.hpp"
#include "base/seq_num.hpp"
#include "strata/bytes.hpp"
#include "wire/parse_error.hpp"
#include "wire/tcp_options.hpp"

namespace strata {

namespace tcp_flag {
inline constexpr std::uint16_t kFin = 1;
inline constexpr std::uint16_t kSyn = 2;
inline constexpr std::uint16_t kRst = 4;
inline constexpr std::uint16_t kPsh = 8;
inline constexpr std::uint16_t kAck = 16;
inline constexpr std::uint16_t kUrg = 32;
inline constexpr std::uint16_t kEce = 64;   ///< RFC 3168 §6.1
inline constexpr std::uint16_t kCwr = 128;  ///< RFC 3168 §6.1
inline constexpr std::uint16_t kAe = 256;   ///< Accurate ECN, once the nonce sum
}  // namespace tcp_flag

class TcpView {
 public:
  static constexpr std::size_t kMinSize = 20;
  static constexpr std::size_t kChecksumOffset = 16;

  /// `head` must hold the header with its options; payload may lie behind it.
  static Result<TcpView, ParseError> parse(Bytes head) {
    if (head.size() < kMinSize) return Err{ParseError::tcp_truncated};
    const TcpView view(head);
    if (view.header_size() < kMinSize) return Err{ParseError::tcp_bad_data_offset};
    if (view.header_size() > head.size()) return Err{ParseError::tcp_truncated};
    return view;
  }

  std::uint16_t src_port() const { return u16(0); }
  std::uint16_t dst_port() const { return u16(2); }
  SeqNum seq() const { return SeqNum(load_be<std::uint32_t>(bytes_.data() + 4)); }
  SeqNum ack() const { return SeqNum(load_be<std::uint32_t>(bytes_.data() + 8)); }
  std::size_t header_size() const { return std::size_t{bytes_[12]} >> 4 << 2; }
  /// Bits of tcp_flag.
  std::uint16_t flags() const { return u16(12) & 0x1ff; }
  bool has(std::uint16_t flag) const { return (flags() & flag) != 0; }
  std::uint16_t window() const { return u16(14); }
  std::uint16_t checksum() const { return u16(kChecksumOffset); }
  std::uint16_t urgent() const { return u16(18); }
  Bytes options() const { return bytes_.subspan(kMinSize, header_size() - kMinSize); }
  /// The part of the payload that lies in the head.
  Bytes payload() const { return bytes_.subspan(header_size()); }

 private:
  explicit TcpView(Bytes bytes) : bytes_(bytes) {}
  std::uint16_t u16(std::size_t at) const { return load_be<std::uint16_t>(bytes_.data() + at); }

  Bytes bytes_;
};

struct TcpHeader {
  std::uint16_t src_port = 0;
  std::uint16_t dst_port = 0;
  SeqNum seq{};
  SeqNum ack{};
  std::uint16_t flags = 0;
  std::uint16_t window = 0;
  std::uint16_t urgent = 0;
  TcpOptions options{};

  static constexpr std::size_t kMinSize = TcpView::kMinSize;
  static constexpr std::size_t kMaxSize = kMinSize + kTcpOptionsSizeMax;
  static constexpr std::size_t kChecksumOffset = TcpView::kChecksumOffset;

  /// Header and options.
  std::size_t size() const { return kMinSize + tcp_options_size(options); }

  /// Leaves the checksum field zero: only the caller knows the payload. Precondition: size() bytes at `to`.
  void write(std::uint8_t* to) const {
    const std::size_t options_size = write_tcp_options(options, {to + kMinSize, tcp_options_size(options)});
    const std::size_t words = (kMinSize + options_size) / 4;
    store_be(to, src_port);
    store_be(to + 2, dst_port);
    store_be(to + 4, seq.raw());
    store_be(to + 8, ack.raw());
    store_be(to + 12, static_cast<std::uint16_t>(words << 12 | (flags & 0x1ff)));
    store_be(to + 14, window);
    store_be(to + kChecksumOffset, std::uint16_t{0});
    store_be(to + 18, urgent);
  }
};

}  // namespace strata
