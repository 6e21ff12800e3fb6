#include "buf/byte_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace strata::buf {

NodePool::~NodePool() {
  STRATA_CHECK(in_use_ == 0);
  while (free_ != nullptr) {
    QueueNode* next = free_->next;
    delete free_;
    free_ = next;
  }
}

QueueNode* NodePool::allocate() {
  QueueNode* node = free_;
  if (node != nullptr) {
    free_ = node->next;
  } else {
    if (made_ == max_) return nullptr;
    node = new (std::nothrow) QueueNode;
    if (node == nullptr) return nullptr;
    ++made_;
  }
  node->next = nullptr;
  node->first = node->last = 0;
  node->bytes = 0;
  ++in_use_;
  return node;
}

void NodePool::release(QueueNode* node) {
  node->next = free_;
  free_ = node;
  --in_use_;
}

namespace {

/// A slice of a new block with the first bytes of `data`, which it shortens; empty when no block is left.
Slice copy_block(Pools& pools, Bytes& data) {
  Block* block = pools.blocks.allocate();
  if (block == nullptr) return {};
  Slice slice = Slice::adopt(block, 0, 0);
  data = data.subspan(slice.grow(data));
  return slice;
}

}  // namespace

Packet copy_in(Pools& pools, Bytes frame) {
  Packet packet = pools.packets.allocate();
  if (!packet || frame.empty()) return packet;
  packet.raw()->head_slice = copy_block(pools, frame);
  if (packet.raw()->head_is_inline() || !append_copy(pools, *packet.raw(), frame)) return {};
  return packet;
}

bool append_copy(Pools& pools, PacketBuf& packet, Bytes data) {
  while (!data.empty()) {
    Slice slice = packet.full() ? Slice() : copy_block(pools, data);
    if (slice.empty()) return false;
    packet.append(std::move(slice));
  }
  return true;
}

