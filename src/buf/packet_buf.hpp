// The inside of a Packet: a contiguous head and slices of payload.
//
//   head inline (packets that we make):   [ headroom ... | eth | ip | tcp ]  + payload[0..n)
//   head in a block (received frames):    head_slice = the first block's bytes  + payload[0..n)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.hpp"
#include "buf/block_pool.hpp"
#include "buf/slice.hpp"
#include "strata/counters.hpp"
#include "strata/packet.hpp"

namespace strata::buf {

struct PacketShelf;

/// Room for Ethernet, IPv6 and TCP with all options, and some extension headers.
inline constexpr std::size_t kHeadRoom = 176;
/// Slices per packet: 64 KiB of full 2 KiB blocks, and some that are not full.
inline constexpr std::size_t kSlicesMax = 48;

/// Ordered for the cache: what every packet touches is the first line, the end of `room` (its headers) and
/// the first slice, which follows in the same line.
struct alignas(64) PacketBuf {
  PacketShelf* shelf = nullptr;  ///< where it goes back to
  PacketBuf* next = nullptr;     ///< free list, or the queue that holds the packet
  std::uint32_t payload_size = 0;
  std::uint16_t slice_count = 0;
  std::uint16_t inline_begin = kHeadRoom;  ///< head = room[inline_begin, kHeadRoom) while head_slice is empty
  Slice head_slice;
  PacketMeta meta;
  alignas(64) std::array<std::uint8_t, kHeadRoom> room;
  std::array<Slice, kSlicesMax> slices;

  bool head_is_inline() const { return head_slice.block() == nullptr; }
  Bytes head() const {
    if (!head_is_inline()) return head_slice.bytes();
    return {room.data() + inline_begin, kHeadRoom - inline_begin};
  }
  std::size_t size() const { return head().size() + payload_size; }
  std::span<Slice> payload() { return {slices.data(), slice_count}; }
  std::span<const Slice> payload() const { return {slices.data(), slice_count}; }
  bool full() const { return slice_count == kSlicesMax; }

  /// Puts `n` bytes in front of an inline head and returns where they go.
  std::uint8_t* prepend(std::size_t n) {
    STRATA_CHECK(head_is_inline() && n <= inline_begin);
    inline_begin = static_cast<std::uint16_t>(inline_begin - n);
    return room.data() + inline_begin;
  }
  /// The inline head, writable: headers that we are building. Precondition: head_is_inline().
  std::uint8_t* mutable_head() {
    STRATA_CHECK(head_is_inline());
    return room.data() + inline_begin;
  }
  /// Precondition: !full().
  void append(Slice slice) {
    STRATA_CHECK(!full());
    payload_size += slice.size();
    slices[slice_count++] = std::move(slice);
  }
  /// Drops the first `n` bytes of the head (a layer removes its header).
  void trim_head(std::size_t n) {
    if (head_is_inline()) {
      STRATA_CHECK(inline_begin + n <= kHeadRoom);
      inline_begin = static_cast<std::uint16_t>(inline_begin + n);
    } else {
      head_slice.trim_front(static_cast<std::uint32_t>(n));
    }
  }
  /// Shortens the whole packet to `n` bytes (Ethernet padding goes). Precondition: n <= size().
  void trim_to(std::size_t n);
};

/// Free descriptors. Lives until both its pool and the last packet in use are gone: packets change hands in
/// memory, and a stack may be destroyed while its peer still holds some of them.
struct PacketShelf {
  std::size_t max = 0;
  std::size_t made = 0;
  std::size_t in_use = 0;
  PacketBuf* free = nullptr;
  bool abandoned = false;  ///< the pool is gone

  /// An empty packet with an inline head; an empty handle when the maximum is in use.
  Packet allocate();
};

/// Descriptors of packets, recycled.
class PacketPool {
 public:
  explicit PacketPool(std::size_t max) : shelf_(new PacketShelf{.max = max}) {}
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;
  ~PacketPool();

  Packet allocate() { return shelf_->allocate(); }
  std::size_t in_use() const { return shelf_->in_use; }

 private:
  PacketShelf* shelf_;
};

/// First in, first out, through PacketBuf::next.
class PacketQueue {
 public:
  PacketQueue() = default;
  PacketQueue(const PacketQueue&) = delete;
  PacketQueue& operator=(const PacketQueue&) = delete;
  ~PacketQueue() { clear(); }

  bool empty() const { return head_ == nullptr; }
  std::size_t size() const { return size_; }
  const PacketBuf* front() const { return head_; }
  void push_back(Packet packet) {
    PacketBuf* raw = packet.take();
    raw->next = nullptr;
    (tail_ == nullptr ? head_ : tail_->next) = raw;
    tail_ = raw;
    ++size_;
  }
  void push_front(Packet packet) {
    PacketBuf* raw = packet.take();
    raw->next = head_;
    head_ = raw;
    if (tail_ == nullptr) tail_ = raw;
    ++size_;
  }
  Packet pop_front() {
    PacketBuf* raw = head_;
    if (raw == nullptr) return {};
    head_ = raw->next;
    if (head_ == nullptr) tail_ = nullptr;
    raw->next = nullptr;
    --size_;
    return Packet(raw);
  }
  void clear() {
    while (pop_front()) {
    }
  }

 private:
  PacketBuf* head_ = nullptr;
  PacketBuf* tail_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace strata::buf
