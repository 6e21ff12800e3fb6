#include "transport/tcp/reassembly.hpp"

#include <algorithm>

namespace strata::tcp {

// Arrivals mostly extend the last island, so the search starts there.
Island* Reassembly::last_not_after(SeqNum seq) const {
  Island* island = last_;
  while (island != nullptr && island->begin.after(seq)) island = island->prev;
  return island;
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
  ++count_;
  return island;
}

void Reassembly::erase(Memory memory, Island* island) {
  island->bytes.clear(memory.pools);
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
      island->touched = ++clock_;
      return Insert::duplicate;
    }
    skip += known;
    size -= known;
  }
  island->touched = ++clock_;
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
  std::array<std::uint32_t, 4> age{};
  std::uint8_t count = 0;
  for (const Island* island = first_; island != nullptr; island = island->next) {
    std::uint8_t at = count;
    while (at > 0 && age[at - 1U] < island->touched) --at;
    if (at >= max) continue;
    if (count < max) ++count;
    for (std::uint8_t i = static_cast<std::uint8_t>(count - 1); i > at; --i) {
      blocks[i] = blocks[i - 1U];
      age[i] = age[i - 1U];
    }
    blocks[at] = {.begin = island->begin, .end = island->end()};
    age[at] = island->touched;
  }
  return count;
}

}  // namespace strata::tcp
