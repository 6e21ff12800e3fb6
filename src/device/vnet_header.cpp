#include "device/vnet_header.hpp"

#include <algorithm>

#include "base/byte_order.hpp"
#include "base/check.hpp"
#include "wire/ethernet.hpp"

namespace strata {
namespace {

constexpr std::size_t kTcpMinSize = 20;
constexpr std::size_t kTcpDataOffset = 12;
constexpr std::size_t kTcpFlags = 13;
constexpr std::uint8_t kCwrBit = 0x80;  // RFC 3168 §6.1.2: of the first piece alone

/// Bytes of the frame up to the TCP payload; 0 when the head does not hold a whole TCP header at `tcp_at`.
std::size_t headers_size(Bytes head, std::size_t tcp_at) {
  if (tcp_at == 0 || tcp_at + kTcpMinSize > head.size()) return 0;
  return tcp_at + static_cast<std::size_t>(head[tcp_at + kTcpDataOffset] >> 4) * 4;
}

std::uint8_t count_segments(const Packet& packet, std::size_t gso_size, std::size_t tcp_at) {
  const std::size_t headers = headers_size(packet.head(), tcp_at);
  if (headers == 0 || packet.size() <= headers) return 1;
  return static_cast<std::uint8_t>(
      std::min<std::size_t>((packet.size() - headers + gso_size - 1) / gso_size, 255));
}

bool is_ipv6(Bytes head) { return load_be<std::uint16_t>(head.data() + 12) == kEtherTypeIpv6; }

}  // namespace

VnetHeader vnet_header_for(const Packet& packet) {
  VnetHeader header;
  const PacketMeta& meta = packet.meta();
  if (meta.csum == ChecksumState::partial) {
    header.flags = VnetHeader::kNeedsChecksum;
    header.csum_start = meta.csum_start;
    header.csum_offset = meta.csum_offset;
  }
  if (meta.gso_size != 0) {
    const Bytes head = packet.head();
    const std::size_t headers = headers_size(head, meta.csum_start);
    // Every piece needs a checksum of its own, so a super-segment cannot carry a complete one.
    STRATA_CHECK(meta.csum == ChecksumState::partial && headers != 0);
    header.gso_type = is_ipv6(head) ? VnetHeader::kGsoTcpV6 : VnetHeader::kGsoTcpV4;
    if ((head[meta.csum_start + kTcpFlags] & kCwrBit) != 0) header.gso_type |= VnetHeader::kGsoEcn;
    header.gso_size = meta.gso_size;
    header.hdr_len = static_cast<std::uint16_t>(headers);
  }
  return header;
}

void apply_vnet_header(const VnetHeader& header, Packet& packet) {
  PacketMeta& meta = packet.meta();
  if ((header.flags & VnetHeader::kNeedsChecksum) != 0) {
    meta.csum = ChecksumState::partial;
    meta.csum_start = header.csum_start;
    meta.csum_offset = header.csum_offset;
  } else if ((header.flags & VnetHeader::kDataValid) != 0) {
    meta.csum = ChecksumState::verified;
  }
  const unsigned kind = header.gso_type & ~unsigned{VnetHeader::kGsoEcn};
  if (kind == VnetHeader::kGsoTcpV4 || kind == VnetHeader::kGsoTcpV6) {
    meta.gso_size = header.gso_size;
    meta.segments = header.gso_size == 0 ? 1 : count_segments(packet, header.gso_size, header.csum_start);
  }
}

}  // namespace strata
