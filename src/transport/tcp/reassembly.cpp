#include "transport/tcp/reassembly.hpp"

#include <algorithm>
#include <utility>

namespace strata::tcp {
namespace {

/// Priorities without order, from numbers in order.
std::uint32_t scattered(std::uint32_t n) {
  n = (n ^ (n >> 16)) * 0x7feb'352dU;
  n = (n ^ (n >> 15)) * 0x846c'a68bU;
  return n ^ (n >> 16);
}

}  // namespace

// Arrivals mostly extend the last island, so the search starts there.
Island* Reassembly::last_not_after(SeqNum seq) const {
  if (last_ == nullptr || !last_->begin.after(seq)) return last_;
  Island* found = nullptr;
  for (Island* island = root_; island != nullptr;) {
    if (island->begin.after(seq)) {
      island = island->left;
    } else {
      found = island;
      island = island->right;
    }
  }
  return found;
}

// The first on the way down with a smaller priority gives its place, and what is below it is parted.
void Reassembly::plant(Island* island) {
  Island** at = &root_;
  while (*at != nullptr && (*at)->priority >= island->priority)
    at = island->begin.after((*at)->begin) ? &(*at)->right : &(*at)->left;
  Island* node = std::exchange(*at, island);
  Island** below = &island->left;
  Island** above = &island->right;
  while (node != nullptr) {
    if (node->begin.before(island->begin)) {
      *below = node;
      node = *(below = &node->right);
    } else {
      *above = node;
      node = *(above = &node->left);
    }
  }
  *below = *above = nullptr;
}

// Its two children become one in its place.
void Reassembly::uproot(Island* island) {
  Island** at = &root_;
  while (*at != island) at = island->begin.after((*at)->begin) ? &(*at)->right : &(*at)->left;
  Island* below = island->left;
  Island* above = island->right;
  while (below != nullptr && above != nullptr) {
    if (below->priority >= above->priority) {
      *at = below;
      below = *(at = &below->right);
    } else {
      *at = above;
      above = *(at = &above->left);
    }
  }
  *at = below != nullptr ? below : above;
}

void Reassembly::forget_age(Island* island) {
  (island == newest_ ? newest_ : island->newer->older) = island->older;
  if (island->older != nullptr) island->older->newer = island->newer;
}

void Reassembly::make_newest(Island* island) {
  if (island == newest_) return;
  if (island->newer != nullptr) forget_age(island);
  island->newer = nullptr;
  island->older = newest_;
  if (newest_ != nullptr) newest_->newer = island;
  newest_ = island;
}

Island* Reassembly::make_after(Memory memory, Island* previous, SeqNum begin) {
  if (count_ >= memory.islands_max) return nullptr;
  const std::uint32_t index = memory.islands.emplace();
  if (index == IslandSlab::kNone) return nullptr;
  Island* island = &memory.islands[index];
  island->index = index;
  island->begin = begin;
  island->prev = previous;
  island->next = previous == nullptr ? first_ : previous->next;
  (island->prev == nullptr ? first_ : island->prev->next) = island;
  (island->next == nullptr ? last_ : island->next->prev) = island;
  island->priority = scattered(++made_);
  plant(island);
  ++count_;
  return island;
}

void Reassembly::erase(Memory memory, Island* island) {
  island->bytes.clear(memory.pools);
  uproot(island);
  if (island == newest_ || island->newer != nullptr) forget_age(island);
  (island->prev == nullptr ? first_ : island->prev->next) = island->next;
  (island->next == nullptr ? last_ : island->next->prev) = island->prev;
  --count_;
  memory.islands.erase(island->index);
}

// `island` has grown: what follows may now overlap or touch it.
void Reassembly::merge_with_next(Memory memory, Island& island) {
  while (island.next != nullptr && island.next->begin.at_or_before(island.end())) {
    Island& next = *island.next;
    const std::uint32_t overlap =
        std::min(bytes_between(next.begin, island.end()), static_cast<std::uint32_t>(next.bytes.size()));
    next.bytes.drop_front(memory.pools, overlap);
    island.bytes.append_all(next.bytes);
    erase(memory, &next);
  }
}

Reassembly::Insert Reassembly::insert(Memory memory, SeqNum seq, const buf::PacketBuf& packet,
                                      std::size_t skip, std::uint32_t size) {
  Island* island = last_not_after(seq);
  if (island == nullptr || island->end().before(seq)) {
    island = make_after(memory, island, seq);
    if (island == nullptr) return Insert::full;
  } else {
    const std::uint32_t known = std::min(bytes_between(seq, island->end()), size);
    if (known == size) {
      make_newest(island);
      return Insert::duplicate;
    }
    skip += known;
    size -= known;
  }
  make_newest(island);
  const std::size_t before = island->bytes.size();
  if (!island->bytes.append_packet(memory.pools, packet, skip, size)) {
    island->bytes.drop_back(memory.pools, island->bytes.size() - before);
    if (island->bytes.empty()) erase(memory, island);
    return Insert::full;
  }
  merge_with_next(memory, *island);
  return Insert::stored;
}

std::uint32_t Reassembly::take(Memory memory, SeqNum rcv_nxt, buf::ByteQueue& queue) {
  std::uint32_t taken = 0;
  while (first_ != nullptr && first_->begin.at_or_before(rcv_nxt + taken)) {
    Island& island = *first_;
    const std::uint32_t old = std::min(bytes_between(island.begin, rcv_nxt + taken),
                                       static_cast<std::uint32_t>(island.bytes.size()));
    island.bytes.drop_front(memory.pools, old);
    taken += static_cast<std::uint32_t>(island.bytes.size());
    queue.append_all(island.bytes);
    erase(memory, &island);
  }
  return taken;
}

void Reassembly::clear(Memory memory) {
  while (first_ != nullptr) erase(memory, first_);
}

std::uint8_t Reassembly::sack_blocks(std::array<SeqRange, 4>& blocks, std::uint8_t max) const {
  std::uint8_t count = 0;
  for (const Island* island = newest_; island != nullptr && count < max; island = island->older)
    blocks[count++] = {.begin = island->begin, .end = island->end()};
  return count;
}

}  // namespace strata::tcp
