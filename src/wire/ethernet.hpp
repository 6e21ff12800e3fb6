// Ethernet II frames (RFC 894).
//
//   0          6          12     14
//   | dst MAC  | src MAC  | type | payload (padded to 46 bytes on the wire)
#pragma once

#include <cstdint>
#include <cstring>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "wire/parse_error.hpp"

namespace strata {

inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherTypeArp = 0x0806;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;

/// Precondition: six bytes at `from`.
inline MacAddress load_mac(const std::uint8_t* from) {
  MacAddress mac{};
  std::memcpy(mac.octets.data(), from, mac.octets.size());
  return mac;
}
inline void store_mac(std::uint8_t* to, const MacAddress& mac) {
  std::memcpy(to, mac.octets.data(), mac.octets.size());
}

class EthernetView {
 public:
  static constexpr std::size_t kSize = 14;

  static Result<EthernetView, ParseError> parse(Bytes frame) {
    if (frame.size() < kSize) return Err{ParseError::eth_runt};
    return EthernetView(frame);
  }

  MacAddress dst() const { return load_mac(bytes_.data()); }
  MacAddress src() const { return load_mac(bytes_.data() + 6); }
  std::uint16_t type() const { return load_be<std::uint16_t>(bytes_.data() + 12); }
  static constexpr std::size_t header_size() { return kSize; }
  Bytes payload() const { return bytes_.subspan(kSize); }

 private:
  explicit EthernetView(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

struct EthernetHeader {
  MacAddress dst{};
  MacAddress src{};
  std::uint16_t type = kEtherTypeIpv4;

  static constexpr std::size_t kSize = EthernetView::kSize;

  /// Precondition: kSize bytes at `to`.
  void write(std::uint8_t* to) const {
    store_mac(to, dst);
    store_mac(to + 6, src);
    store_be(to + 12, type);
  }
};

}  // namespace strata
