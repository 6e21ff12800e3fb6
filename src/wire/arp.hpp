// ARP for IPv4 over Ethernet (RFC 826), the only pair of address kinds in use.
//
//   0          2          4     5     6           8            14          18           24
//   | hardware | protocol | hlen| plen| operation | sender MAC | sender IP | target MAC | target IP
#pragma once

#include <cstdint>

#include "base/byte_order.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "wire/ethernet.hpp"
#include "wire/parse_error.hpp"

namespace strata {

inline constexpr std::uint16_t kArpRequest = 1;
inline constexpr std::uint16_t kArpReply = 2;

class ArpView {
 public:
  static constexpr std::size_t kSize = 28;

  /// Refuses every other kind or size of address, and every operation but request and reply.
  static Result<ArpView, ParseError> parse(Bytes packet) {
    if (packet.size() < 8) return Err{ParseError::arp_truncated};
    const ArpView view(packet);
    if (!view.has_known_format()) return Err{ParseError::arp_bad_format};
    if (packet.size() < kSize) return Err{ParseError::arp_truncated};
    return view;
  }

  std::uint16_t operation() const { return u16(6); }
  bool is_request() const { return operation() == kArpRequest; }
  MacAddress sender_mac() const { return load_mac(bytes_.data() + 8); }
  IpAddress sender_ip() const { return IpAddress::v4(load_be<std::uint32_t>(bytes_.data() + 14)); }
  MacAddress target_mac() const { return load_mac(bytes_.data() + 18); }
  IpAddress target_ip() const { return IpAddress::v4(load_be<std::uint32_t>(bytes_.data() + 24)); }

 private:
  friend struct ArpPacket;
  static constexpr std::uint16_t kHardwareEthernet = 1;

  explicit ArpView(Bytes bytes) : bytes_(bytes) {}
  bool has_known_format() const {
    return u16(0) == kHardwareEthernet && u16(2) == kEtherTypeIpv4 && bytes_[4] == 6 && bytes_[5] == 4 &&
           (operation() == kArpRequest || operation() == kArpReply);
  }
  std::uint16_t u16(std::size_t at) const { return load_be<std::uint16_t>(bytes_.data() + at); }

  Bytes bytes_;
};

struct ArpPacket {
  std::uint16_t operation = kArpRequest;
  MacAddress sender_mac{};
  IpAddress sender_ip{};
  MacAddress target_mac{};
  IpAddress target_ip{};

  static constexpr std::size_t kSize = ArpView::kSize;

  /// Preconditions: kSize bytes at `to`; both addresses are IPv4.
  void write(std::uint8_t* to) const {
    store_be(to, ArpView::kHardwareEthernet);
    store_be(to + 2, kEtherTypeIpv4);
    to[4] = 6;
    to[5] = 4;
    store_be(to + 6, operation);
    store_mac(to + 8, sender_mac);
    store_be(to + 14, sender_ip.v4_value());
    store_mac(to + 18, target_mac);
    store_be(to + 24, target_ip.v4_value());
  }
};

}  // namespace strata
