#include "buf/packet_buf.hpp"

#include <algorithm>
#include <new>

namespace strata::buf {

void PacketBuf::trim_to(std::size_t n) {
  STRATA_CHECK(n <= size());
  std::size_t surplus = size() - n;
  while (surplus > 0 && slice_count > 0) {
    Slice& last = slices[slice_count - 1U];
    const std::uint32_t cut = static_cast<std::uint32_t>(std::min<std::size_t>(surplus, last.size()));
    last.trim_to(last.size() - cut);
    payload_size -= cut;
    surplus -= cut;
    if (!last.empty()) return;
    last.reset();
    --slice_count;
  }
  if (surplus == 0) return;
  if (head_is_inline()) {
    const std::size_t kept = kHeadRoom - inline_begin - surplus;
    std::memmove(room.data() + kHeadRoom - kept, room.data() + inline_begin, kept);
    inline_begin = static_cast<std::uint16_t>(kHeadRoom - kept);
  } else {
    head_slice.trim_to(head_slice.size() - static_cast<std::uint32_t>(surplus));
  }
}

namespace {

void delete_free(PacketShelf& shelf) {
  while (shelf.free != nullptr) {
    PacketBuf* next = shelf.free->next;
    delete shelf.free;
    shelf.free = next;
  }
}

}  // namespace

PacketPool::~PacketPool() {
  delete_free(*shelf_);
  shelf_->abandoned = true;
  if (shelf_->in_use == 0) delete shelf_;
}

Packet PacketShelf::allocate() {
  PacketBuf* packet = free;
  if (packet != nullptr) {
    free = packet->next;
    packet->next = nullptr;
  } else {
    if (made == max) return {};
    packet = new (std::nothrow) PacketBuf;
    if (packet == nullptr) return {};
    packet->shelf = this;
    ++made;
  }
  ++in_use;
  return Packet(packet);
}

void release(PacketBuf* packet) {
  for (Slice& slice : packet->payload()) slice.reset();
  packet->head_slice.reset();
  packet->slice_count = 0;
  packet->payload_size = 0;
  packet->inline_begin = kHeadRoom;
  packet->meta = {};
  PacketShelf* shelf = packet->shelf;
  packet->next = shelf->free;
  shelf->free = packet;
  --shelf->in_use;
  if (!shelf->abandoned) return;
  delete_free(*shelf);
  if (shelf->in_use == 0) delete shelf;
}

}  // namespace strata::buf

namespace strata {

std::size_t Packet::size() const { return raw_->size(); }
Bytes Packet::head() const { return raw_->head(); }
std::size_t Packet::piece_count() const { return raw_->slice_count; }
Bytes Packet::piece(std::size_t i) const { return raw_->payload()[i].bytes(); }
PacketMeta& Packet::meta() { return raw_->meta; }
const PacketMeta& Packet::meta() const { return raw_->meta; }

std::size_t Packet::copy_to(MutableBytes to) const {
  std::size_t done = 0;
  const auto copy = [&](Bytes from) {
    const std::size_t n = std::min(from.size(), to.size() - done);
    if (n == 0) return;
    std::memcpy(to.data() + done, from.data(), n);
    done += n;
  };
  copy(head());
  for (const buf::Slice& slice : raw_->payload()) copy(slice.bytes());
  return done;
}

}  // namespace strata
