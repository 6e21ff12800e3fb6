// The sums of all header fields that do not change from frame to frame are taken once per super-segment; a
// frame then costs one copy of the headers, a few additions and the sum over its payload.
#include "link/offload.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/byte_order.hpp"
#include "base/check.hpp"
#include "link/frame.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"
#include "wire/tcp.hpp"
#include "wire/udp.hpp"

namespace strata {
namespace {

using buf::PacketBuf;
using buf::Slice;

constexpr std::size_t kIpTotalLength = 2;
constexpr std::size_t kIpId = 4;
constexpr std::size_t kIpChecksum = 10;
constexpr std::size_t kTcpSeq = 4;
constexpr std::size_t kTcpFlags = 12;

std::uint64_t word_at(const std::uint8_t* from) { return wire_order(load_be<std::uint16_t>(from)); }

}  // namespace

bool complete_checksum(Packet& frame) {
  PacketMeta& meta = frame.meta();
  if (meta.csum != ChecksumState::partial) return true;
  PacketBuf& raw = *frame.raw();
  const std::size_t field = std::size_t{meta.csum_start} + meta.csum_offset;
  STRATA_CHECK(field + 2 <= raw.head().size());
  std::uint8_t* head = writable_head(raw);
  if (head == nullptr) return false;
  InternetChecksum sum;  // the field itself holds the sum of the pseudo header
  sum.add(raw.head().subspan(meta.csum_start));
  for (const Slice& slice : raw.payload()) sum.add(slice.bytes());
  // All ones and zero are the same number to TCP; UDP must not send zero.
  store_be(head + field, udp_checksum_field(sum.finish()));
  meta.csum = ChecksumState::unverified;
  return true;
}

bool Splitter::start(Packet& frame) {
  STRATA_CHECK(done());
  super_ = std::move(frame);
  next_ = before_ = {};
  whole_ = !read_headers();
  if (!whole_ || options_.leave_partial || complete_checksum(super_)) return true;
  frame = std::move(super_);
  return false;
}

/// False when the packet is not one that can be cut, or needs no cutting.
bool Splitter::read_headers() {
  PacketBuf& raw = *super_.raw();
  if (raw.meta.gso_size == 0) return false;
  ip_at_ = 0;
  if (options_.has_ethernet_header) {
    const auto ethernet = EthernetView::parse(raw.head());
    if (!ethernet || (ethernet->type() != kEtherTypeIpv4 && ethernet->type() != kEtherTypeIpv6)) return false;
    ip_at_ = EthernetView::kSize;
  }
  if (raw.head().size() <= ip_at_) return false;
  is_ipv6_ = raw.head()[ip_at_] >> 4 == 6;
  if (!(is_ipv6_ ? read_ipv6() : read_ipv4())) return false;
  const auto tcp = TcpView::parse(raw.head().subspan(tcp_at_));
  if (!tcp) return false;
  payload_at_ = tcp_at_ + tcp->header_size();
  seq_ = tcp->seq().raw();
  if (!separate_headers(raw, payload_at_)) return false;
  sum_constant_fields();
  return true;
}

bool Splitter::read_ipv4() {
  PacketBuf& raw = *super_.raw();
  const auto ip = Ipv4View::parse(raw.head().subspan(ip_at_), raw.size() - ip_at_);
  if (!ip || ip->protocol() != kProtocolTcp || ip->is_fragment()) return false;
  tcp_at_ = ip_at_ + ip->header_size();
  ip_id_ = ip->id();
  pseudo_ = pseudo_header(ip->src(), ip->dst(), kProtocolTcp, 0);
  raw.trim_to(ip_at_ + ip->total_length());
  return true;
}

/// Super-segments are made by stacks, and those put nothing between the two headers.
bool Splitter::read_ipv6() {
  PacketBuf& raw = *super_.raw();
  const auto ip = Ipv6View::parse(raw.head().subspan(ip_at_), raw.size() - ip_at_);
  if (!ip || ip->next_header() != kProtocolTcp) return false;
  tcp_at_ = ip_at_ + Ipv6View::kSize;
  pseudo_ = pseudo_header(ip->src(), ip->dst(), kProtocolTcp, 0);
  raw.trim_to(ip_at_ + ip->total_length());
  return true;
}

void Splitter::sum_constant_fields() {
  const std::uint8_t* head = super_.raw()->mutable_head();
  const std::uint8_t* ip = head + ip_at_;
  const std::uint8_t* tcp = head + tcp_at_;
  offset_and_flags_ = load_be<std::uint16_t>(tcp + kTcpFlags);
  if (!is_ipv6_) {
    ip_sum_ = sum_words_portable({ip, tcp_at_ - ip_at_});
    // Taking a word out of a one's complement sum is adding its complement.
    for (const std::size_t field : {kIpTotalLength, kIpId, kIpChecksum})
      ip_sum_ += 0xffff - word_at(ip + field);
  }
  tcp_constant_ = pseudo_;
  tcp_constant_.add({tcp, kTcpSeq});
  tcp_constant_.add({tcp + kTcpSeq + 4, kTcpFlags - kTcpSeq - 4});
  tcp_constant_.add({tcp + kTcpFlags + 2, 2});
  tcp_constant_.add(
      {tcp + TcpView::kChecksumOffset + 2, payload_at_ - tcp_at_ - TcpView::kChecksumOffset - 2});
}

Packet Splitter::next() {
  if (done()) return {};
  if (whole_) return std::move(super_);
  PacketBuf& super = *super_.raw();
  before_ = next_;
  Packet frame = super.shelf->allocate();
  if (!frame) return frame;
  PacketBuf& raw = *frame.raw();
  const std::uint32_t left = super.payload_size - next_.sent;
  const bool is_last = left <= super.meta.gso_size;
  std::memcpy(raw.prepend(payload_at_), super.mutable_head(), payload_at_);
  raw.meta = super.meta;
  raw.meta.gso_size = 0;
  next_ = share_payload(raw, std::min<std::uint32_t>(left, super.meta.gso_size));
  write_headers(raw, before_, is_last, options_.leave_partial);
  if (is_last) super_.reset();
  return frame;
}

/// Appends the `size` bytes at next_ to `frame`; returns the position behind them.
Splitter::Position Splitter::share_payload(PacketBuf& frame, std::uint32_t size) const {
  const PacketBuf& super = *super_.raw();
  Position at = next_;
  at.sent += size;
  ++at.frames;
  while (size > 0) {
    const Slice& slice = super.slices[at.slice];
    const std::uint32_t part = std::min(size, slice.size() - at.in_slice);
    frame.append(slice.share(at.in_slice, part));
    size -= part;
    at.in_slice += part;
    if (at.in_slice == slice.size()) {
      ++at.slice;
      at.in_slice = 0;
    }
  }
  return at;
}

Packet Splitter::take_back(Packet refused) {
  if (done()) return refused;
  refused.reset();
  PacketBuf& super = *super_.raw();
  for (std::size_t i = before_.slice; i < super.slice_count; ++i) {
    super.slices[i - before_.slice] = std::move(super.slices[i]);
  }
  super.slice_count = static_cast<std::uint16_t>(super.slice_count - before_.slice);
  super.slices[0].trim_front(before_.in_slice);
  super.payload_size -= before_.sent;
  write_headers(super, before_, true, true);
  return std::move(super_);
}

/// Corrects what differs between the headers of the packet and those of a frame that begins at `at`.
void Splitter::write_headers(PacketBuf& frame, const Position& at, bool is_last, bool leave_partial) const {
  using tcp_flag::kCwr;
  using tcp_flag::kFin;
  using tcp_flag::kPsh;
  std::uint8_t* head = frame.mutable_head();
  write_ip(head + ip_at_, payload_at_ - ip_at_ + frame.payload_size, at.frames);

  std::uint8_t* tcp = head + tcp_at_;
  std::uint16_t flags = offset_and_flags_;
  if (!is_last) flags &= static_cast<std::uint16_t>(~(kFin | kPsh));
  if (at.frames > 0) flags &= static_cast<std::uint16_t>(~kCwr);  // RFC 3168 §6.1.2: CWR once
  store_be(tcp + kTcpSeq, seq_ + at.sent);
  store_be(tcp + kTcpFlags, flags);

  InternetChecksum sum = leave_partial ? pseudo_ : tcp_constant_;
  sum.add_u32(static_cast<std::uint32_t>(payload_at_ - tcp_at_) + frame.payload_size);
  frame.meta.csum_start = static_cast<std::uint16_t>(tcp_at_);
  frame.meta.csum_offset = TcpView::kChecksumOffset;
  if (leave_partial) {
    frame.meta.csum = ChecksumState::partial;
    store_be(tcp + TcpView::kChecksumOffset, sum.folded());
    return;
  }
  sum.add_u32(seq_ + at.sent);
  sum.add_u16(flags);
  for (const Slice& slice : frame.payload()) sum.add(slice.bytes());
  frame.meta.csum = ChecksumState::unverified;
  store_be(tcp + TcpView::kChecksumOffset, sum.finish());
}

void Splitter::write_ip(std::uint8_t* ip, std::size_t total_length, std::uint32_t index) const {
  if (is_ipv6_) {
    return store_be(ip + Ipv6View::kPayloadLengthAt,
                    static_cast<std::uint16_t>(total_length - Ipv6View::kSize));
  }
  const auto total = static_cast<std::uint16_t>(total_length);
  const auto id = static_cast<std::uint16_t>(ip_id_ + index);
  const std::uint16_t sum = fold_checksum(ip_sum_ + wire_order(total) + wire_order(id));
  store_be(ip + kIpTotalLength, total);
  store_be(ip + kIpId, id);
  store_be(ip + kIpChecksum, wire_order(static_cast<std::uint16_t>(~sum)));
}

}  // namespace strata
