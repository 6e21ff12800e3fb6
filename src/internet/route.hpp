// Where a datagram goes next: routes by longest prefix, then by lowest metric (RFC 1812 §5.2.4.3).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "strata/address.hpp"
#include "strata/error.hpp"
#include "strata/network.hpp"

namespace strata::internet {

class RouteTable {
 public:
  explicit RouteTable(std::size_t routes_max);

  /// `address_in_use` for a route that exists, `no_memory` when the table is full.
  Result<void> add(const Route& route);
  /// The best route to `dst`, on `nic` only unless that is NicId::none; nullptr when none leads there.
  const Route* find(const IpAddress& dst, NicId nic = NicId::none) const {
    return find(dst, nic, [](const Route&) { return true; });
  }
  /// The best of those that `is_promising(route)`, else the best of all.
  template <class IsPromising>
  const Route* find(const IpAddress& dst, NicId nic, IsPromising&& is_promising) const {
    const auto words = words_of(dst);
    const Route* fallback = nullptr;
    for (const Entry& entry : entries_) {
      const bool matches =
          (words[0] & entry.mask[0]) == entry.network[0] && (words[1] & entry.mask[1]) == entry.network[1];
      if (!matches || (nic != NicId::none && entry.route.nic != nic) || entry.is_v4 != dst.is_v4()) continue;
      if (is_promising(entry.route)) return &entry.route;
      // Only routes of the same length are alternatives: a shorter one leads elsewhere.
      if (fallback != nullptr && fallback->destination.length != entry.route.destination.length) break;
      if (fallback == nullptr) fallback = &entry.route;
    }
    return fallback;
  }
  /// False when there is no such route.
  bool remove(const Route& route);
  std::size_t size() const { return entries_.size(); }
  std::size_t available() const { return routes_max_ - entries_.size(); }

 private:
  /// The destination as two words and their masks: one comparison per entry of the scan, whatever the family.
  struct Entry {
    std::array<std::uint64_t, 2> network;
    std::array<std::uint64_t, 2> mask;
    bool is_v4;
    Route route;
  };
  static Entry make_entry(const Route& route);
  static std::array<std::uint64_t, 2> words_of(const IpAddress& address);

  std::size_t routes_max_;
  std::vector<Entry> entries_;  ///< best first, so the first match wins
};

}  // namespace strata::internet
