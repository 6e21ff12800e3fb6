// Where a datagram goes next: routes by longest prefix, then by lowest metric (RFC 1812 §5.2.4.3).
#pragma once

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
  const Route* find(const IpAddress& dst, NicId nic = NicId::none) const;
  std::size_t size() const { return entries_.size(); }
  std::size_t available() const { return routes_max_ - entries_.size(); }

 private:
  /// The destination as two words and their masks: one comparison per entry of the scan, whatever the family.
  struct Entry {
    std::array<std::uint64_t, 2> network;
    std::array<std::uint64_t, 2> mask;
    Route route;
  };
  static Entry make_entry(const Route& route);

  std::size_t routes_max_;
  std::vector<Entry> entries_;  ///< best first, so the first match wins
};

}  // namespace strata::internet
