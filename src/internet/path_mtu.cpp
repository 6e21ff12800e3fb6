#include "internet/path_mtu.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "internet/address_hash.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {

std::uint32_t plateau_below(std::uint32_t size) {
  constexpr std::array<std::uint32_t, 11> kPlateaus = {65535, 32000, 17914, 8166, 4352, 2002,
                                                       1492,  1006,  508,   296,  68};
  for (const std::uint32_t mtu : kPlateaus) {
    if (mtu < size) return mtu;
  }
  return kPlateaus.back();
}

PathMtuTable::PathMtuTable(const TableLimits& limits, const TcpConfig& rules, std::uint64_t hash_key,
                           Counters& counters)
    : falls_max_(limits.path_mtu_falls_max),
      hash_key_(hash_key),
      counters_(counters),
      entries_(limits.path_mtus_max),
      buckets_(std::bit_ceil(std::max<std::size_t>(limits.path_mtus_max, 2)), kNone) {
  set_rules(rules);
}

void PathMtuTable::set_rules(const TcpConfig& rules) {
  least_v4_ = rules.min_pmtu;
  expires_ = rules.mtu_expires;
}

std::uint32_t& PathMtuTable::bucket_of(const IpAddress& to) {
  return buckets_[address_hash(hash_key_, to) & (buckets_.size() - 1)];
}

PathMtuTable::Entry* PathMtuTable::lookup(const IpAddress& to) {
  std::uint32_t i = bucket_of(to);
  while (i != kNone && entries_[i].to != to) i = entries_[i].next_in_bucket;
  return i == kNone ? nullptr : &entries_[i];
}

std::optional<PathMtuTable::Path> PathMtuTable::find(const IpAddress& to) {
  if (entries_.size() == 0) return std::nullopt;
  Entry* const entry = lookup(to);
  if (entry == nullptr) return std::nullopt;
  by_use_.remove(*entry);
  by_use_.push_back(*entry);
  return entry->path;
}

PathMtuTable::Entry* PathMtuTable::create(const IpAddress& to) {
  if (entries_.size() == entries_.max_size() && entries_.size() > 0) {
    counters_.add(Counter::path_mtu_evicted);
    erase(*by_use_.front());
  }
  const std::uint32_t index = entries_.emplace(to);
  if (index == kNone) return nullptr;
  Entry& entry = entries_[index];
  entry.next_in_bucket = bucket_of(to);
  bucket_of(to) = index;
  by_age_.push_back(entry);
  by_use_.push_back(entry);
  return &entry;
}

void PathMtuTable::erase(Entry& entry) {
  std::uint32_t* link = &bucket_of(entry.to);
  while (&entries_[*link] != &entry) link = &entries_[*link].next_in_bucket;
  const std::uint32_t index = *link;
  *link = entry.next_in_bucket;
  by_age_.remove(entry);
  by_use_.remove(entry);
  entries_.erase(index);
}

bool PathMtuTable::lower(const IpAddress& to, std::uint32_t mtu, std::uint32_t link_mtu, Instant now) {
  Entry* entry = lookup(to);
  const std::uint32_t current = entry == nullptr ? link_mtu : std::min(entry->path.mtu, link_mtu);
  const std::uint32_t least = to.is_v4() ? least_v4_ : std::uint32_t{kIpv6MtuMin};
  const bool is_narrower = mtu < least;
  // RFC 8201 §4: what no link can have says nothing. In IPv4 such links exist: routers fragment for them.
  const bool is_absurd = is_narrower && !to.is_v4();
  const bool is_known = mtu >= current || (is_narrower && entry != nullptr && entry->path.is_narrower);
  if (is_absurd || is_known) {
    counters_.add(is_absurd ? Counter::path_mtu_too_small : Counter::path_mtu_not_less);
    return false;
  }
  if (entry == nullptr) entry = create(to);
  if (entry == nullptr || entry->falls == falls_max_) {
    counters_.add(Counter::path_mtu_limited);
    return false;
  }
  if (is_narrower) counters_.add(Counter::path_mtu_too_small);
  counters_.add(Counter::path_mtu_lowered);
  ++entry->falls;
  entry->path = {.mtu = is_narrower ? std::min(current, least) : mtu, .is_narrower = is_narrower};
  entry->learnt = now;
  by_age_.remove(*entry);
  by_age_.push_back(*entry);
  return true;
}

bool PathMtuTable::expire(Instant now) {
  bool any = false;
  while (next_deadline() <= now) {
    counters_.add(Counter::path_mtu_expired);
    erase(*by_age_.front());
    any = true;
  }
  return any;
}

Instant PathMtuTable::next_deadline() const {
  return by_age_.empty() ? Instant::never() : by_age_.front()->learnt + expires_;
}

}  // namespace strata::internet
