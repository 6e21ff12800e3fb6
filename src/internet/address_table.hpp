// The addresses of this host, each with the interface that has it. Every packet asks twice (is it for us,
// does it claim to be from us), so the answer must not cost more with many addresses: open addressing, at
// most half full. Link-local addresses are not here: they belong to their interface.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.hpp"
#include "strata/address.hpp"
#include "strata/network.hpp"

namespace strata::internet {

class AddressTable {
 public:
  explicit AddressTable(std::size_t addresses_max) : entries_(std::bit_ceil(2 * addresses_max + 2)) {}

  /// Precondition: `address` is not in the table, and fewer than the maximum are.
  void add(const IpAddress& address, NicId nic) {
    STRATA_CHECK(++size_ <= entries_.size() / 2);
    Entry* entry = &entries_[place_of(address)];
    STRATA_CHECK(entry->nic == NicId::none);
    *entry = {.address = address, .nic = nic};
  }

  /// Precondition: `address` is in the table.
  void remove(const IpAddress& address) {
    const std::size_t mask = entries_.size() - 1;
    std::size_t hole = place_of(address);
    STRATA_CHECK(entries_[hole].nic != NicId::none);
    for (std::size_t i = (hole + 1) & mask; entries_[i].nic != NicId::none; i = (i + 1) & mask) {
      // An entry may move into the hole unless that lies before its home.
      if (((i - home_of(entries_[i].address)) & mask) < ((i - hole) & mask)) continue;
      entries_[hole] = entries_[i];
      hole = i;
    }
    entries_[hole] = {};
    --size_;
  }

  /// NicId::none when the address is not ours.
  NicId owner_of(const IpAddress& address) const { return entries_[place_of(address)].nic; }

 private:
  struct Entry {
    IpAddress address;
    NicId nic = NicId::none;
  };

  std::size_t home_of(const IpAddress& address) const {
    const auto words = std::bit_cast<std::array<std::uint64_t, 2>>(address.octets());
    // Products carry upwards only, so neighbouring addresses differ in the middle bits once both ends are
    // folded.
    const std::uint64_t folded = words[0] ^ words[1] ^ (words[0] ^ words[1]) >> 32;
    const std::uint64_t mixed = folded * 0x9e37'79b9'7f4a'7c15U;  // 2^64 / golden ratio
    return static_cast<std::size_t>(mixed >> 40) & (entries_.size() - 1);
  }

  /// Where `address` is, or the free entry where it would be.
  std::size_t place_of(const IpAddress& address) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t i = home_of(address);
    while (entries_[i].nic != NicId::none && entries_[i].address != address) i = (i + 1) & mask;
    return i;
  }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace strata::internet
