#include "stack/flow_table.hpp"

#include <bit>
#include <new>
#include <utility>

#include "base/check.hpp"

namespace strata {
namespace {

constexpr std::size_t kFirstSize = 1024;

/// Both halves of a 128-bit product: mixes every bit of `a` and `b` (the step of wyhash and its kin).
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using u128 = unsigned __int128;
  const u128 product = static_cast<u128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t word(const IpAddress& address, std::size_t at) {
  std::uint64_t value;
  std::memcpy(&value, address.octets().data() + at, sizeof value);
  return std::endian::native == std::endian::big ? __builtin_bswap64(value) : value;
}

}  // namespace

std::uint32_t flow_hash(const SipKey& key, const tcp::FlowKey& flow) {
  const std::uint64_t ports = static_cast<std::uint64_t>(flow.local.zone) << 32 |
                              static_cast<std::uint64_t>(flow.local.port) << 16 | flow.remote.port;
  std::uint64_t h = mix(word(flow.local.address, 0) ^ key.k0, word(flow.remote.address, 0) ^ key.k1);
  h = mix(h ^ word(flow.local.address, 8) ^ key.k1, word(flow.remote.address, 8) ^ key.k0);
  h = mix(h ^ key.k0, ports ^ key.k1);
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

FlowTable::FlowTable() : entries_(new Entry[kFirstSize]), mask_(kFirstSize - 1) {}

void FlowTable::put(Entry entry) {
  std::size_t i = entry.hash & mask_;
  while (entries_[i].slot != kNone) i = (i + 1) & mask_;
  entries_[i] = entry;
}

bool FlowTable::grow() {
  const std::size_t old_size = mask_ + 1;
  std::unique_ptr<Entry[]> larger(new (std::nothrow) Entry[old_size * 2]);
  if (larger == nullptr) return false;
  std::swap(entries_, larger);
  mask_ = old_size * 2 - 1;
  for (std::size_t i = 0; i < old_size; ++i) {
    if (larger[i].slot != kNone) put(larger[i]);
  }
  return true;
}

bool FlowTable::insert(std::uint32_t hash, std::uint32_t slot) {
  const std::size_t slots = mask_ + 1;
  if (size_ >= slots - slots / 4 && !grow()) {
    if (size_ + 1 >= slots) return false;  // find() needs one empty place
  }
  put({.hash = hash, .slot = slot});
  ++size_;
  return true;
}

std::size_t FlowTable::place_of(std::uint32_t hash, std::uint32_t slot) const {
  std::size_t i = hash & mask_;
  while (entries_[i].slot != slot) {
    STRATA_CHECK(entries_[i].slot != kNone);
    i = (i + 1) & mask_;
  }
  return i;
}

void FlowTable::replace(std::uint32_t hash, std::uint32_t slot, std::uint32_t new_slot) {
  entries_[place_of(hash, slot)].slot = new_slot;
}

void FlowTable::erase(std::uint32_t hash, std::uint32_t slot) {
  std::size_t hole = place_of(hash, slot);
  for (std::size_t i = (hole + 1) & mask_; entries_[i].slot != kNone; i = (i + 1) & mask_) {
    // An entry may move into the hole unless that lies before its home.
    const std::size_t home = entries_[i].hash & mask_;
    if (((i - home) & mask_) >= ((i - hole) & mask_)) {
      entries_[hole] = entries_[i];
      hole = i;
    }
  }
  entries_[hole] = {};
  --size_;
}

}  // namespace strata
