// Four-tuple → slot, by open addressing over eight-byte entries {hash, slot}: the connection itself is
// touched only when all 32 bits of the hash match. Linear probing with backward-shift deletion, so there are
// no tombstones and cost stays flat.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/siphash.hpp"
#include "transport/tcp/segment.hpp"

namespace strata {

/// A keyed hash of both ends: without the key nobody can aim at one chain.
std::uint32_t flow_hash(const SipKey& key, const tcp::FlowKey& flow);

class FlowTable {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  /// Marks slots of TIME-WAIT records.
  static constexpr std::uint32_t kTimeWaitBit = 0x8000'0000;

  FlowTable();

  /// The slot whose owner `matches(slot)`, or kNone.
  template <class Matches>
  std::uint32_t find(std::uint32_t hash, Matches&& matches) const {
    for (std::size_t i = hash & mask_;; i = (i + 1) & mask_) {
      const Entry& entry = entries_[i];
      if (entry.slot == kNone) return kNone;
      if (entry.hash == hash && matches(entry.slot)) return entry.slot;
    }
  }
  /// False when memory for a larger table is refused.
  [[nodiscard]] bool insert(std::uint32_t hash, std::uint32_t slot);
  /// Precondition: the pair is in the table.
  void replace(std::uint32_t hash, std::uint32_t slot, std::uint32_t new_slot);
  void erase(std::uint32_t hash, std::uint32_t slot);
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t slot = kNone;
  };
  std::size_t place_of(std::uint32_t hash, std::uint32_t slot) const;
  void put(Entry entry);
  bool grow();

  std::unique_ptr<Entry[]> entries_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

}  // namespace strata
