#include "transport/tcp/reassembly.hpp"

#include <algorithm>

namespace strata::tcp {

Island* Reassembly::last_not_after(SeqNum seq) const {
  // What arrives mostly extends the island that changed last.
  if (newest_ != nullptr && newest_->end() == seq) return newest_;
  return tree_.last_that([seq](const Island& island) { return island.begin.at_or_before(seq); });
}

void Reassembly::link_newest(Island& island) {
  island.newer = nullptr;
  island.older = newest_;
  if (newest_ != nullptr) newest_->newer = &island;
  newest_ = &island;
}

void Reassembly::unlink_by_age(Island& island) {
  (island.newer == nullptr ? newest_ : island.newer->older) = island.older;
  if (island.older != nullptr) island.older->newer = island.newer;
}

void Reassembly::touch(Island& island) {
  if (newest_ == &island) return;
  unlink_by_age(island);
  link_newest(island);
}

Island* Reassembly::make_after(Memory memory, Island* previous, SeqNum begin) {
  if (count_ >= memory.islands_max) return nullptr;
  const std::uint32_t index = memory.islands.emplace();
  if (index == IslandSlab::kNone) return nullptr;
  Island* island = &memory.islands[index];
  island->index = index;
  island->begin = begin;
  island->prev = previous;
  island->next = previous == nullptr ? tree_.first() : previous->next;
  if (island->prev != nullptr) island->prev->next = island;
  if (island->next != nullptr) island->next->prev = island;
  tree_.insert(*island);
  link_newest(*island);
  ++count_;
  return island;
}

void Reassembly::erase(Memory memory, Island* island) {
  island->bytes.clear(memory.pools);
  if (island->prev != nullptr) island->prev->next = island->next;
  if (island->next != nullptr) island->next->prev = island->prev;
  tree_.erase(*island);
  unlink_by_age(*island);
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
      touch(*island);
      return Insert::duplicate;
    }
    skip += known;
    size -= known;
  }
  touch(*island);
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
  for (Island* next = tree_.first(); next != nullptr && next->begin.at_or_before(rcv_nxt + taken);) {
    Island& island = *next;
    next = island.next;
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
  while (!empty()) erase(memory, tree_.first());
}

std::uint8_t Reassembly::sack_blocks(std::array<SeqRange, 4>& blocks, std::uint8_t max) const {
  std::uint8_t count = 0;
  for (const Island* island = newest_; island != nullptr && count < max; island = island->older) {
    blocks[count++] = {.begin = island->begin, .end = island->end()};
  }
  return count;
}

}  // namespace strata::tcp
