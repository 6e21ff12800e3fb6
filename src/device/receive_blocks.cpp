#include "device/receive_blocks.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace strata {

ReceiveBlocks::~ReceiveBlocks() {
  for (std::size_t i = 0; i < count_; ++i) buf::Slice::adopt(blocks_[i], 0, 0).reset();
}

std::span<iovec> ReceiveBlocks::prepare(buf::BlockPool& blocks, iovec front) {
  iovecs_[0] = front;
  while (capacity_ <= kFrameMax && count_ < kBlocksMax) {
    buf::Block* block = blocks.allocate();
    if (block == nullptr) break;
    blocks_[count_++] = block;
    iovecs_[count_] = {block->data, block->capacity};
    capacity_ += block->capacity;
  }
  return {iovecs_.data(), count_ + 1};
}

Packet ReceiveBlocks::take(buf::PacketPool& packets, std::size_t size) {
  STRATA_CHECK(size > 0 && size <= capacity_);
  Packet packet = packets.allocate();
  if (!packet) return {};
  std::size_t used = 0;
  while (size > 0) {
    buf::Block* block = blocks_[used];
    const auto filled = static_cast<std::uint32_t>(std::min<std::size_t>(size, block->capacity));
    block->filled = filled;
    buf::Slice slice = buf::Slice::adopt(block, 0, filled);
    if (used == 0) {
      packet.raw()->head_slice = std::move(slice);
    } else {
      packet.raw()->append(std::move(slice));
    }
    size -= filled;
    capacity_ -= block->capacity;
    ++used;
  }
  // The last ones of the set move to the front: the order of empty blocks means nothing.
  for (std::size_t i = 0; i < std::min(used, count_ - used); ++i) {
    blocks_[i] = blocks_[count_ - 1 - i];
    iovecs_[i + 1] = iovecs_[count_ - i];
  }
  count_ -= used;
  return packet;
}

}  // namespace strata