ByteQueue::ByteQueue(ByteQueue&& other) noexcept
    : head_(std::exchange(other.head_, nullptr)),
      tail_(std::exchange(other.tail_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      base_(std::exchange(other.base_, 0)),
      cursors_(std::exchange(other.cursors_, {})) {}

Slice* ByteQueue::make_slot(Pools& pools) {
  if (tail_ == nullptr || tail_->last == kSlicesPerNode) {
    QueueNode* node = pools.nodes.allocate();
    if (node == nullptr) return nullptr;
    (tail_ == nullptr ? head_ : tail_->next) = node;
    tail_ = node;
  }
  return &tail_->slices[tail_->last];
}

std::size_t ByteQueue::append_copy(Pools& pools, Bytes data) {
  std::size_t done = 0;
  if (Slice* last = last_slice(); last != nullptr && last->can_grow() && !data.empty()) {
    const std::uint32_t grown = last->grow(data);
    tail_->bytes += grown;
    size_ += grown;
    done = grown;
  }
  while (done < data.size()) {
    Block* block = pools.blocks.allocate();
    if (block == nullptr) break;
    Slice fresh = Slice::adopt(block, 0, 0);
    Slice* slot = make_slot(pools);
    if (slot == nullptr) break;
    done += fresh.grow(data.subspan(done));
    put(*slot, std::move(fresh));
  }
  return done;
}

/// Into the slot that make_slot() gave.
void ByteQueue::put(Slice& slot, Slice slice) {
  tail_->bytes += slice.size();
  size_ += slice.size();
  slot = std::move(slice);
  ++tail_->last;
}

/// Copies all of `data`, or nothing when no block is left.
bool ByteQueue::append_small(Pools& pools, Bytes data) {
  const std::size_t done = append_copy(pools, data);
  if (done == data.size()) return true;
  drop_back(pools, done);
  return false;
}

bool ByteQueue::append(Pools& pools, Slice slice) {
  const std::uint32_t n = slice.size();
  if (n == 0) return true;
  Slice* last = last_slice();
  if (last != nullptr && last->join(slice)) {
    tail_->bytes += n;
    size_ += n;
    return true;
  }
  const bool small = n < slice.block()->capacity / 4;
  if (small && append_small(pools, slice.bytes())) return true;
  Slice* slot = make_slot(pools);
  if (slot == nullptr) return false;
  put(*slot, std::move(slice));
  return true;
}

bool ByteQueue::append_packet(Pools& pools, const PacketBuf& packet, std::size_t skip, std::size_t size) {
  const auto take = [&](const Slice* slice, Bytes bytes) {
    const std::size_t from = std::min(skip, bytes.size());
    const std::size_t part = std::min(bytes.size() - from, size);
    skip -= from;
    size -= part;
    if (part == 0) return true;
    if (slice == nullptr) return append_copy(pools, bytes.subspan(from, part)) == part;
    return append(pools, slice->share(static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(part)));
  };
  if (!take(packet.head_is_inline() ? nullptr : &packet.head_slice, packet.head())) return false;
  for (const Slice& slice : packet.payload()) {
    if (size == 0) break;
    if (!take(&slice, slice.bytes())) return false;
  }
  return true;
}

void ByteQueue::append_all(ByteQueue& other) {
  if (other.head_ == nullptr) return;
  (tail_ == nullptr ? head_ : tail_->next) = other.head_;
  tail_ = other.tail_;
  size_ += other.size_;
  other.head_ = other.tail_ = nullptr;
  other.size_ = other.base_ = 0;
  other.cursors_ = {};
}

Bytes ByteQueue::front() const { return head_ == nullptr ? Bytes{} : head_->slices[head_->first].bytes(); }

std::size_t ByteQueue::read(Pools& pools, MutableBytes into) {
  const std::size_t n = std::min<std::size_t>(size_, into.size());
  if (n == 0) return 0;
  std::size_t done = 0;
  while (done < n) {
    const Bytes piece = front();
    const std::size_t part = std::min(piece.size(), n - done);
    std::memcpy(into.data() + done, piece.data(), part);
    done += part;
    drop_front(pools, part);
  }
  return n;
}

void ByteQueue::drop_front(Pools& pools, std::size_t count) {
  STRATA_CHECK(count <= size_);
  auto n = static_cast<std::uint32_t>(count);
  size_ -= n;
  base_ += n;
  while (n > 0) {
    Slice& slice = head_->slices[head_->first];
    const std::uint32_t part = std::min(n, slice.size());
    const bool stays = part < slice.size();
    for (Position& cursor : cursors_) {
      if (cursor.node != head_ || cursor.slice != head_->first) continue;
      cursor =
          stays ? Position{.node = head_, .slice = cursor.slice, .begin = cursor.begin + part} : Position{};
    }
    head_->bytes -= part;
    n -= part;
    if (stays) return slice.trim_front(part);
    slice.reset();
    if (++head_->first == head_->last) {
      QueueNode* empty = head_;
      head_ = head_->next;
      if (head_ == nullptr) tail_ = nullptr;
      // A cursor may rest behind the last slice.
      for (Position& cursor : cursors_) {
        if (cursor.node == empty) cursor = {};
      }
      pools.nodes.release(empty);
    }
  }
}

void ByteQueue::drop_back(Pools& pools, std::size_t n) {
  STRATA_CHECK(n <= size_);
  if (n == size_) return clear(pools);
  const auto kept = static_cast<std::uint32_t>(size_ - n);
  Position at = seek(kept - 1);
  Slice& last = at.node->slices[at.slice];
  const std::uint32_t size = kept - distance(at);
  std::uint32_t gone = last.size() - size;
  last.trim_to(size);
  for (std::uint32_t i = at.slice + 1; i < at.node->last; ++i) {
    gone += at.node->slices[i].size();
    at.node->slices[i].reset();
  }
  at.node->bytes -= gone;
  at.node->last = static_cast<std::uint16_t>(at.slice + 1);
  QueueNode* node = std::exchange(at.node->next, nullptr);
  tail_ = at.node;
  size_ = kept;
  cursors_ = {};
  while (node != nullptr) {
    for (Slice& slice : node->slices) slice.reset();
    pools.nodes.release(std::exchange(node, node->next));
  }
}

void ByteQueue::clear(Pools& pools) {
  while (head_ != nullptr) {
    for (Slice& slice : head_->slices) slice.reset();
    pools.nodes.release(std::exchange(head_, head_->next));
  }
  tail_ = nullptr;
  base_ += size_;
  size_ = 0;
  cursors_ = {};
}

void ByteQueue::step(Position& position) {
  position.begin += position.node->slices[position.slice].size();
  if (++position.slice == position.node->last && position.node->next != nullptr) {
    position.node = position.node->next;
    position.slice = position.node->first;
  }
}

/// The cursor that is closest to byte `offset` from below; nullptr: none is.
const ByteQueue::Position* ByteQueue::nearest_before(std::size_t offset) const {
  const Position* nearest = nullptr;
  for (const Position& cursor : cursors_) {
    if (cursor.node == nullptr || distance(cursor) > offset) continue;
    if (nearest == nullptr || distance(cursor) > distance(*nearest)) nearest = &cursor;
  }
  return nearest;
}

/// From the nearest place that is known: to the end of its node by slices, then by nodes, then by slices.
ByteQueue::Position ByteQueue::seek(std::size_t offset) const {
  const Position* const near = nearest_before(offset);
  Position at = near == nullptr ? Position{.node = head_, .slice = head_->first, .begin = base_} : *near;
  const auto is_behind = [&](std::uint32_t bytes) { return distance(at) + bytes <= offset; };
  for (;;) {
    // A cursor may rest behind the last slice of what was the last node.
    if (at.slice == at.node->last && at.node->next != nullptr)
      at = {.node = at.node->next, .slice = at.node->next->first, .begin = at.begin};
    const bool at_first = at.slice == at.node->first;
    if (at_first && at.node->next != nullptr && is_behind(at.node->bytes)) {
      at = {.node = at.node->next, .slice = at.node->next->first, .begin = at.begin + at.node->bytes};
    } else if (is_behind(at.node->slices[at.slice].size())) {
      step(at);
    } else {
      return at;
    }
  }
}

/// The cursor that led here moves; a jump to an earlier place takes the one that is further back, since the
/// other is where new bytes are sent.
void ByteQueue::remember(const Position& position) {
  const Position* const near = nearest_before(distance(position));
  const bool first_is_back = cursors_[0].node == nullptr ||
                             (cursors_[1].node != nullptr && distance(cursors_[0]) < distance(cursors_[1]));
  if (near != nullptr) {
    cursors_[near == &cursors_[0] ? 0 : 1] = position;
  } else {
    cursors_[first_is_back ? 0 : 1] = position;
  }
}

std::size_t ByteQueue::share_into(PacketBuf& packet, std::size_t offset, std::size_t size) {
  STRATA_CHECK(offset + size <= size_);
  if (size == 0) return 0;
  std::size_t done = 0;
  Position at = seek(offset);
  while (done < size && !packet.full()) {
    const Slice& slice = at.node->slices[at.slice];
    const std::size_t from = offset + done - distance(at);
    const std::size_t part = std::min(slice.size() - from, size - done);
    packet.append(slice.share(static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(part)));
    done += part;
    if (done < size || from + part == slice.size()) {
      if (at.slice + 1U == at.node->last && at.node->next == nullptr)
        break;  // rest on the last slice: it may grow
      step(at);
    }
  }
  remember(at);
  return done;
}

void ByteQueue::copy_out(std::size_t offset, MutableBytes to) const {
  STRATA_CHECK(offset + to.size() <= size_);
  if (to.empty()) return;
  std::size_t done = 0;
  for (Position at = seek(offset); done < to.size(); step(at)) {
    const Slice& slice = at.node->slices[at.slice];
    const std::size_t from = offset + done - distance(at);
    const std::size_t part = std::min(slice.size() - from, to.size() - done);
    std::memcpy(to.data() + done, slice.data() + from, part);
    done += part;
  }
}

}  // namespace strata::buf
