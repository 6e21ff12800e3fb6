// The Internet checksum (RFC 1071): the one's complement sum of 16-bit words, over any number of pieces of
// any length, and its incremental update (RFC 1624). The sum is kept in the machine's own byte order, where
// it costs no swap per word (RFC 1071 §2 B), and turned into a number once at the end.
#pragma once

#include <bit>
#include <cstdint>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"

namespace strata {

/// Adds the two halves of a sum until 16 bits are left.
constexpr std::uint16_t fold_checksum(std::uint64_t sum) {
  sum = (sum & 0xffff'ffffU) + (sum >> 32);
  sum = (sum & 0xffff'ffffU) + (sum >> 32);
  sum = (sum & 0xffffU) + (sum >> 16);
  sum = (sum & 0xffffU) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

/// A number in the byte order of the wire, and back.
constexpr std::uint16_t wire_order(std::uint16_t value) {
  return std::endian::native == std::endian::little ? swap_bytes(value) : value;
}

/// The words of `bytes` in the machine's byte order, summed up; an odd last byte counts as if a zero
/// followed. To be folded. Uses AVX2 where the processor has it.
std::uint64_t sum_words(Bytes bytes);
/// The same sum without special instructions: the reference that tests and benchmarks compare with.
std::uint64_t sum_words_portable(Bytes bytes);

class InternetChecksum {
 public:
  /// Appends a piece of the summed data. A piece may start at an odd offset.
  void add(Bytes piece) {
    const std::uint16_t sum = fold_checksum(sum_words(piece));
    sum_ += odd_ ? swap_bytes(sum) : sum;
    odd_ ^= (piece.size() & 1) != 0;
  }
  /// Appends one field given as a number. Precondition: an even number of bytes came before.
  void add_u16(std::uint16_t value) { sum_ += wire_order(value); }
  void add_u32(std::uint32_t value) {
    add_u16(static_cast<std::uint16_t>(value >> 16));
    add_u16(static_cast<std::uint16_t>(value));
  }

  /// The bare sum as a number for store_be: what a partial checksum holds for the pseudo header.
  std::uint16_t folded() const { return wire_order(fold_checksum(sum_)); }
  /// The checksum field's value for store_be, when the field counted as zero.
  std::uint16_t finish() const { return static_cast<std::uint16_t>(~folded()); }
  /// True when the data summed so far included its own right checksum field (RFC 1071 §1 (3)).
  bool is_valid() const { return folded() == 0xffff; }

 private:
  std::uint64_t sum_ = 0;
  bool odd_ = false;
};

/// The start of every TCP and UDP checksum: RFC 9293 §3.1 for IPv4, RFC 8200 §8.1 for IPv6. `length` counts
/// the transport header and its payload. Precondition: both addresses are of one family.
InternetChecksum pseudo_header(const IpAddress& src, const IpAddress& dst, std::uint8_t protocol,
                               std::uint32_t length);

/// A checksum field after one of the summed 16-bit values changed (RFC 1624 §3, equation 3).
constexpr std::uint16_t checksum_update(std::uint16_t old_checksum, std::uint16_t old_value,
                                        std::uint16_t new_value) {
  const std::uint32_t sum = std::uint32_t{static_cast<std::uint16_t>(~old_checksum)} +
                            std::uint32_t{static_cast<std::uint16_t>(~old_value)} + new_value;
  return static_cast<std::uint16_t>(~fold_checksum(sum));
}

}  // namespace strata
