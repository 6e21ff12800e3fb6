// The blocks that the next frame will be read into. The set stays from frame to frame; only what a frame
// fills is replaced, so that a small frame costs one block and a frame always finds room, however full the
// pool is.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <span>

#include "buf/byte_queue.hpp"
#include "strata/packet.hpp"

namespace strata {

class ReceiveBlocks {
 public:
  /// 64 KiB of IP, an Ethernet header and a VLAN tag.
  static constexpr std::size_t kFrameMax = 65535 + 14 + 4;
  static constexpr std::size_t kBlocksMax = buf::kSlicesMax + 1;

  ReceiveBlocks() = default;
  ReceiveBlocks(const ReceiveBlocks&) = delete;
  ReceiveBlocks& operator=(const ReceiveBlocks&) = delete;
  ~ReceiveBlocks();

  /// Completes the set as far as the pool has blocks, and returns where to read to: `front` first, then the
  /// blocks.
  std::span<iovec> prepare(buf::BlockPool& blocks, iovec front);
  /// How many bytes the prepared blocks hold: more than any frame has, unless the pool is exhausted.
  std::size_t capacity() const { return capacity_; }
  /// A packet of the first `size` bytes read. Empty when no packet is free; the blocks are then read into
  /// again. Precondition: 0 < size <= capacity().
  Packet take(buf::PacketPool& packets, std::size_t size);

 private:
  std::array<buf::Block*, kBlocksMax> blocks_{};
  std::array<iovec, kBlocksMax + 1> iovecs_{};
  std::size_t count_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace strata
