// The header that Linux puts in front of a frame to talk about offload (virtio 1.2 §5.1.6), the same for TAP
// devices and packet sockets: which checksum is still partial, and where a super-segment is to be cut.
// <linux/virtio_net.h>, where Linux declares it, has a member named `class` and so cannot be included here.
#pragma once

#include <cstdint>

#include "strata/packet.hpp"

namespace strata {

/// In the byte order of the machine.
struct VnetHeader {
  static constexpr std::uint8_t kNeedsChecksum =
      1;  ///< flags: the checksum at csum_start + csum_offset is partial
  static constexpr std::uint8_t kDataValid = 2;  ///< flags: the checksum was found right
  static constexpr std::uint8_t kGsoTcpV4 = 1;
  static constexpr std::uint8_t kGsoTcpV6 = 4;
  static constexpr std::uint8_t kGsoEcn = 0x80;  ///< gso_type: beside one of the above

  std::uint8_t flags = 0;
  std::uint8_t gso_type = 0;
  std::uint16_t hdr_len = 0;
  std::uint16_t gso_size = 0;
  std::uint16_t csum_start = 0;
  std::uint16_t csum_offset = 0;
};
static_assert(sizeof(VnetHeader) == 10);

/// What the kernel must do to `packet` before it is a frame on a wire.
VnetHeader vnet_header_for(const Packet& packet);

/// Puts what the kernel says about a received frame into its meta data.
void apply_vnet_header(const VnetHeader& header, Packet& packet);

}  // namespace strata
