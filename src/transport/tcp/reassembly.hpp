// Out-of-order data as islands in sequence space: ordered, never touching each other, bounded in number. What
// follows the in-order data is handed over whole. Generates SACK blocks, the most recent first (RFC 2018 §4).
// Cost grows with the logarithm of their number, in whatever order a peer sends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ordered_tree.hpp"
#include "base/seq_num.hpp"
#include "base/slab.hpp"
#include "buf/byte_queue.hpp"

namespace strata::tcp {

struct Island {
  Island* prev = nullptr;  ///< in sequence space
  Island* next = nullptr;
  Island* newer = nullptr;  ///< by the last change
  Island* older = nullptr;
  std::uint32_t index = 0;  ///< its name in the slab
  SeqNum begin;
  TreeHook<Island> by_begin;
  buf::ByteQueue bytes;
  SeqNum end() const { return begin + static_cast<std::uint32_t>(bytes.size()); }
};

struct IslandBefore {
  bool operator()(const Island& a, const Island& b) const { return a.begin.before(b.begin); }
};

/// Memory for the islands of all connections of one stack.
using IslandSlab = Slab<Island>;

class Reassembly {
 public:
  Reassembly() = default;
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;
  /// Precondition: clear() was called, or nothing is held.
  ~Reassembly() { STRATA_CHECK(tree_.empty()); }

  struct Memory {
    buf::Pools& pools;
    IslandSlab& islands;
    std::size_t islands_max;  ///< per connection
  };
  enum class Insert : std::uint8_t { stored, duplicate, full };

  /// Takes bytes [skip, skip + size) of `packet`, which begin at `seq`. Bytes that are here already stay: the
  /// first copy wins.
  Insert insert(Memory memory, SeqNum seq, const buf::PacketBuf& packet, std::size_t skip,
                std::uint32_t size);
  /// Moves everything contiguous from `rcv_nxt` on behind `queue`; returns how many bytes. Older bytes are
  /// dropped.
  std::uint32_t take(Memory memory, SeqNum rcv_nxt, buf::ByteQueue& queue);
  void clear(Memory memory);
  /// Forgets the island that is furthest away. Precondition: !empty().
  void drop_last(Memory memory) { erase(memory, tree_.last()); }

  bool empty() const { return tree_.empty(); }
  /// Behind the last island. Precondition: !empty().
  SeqNum end() const { return tree_.last()->end(); }
  std::size_t island_count() const { return count_; }
  /// RFC 2018 §4: the island that changed last comes first; at most `max` blocks.
  std::uint8_t sack_blocks(std::array<SeqRange, 4>& blocks, std::uint8_t max) const;

 private:
  Island* last_not_after(SeqNum seq) const;
  Island* make_after(Memory memory, Island* previous, SeqNum begin);
  void erase(Memory memory, Island* island);
  void merge_with_next(Memory memory, Island& island);
  void touch(Island& island);

  void link_newest(Island& island);
  void unlink_by_age(Island& island);

  OrderedTree<Island, &Island::by_begin, IslandBefore> tree_;
  Island* newest_ = nullptr;  ///< changed last
  std::uint32_t count_ = 0;
};

}  // namespace strata::tcp
