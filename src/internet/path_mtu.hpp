// Paths that are narrower than our link, by destination (RFC 1191 §3, RFC 8201 §4), for a while: a path that
// widened is found when its entry has grown old. Whether a router's word is to be believed is for the
// transport that sent the quoted packet; here it must only make sense. Serves both families.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/slab.hpp"
#include "strata/address.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/time.hpp"

namespace strata::internet {

/// RFC 8200 §5: every IPv6 link carries so much, and RFC 8201 §4 believes nothing less.
inline constexpr std::uint32_t kIpv6MtuMin = 1280;

/// RFC 1191 §7.1: the largest common MTU below `size`, for routers that do not say what fits.
std::uint32_t plateau_below(std::uint32_t size);

class PathMtuTable {
 public:
  /// `counters` must outlive this.
  PathMtuTable(const TableLimits& limits, const TcpConfig& rules, std::uint64_t hash_key, Counters& counters);
  PathMtuTable(const PathMtuTable&) = delete;
  PathMtuTable& operator=(const PathMtuTable&) = delete;

  /// The parameters `min_pmtu` and `mtu_expires` from now on.
  void set_rules(const TcpConfig& rules);

  struct Path {
    std::uint32_t mtu = 0;
    bool is_narrower = false;  ///< than min_pmtu, so that packets must go without DF
  };
  /// Nothing: as wide as the link. The entry counts as used.
  std::optional<Path> find(const IpAddress& to);
  /// No more than `mtu` fits on the way to `to`, of which the link carries `link_mtu`. True: that is news,
  /// and it was believed; else a counter says why not.
  bool lower(const IpAddress& to, std::uint32_t mtu, std::uint32_t link_mtu, Instant now);
  /// True: some path may be wider again.
  bool expire(Instant now);
  Instant next_deadline() const;
  std::size_t size() const { return entries_.size(); }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffffU;
  struct Entry {
    IpAddress to;
    Path path;
    std::uint8_t falls = 0;
    Instant learnt;
    ListHook<Entry> by_age;
    ListHook<Entry> by_use;
    std::uint32_t next_in_bucket = kNone;
  };

  std::uint32_t& bucket_of(const IpAddress& to);
  Entry* lookup(const IpAddress& to);
  Entry* create(const IpAddress& to);
  void erase(Entry& entry);

  std::size_t falls_max_;
  std::uint32_t least_v4_;
  Duration expires_;
  std::uint64_t hash_key_;
  Counters& counters_;
  Slab<Entry> entries_;
  std::vector<std::uint32_t> buckets_;           ///< heads of chains through next_in_bucket
  IntrusiveList<Entry, &Entry::by_age> by_age_;  ///< learnt longest ago first
  IntrusiveList<Entry, &Entry::by_use> by_use_;  ///< least recently used first
};

}  // namespace strata::internet
