#include "link/frame.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/byte_order.hpp"
#include "base/check.hpp"
#include "wire/checksum.hpp"
#include "wire/ip_ecn.hpp"
#include "wire/ipv4.hpp"

namespace strata {
namespace {

using buf::Block;
using buf::PacketBuf;
using buf::Slice;

/// Puts `slice` before all payload. Precondition: !frame.full().
void insert_front(PacketBuf& frame, Slice slice) {
  frame.payload_size += slice.size();
  for (std::size_t i = frame.slice_count; i > 0; --i) frame.slices[i] = std::move(frame.slices[i - 1]);
  frame.slices[0] = std::move(slice);
  ++frame.slice_count;
}

bool flip_in(Slice& slice, std::size_t byte, std::uint8_t mask) {
  Slice copy = copy_to_heap(slice.bytes());
  if (copy.block() == nullptr) return false;
  copy.block()->data[byte] ^= mask;
  slice = std::move(copy);
  return true;
}

}  // namespace

Packet share(const Packet& frame) {
  const PacketBuf& from = *frame.raw();
  Packet copy = from.shelf->allocate();
  if (!copy) return copy;
  PacketBuf& to = *copy.raw();
  if (from.head_is_inline()) {
    const Bytes head = from.head();
    std::memcpy(to.prepend(head.size()), head.data(), head.size());
  } else {
    to.head_slice = from.head_slice.share();
  }
  for (const Slice& slice : from.payload()) to.append(slice.share());
  to.meta = from.meta;
  return copy;
}

Slice copy_to_heap(Bytes bytes) {
  void* memory = ::operator new(sizeof(Block) + bytes.size(), std::nothrow);
  if (memory == nullptr) return {};
  const auto size = static_cast<std::uint32_t>(bytes.size());
  auto* block = ::new (memory) Block{
      .data = static_cast<std::uint8_t*>(memory) + sizeof(Block),
      .capacity = size,
      .references = 1,
      .filled = size,
      .release = [](void*, Block* released) { ::operator delete(released); },
  };
  if (size > 0) std::memcpy(block->data, bytes.data(), size);
  return Slice::adopt(block, 0, size);
}

std::uint8_t* writable_head(PacketBuf& frame) {
  if (frame.head_is_inline()) return frame.mutable_head();
  if (frame.head_slice.block()->references > 1) {
    Slice copy = copy_to_heap(frame.head_slice.bytes());
    if (copy.block() == nullptr) return nullptr;
    frame.head_slice = std::move(copy);
  }
  return frame.head_slice.block()->data + (frame.head_slice.data() - frame.head_slice.block()->data);
}

bool separate_headers(PacketBuf& frame, std::size_t size) {
  const Bytes head = frame.head();
  STRATA_CHECK(size <= head.size());
  if (frame.head_is_inline() && head.size() == size) return true;
  if (frame.full() || size > buf::kHeadRoom) return false;
  const auto rest_size = static_cast<std::uint32_t>(head.size() - size);
  Slice rest = frame.head_is_inline() ? copy_to_heap(head.subspan(size))
                                      : frame.head_slice.share(static_cast<std::uint32_t>(size), rest_size);
  if (rest.block() == nullptr) return false;
  const Slice old_head = std::move(frame.head_slice);
  std::memmove(frame.room.data() + buf::kHeadRoom - size, head.data(), size);
  frame.inline_begin = static_cast<std::uint16_t>(buf::kHeadRoom - size);
  if (rest_size > 0) insert_front(frame, std::move(rest));
  return true;
}

bool mark_congestion(PacketBuf& frame, std::size_t ip_at) {
  const Bytes ip = frame.head().subspan(std::min(ip_at, frame.head().size()));
  if (ip.size() < Ipv4View::kMinSize) return false;
  const bool is_v4 = ip[0] >> 4 == 4;
  const auto word = load_be<std::uint16_t>(ip.data());
  // The traffic class: the second byte of IPv4; in IPv6 it begins four bits earlier.
  const int shift = is_v4 ? 0 : 4;
  const auto mark = static_cast<std::uint8_t>(word >> shift & 3);
  if (mark == ip_ecn::kNotEct) return false;
  std::uint8_t* head = writable_head(frame);
  if (head == nullptr) return false;
  const auto marked = static_cast<std::uint16_t>(word | ip_ecn::kCe << shift);
  store_be(head + ip_at, marked);
  if (!is_v4) return true;
  constexpr std::size_t kChecksum = 10;
  const auto checksum = load_be<std::uint16_t>(head + ip_at + kChecksum);
  store_be(head + ip_at + kChecksum, checksum_update(checksum, word, marked));
  return true;
}

bool flip_bit(PacketBuf& frame, std::size_t bit) {
  STRATA_CHECK(bit < 8 * frame.size());
  std::size_t byte = bit / 8;
  const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
  if (byte < frame.head().size()) {
    std::uint8_t* head = writable_head(frame);
    if (head != nullptr) head[byte] ^= mask;
    return head != nullptr;
  }
  byte -= frame.head().size();
  Slice* slice = frame.slices.data();
  while (byte >= slice->size()) byte -= (slice++)->size();
  return flip_in(*slice, byte, mask);
}

}  // namespace strata
