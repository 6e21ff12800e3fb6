// Two queues, one per direction.
#include "strata/memory_link.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.hpp"
#include "buf/packet_buf.hpp"

namespace strata {
namespace {

/// How many frames a wire would have carried for this one.
std::uint8_t wire_segments(const buf::PacketBuf& frame) {
  if (frame.meta.gso_size == 0) return 1;
  const std::uint32_t segments = (frame.payload_size + frame.meta.gso_size - 1) / frame.meta.gso_size;
  return static_cast<std::uint8_t>(std::clamp(segments, 1U, 255U));
}

}  // namespace

struct MemoryLink::Queues {
  std::array<buf::PacketQueue, 2> to;  ///< frames on their way to end a, to end b
};

MemoryLink::MemoryLink(const MemoryLinkOptions& options)
    : options_(options), queues_(std::make_unique<Queues>()) {}

MemoryLink::~MemoryLink() = default;

Packet MemoryLink::End::receive(Stack&, Instant now) {
  Packet frame = link_->queues_->to[side_].pop_front();
  if (!frame) return frame;
  PacketMeta& meta = frame.meta();
  meta.arrival = now;
  meta.segments = wire_segments(*frame.raw());
  const bool is_good = meta.csum == ChecksumState::partial || link_->options_.trust_checksums;
  meta.csum = is_good ? ChecksumState::verified : ChecksumState::unverified;
  return frame;
}

bool MemoryLink::End::transmit(Packet& frame, Instant) {
  const LinkCapabilities& link = link_->options_.capabilities;
  STRATA_CHECK(frame.meta().gso_size == 0 || link.gso_max > 0);
  STRATA_CHECK(frame.meta().csum != ChecksumState::partial || link.checksum_offload_tx);
  buf::PacketQueue& queue = link_->queues_->to[1 - side_];
  if (queue.size() >= link_->options_.queue_max) return false;
  queue.push_back(std::move(frame));
  return true;
}

const LinkCapabilities& MemoryLink::End::capabilities() const { return link_->options_.capabilities; }

std::size_t MemoryLink::End::pending() const { return link_->queues_->to[side_].size(); }

}  // namespace strata
