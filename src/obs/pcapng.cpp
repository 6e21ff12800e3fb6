// All numbers are little-endian, whatever the machine: the format lets the writer choose, and equal runs give
// equal files.
#include "obs/pcapng.hpp"

#include <algorithm>
#include <array>

#include "base/byte_order.hpp"
#include "base/check.hpp"
#include "wire/checksum.hpp"
#include "wire/udp.hpp"

namespace strata::obs {
namespace {

constexpr std::uint32_t kSectionHeaderBlock = 0x0a0d'0d0a;
constexpr std::uint32_t kInterfaceDescriptionBlock = 1;
constexpr std::uint32_t kEnhancedPacketBlock = 6;
constexpr std::uint32_t kByteOrderMagic = 0x1a2b'3c4d;

constexpr std::uint16_t kOptEndOfOptions = 0;
constexpr std::uint16_t kOptComment = 1;
constexpr std::uint16_t kShbUserApplication = 4;
constexpr std::uint16_t kIfName = 2;
constexpr std::uint16_t kIfDescription = 3;
constexpr std::uint16_t kIfTimeResolution = 9;
constexpr std::uint16_t kEpbFlags = 2;

constexpr std::uint16_t kLinkTypeEthernet = 1;
constexpr std::uint16_t kLinkTypeRaw = 101;
constexpr std::uint8_t kNanoseconds = 9;
constexpr std::uint32_t kInbound = 1;
constexpr std::uint32_t kOutbound = 2;

/// Completes the partial checksum of a flat frame.
void complete_checksum(MutableBytes frame, const PacketMeta& meta) {
  const std::size_t field = std::size_t{meta.csum_start} + meta.csum_offset;
  if (field + 2 > frame.size()) return;
  InternetChecksum sum;
  sum.add(frame.subspan(meta.csum_start));
  store_be(frame.data() + field, udp_checksum_field(sum.finish()));
}

}  // namespace

PcapngWriter::PcapngWriter(ByteSink sink, const PcapngOptions& options)
    : sink_(sink), origin_nanos_(options.origin_nanos) {
  begin_block(kSectionHeaderBlock);
  put_u32(kByteOrderMagic);
  put_u16(1);  // version 1.0
  put_u16(0);
  put_u32(0xffff'ffff);  // the section's length is not known
  put_u32(0xffff'ffff);
  put_option(kShbUserApplication, as_bytes(options.application));
  end_options();
  end_block();
}

std::uint32_t PcapngWriter::add_interface(const PcapngInterface& interface) {
  begin_block(kInterfaceDescriptionBlock);
  put_u16(interface.has_ethernet_header ? kLinkTypeEthernet : kLinkTypeRaw);
  put_u16(0);
  put_u32(0);  // frames are not cut short
  put_option(kIfName, as_bytes(interface.name));
  put_option(kIfDescription, as_bytes(interface.description));
  put_option(kIfTimeResolution, std::array{kNanoseconds});
  end_options();
  end_block();
  return interfaces_++;
}

void PcapngWriter::write_frame(const FrameNote& note, const Packet& frame) {
  if (has_failed_) return;
  begin_packet_block(note, frame.size());
  const std::size_t begin = block_.size();
  block_.resize(begin + (frame.size() + 3) / 4 * 4);
  const MutableBytes copy = MutableBytes(block_).subspan(begin, frame.size());
  frame.copy_to(copy);
  if (frame.meta().csum == ChecksumState::partial) complete_checksum(copy, frame.meta());
  end_packet_block(note);
}

void PcapngWriter::write_frame(const FrameNote& note, Bytes frame) {
  if (has_failed_) return;
  begin_packet_block(note, frame.size());
  put_padded(frame);
  end_packet_block(note);
}

void PcapngWriter::begin_packet_block(const FrameNote& note, std::size_t size) {
  STRATA_CHECK(note.interface < interfaces_);
  const auto nanos = static_cast<std::uint64_t>(origin_nanos_ + note.at.count_nanos());
  begin_block(kEnhancedPacketBlock);
  put_u32(note.interface);
  put_u32(static_cast<std::uint32_t>(nanos >> 32));
  put_u32(static_cast<std::uint32_t>(nanos));
  put_u32(static_cast<std::uint32_t>(size));  // captured
  put_u32(static_cast<std::uint32_t>(size));  // on the wire
}

void PcapngWriter::end_packet_block(const FrameNote& note) {
  put_u16(kEpbFlags);
  put_u16(4);
  put_u32(note.direction == FrameDirection::in ? kInbound : kOutbound);
  put_option(kOptComment, as_bytes(note.comment));
  end_options();
  end_block();
  if (!has_failed_) ++frames_written_;
}

void PcapngWriter::begin_block(std::uint32_t type) {
  block_.clear();
  put_u32(type);
  put_u32(0);  // the length, known at the end
}

void PcapngWriter::end_block() {
  const auto length = static_cast<std::uint32_t>(block_.size() + 4);
  put_u32(length);
  std::copy_n(block_.end() - 4, 4, block_.begin() + 4);
  if (!has_failed_) has_failed_ = !sink_.write(sink_.context, block_);
}

void PcapngWriter::put_u16(std::uint16_t value) {
  block_.push_back(static_cast<std::uint8_t>(value));
  block_.push_back(static_cast<std::uint8_t>(value >> 8));
}

void PcapngWriter::put_u32(std::uint32_t value) {
  put_u16(static_cast<std::uint16_t>(value));
  put_u16(static_cast<std::uint16_t>(value >> 16));
}

void PcapngWriter::put_padded(Bytes bytes) {
  block_.insert(block_.end(), bytes.begin(), bytes.end());
  block_.resize((block_.size() + 3) / 4 * 4);
}

/// Leaves empty values out, and ends at 65535 bytes.
void PcapngWriter::put_option(std::uint16_t code, Bytes value) {
  if (value.empty()) return;
  value = value.first(std::min<std::size_t>(value.size(), 0xffff));
  put_u16(code);
  put_u16(static_cast<std::uint16_t>(value.size()));
  put_padded(value);
}

void PcapngWriter::end_options() {
  put_u16(kOptEndOfOptions);
  put_u16(0);
}

}  // namespace strata::obs
