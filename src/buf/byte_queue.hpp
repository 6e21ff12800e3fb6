// A queue of bytes held as slices: what waits to be sent or read. Bytes are addressed by their distance from
// the front, and ranges of them can be shared into packets without copying. Two places are remembered, so
// that a sender of new bytes and one that repeats old ones each go on where they were: their cost is constant
// per slice, however much is queued. Any other place costs a step for each node before it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "buf/block_pool.hpp"
#include "buf/packet_buf.hpp"
#include "buf/slice.hpp"
#include "strata/bytes.hpp"
#include "strata/config.hpp"

namespace strata::buf {

inline constexpr std::size_t kSlicesPerNode = 14;

struct QueueNode {
  QueueNode* next = nullptr;
  std::uint16_t first = 0;  ///< slices [first, last) are in use
  std::uint16_t last = 0;
  std::uint32_t bytes = 0;  ///< of them together
  std::array<Slice, kSlicesPerNode> slices;
};

/// Nodes of queues, recycled.
class NodePool {
 public:
  explicit NodePool(std::size_t max) : max_(max) {}
  NodePool(const NodePool&) = delete;
  NodePool& operator=(const NodePool&) = delete;
  ~NodePool();
  QueueNode* allocate();
  void release(QueueNode* node);
  std::size_t in_use() const { return in_use_; }

 private:
  std::size_t max_;
  std::size_t made_ = 0;
  std::size_t in_use_ = 0;
  QueueNode* free_ = nullptr;
};

/// All memory for frames and payload of one stack.
struct Pools {
  explicit Pools(const BufferLimits& limits)
      : blocks(limits.block_size, limits.blocks_max),
        packets(limits.packets_max),
        nodes(limits.queue_nodes_max) {}
  BlockPool blocks;
  PacketPool packets;
  NodePool nodes;
};

/// A packet that holds a copy of `frame`, in blocks; empty when memory ran out.
Packet copy_in(Pools& pools, Bytes frame);
/// Copies `data` behind what `packet` holds, as payload; false when memory ran out, with a part of it
/// appended.
bool append_copy(Pools& pools, PacketBuf& packet, Bytes data);

class ByteQueue {
 public:
  ByteQueue() = default;
  ByteQueue(ByteQueue&& other) noexcept;
  ByteQueue& operator=(ByteQueue&&) = delete;
  ByteQueue(const ByteQueue&) = delete;
  /// Precondition: clear() was called, or the queue is empty.
  ~ByteQueue() { STRATA_CHECK(head_ == nullptr); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Copies data to the end, filling up the last block first; returns how many bytes were taken (memory may
  /// run out).
  std::size_t append_copy(Pools& pools, Bytes data);
  /// Appends without copying. A piece that continues the last one's block joins it; a small one is copied
  /// instead of pinning a block. False, with nothing changed, when no node is left.
  bool append(Pools& pools, Slice slice);
  /// Appends bytes [skip, skip + size) of `packet` (head, then payload), sharing its blocks. False when
  /// memory ran out: then a first part may have been taken. Precondition: skip + size <= packet.size().
  bool append_packet(Pools& pools, const PacketBuf& packet, std::size_t skip, std::size_t size);
  /// Moves all of `other` behind this queue.
  void append_all(ByteQueue& other);

  /// The first contiguous piece.
  Bytes front() const;
  /// Copies min(size(), into.size()) bytes from the front and removes them.
  std::size_t read(Pools& pools, MutableBytes into);
  void drop_front(Pools& pools, std::size_t n);
  void drop_back(Pools& pools, std::size_t n);
  void clear(Pools& pools);

  /// Shares bytes [offset, offset + size) into `packet` until it is full; returns how many bytes went in.
  /// Precondition: offset + size <= this->size().
  std::size_t share_into(PacketBuf& packet, std::size_t offset, std::size_t size);
  /// Copies without removing. Precondition: offset + to.size() <= size().
  void copy_out(std::size_t offset, MutableBytes to) const;

 private:
  struct Position {
    QueueNode* node = nullptr;
    std::uint32_t slice = 0;
    std::uint32_t begin = 0;  ///< number of the slice's first byte; base_ is the front's
  };
  std::uint32_t distance(const Position& position) const { return position.begin - base_; }
  const Position* nearest_before(std::size_t offset) const;
  Position seek(std::size_t offset) const;
  void remember(const Position& position);
  static void step(Position& position);
  Slice* last_slice() const { return tail_ == nullptr ? nullptr : &tail_->slices[tail_->last - 1U]; }
  Slice* make_slot(Pools& pools);
  void put(Slice& slot, Slice slice);
  bool append_small(Pools& pools, Bytes data);

  QueueNode* head_ = nullptr;
  QueueNode* tail_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t base_ = 0;             ///< bytes dropped from the front so far, modulo 2^32
  std::array<Position, 2> cursors_{};  ///< where share_into() stopped; node == nullptr: nowhere
};

}  // namespace strata::buf
