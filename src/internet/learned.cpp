#include "internet/learned.hpp"

#include <algorithm>

namespace strata::internet {

LearnedTable::LearnedTable(const Ipv6Config& config) : config_(config) {
  entries_.reserve(config.routers_max + config.prefixes_max + config.routes_max + config.dns_servers_max);
}

std::size_t LearnedTable::bound_of(LearnedKind kind) const {
  switch (kind) {
    case LearnedKind::default_router: return config_.routers_max;
    case LearnedKind::on_link_prefix: return config_.prefixes_max;
    case LearnedKind::route: return config_.routes_max;
    case LearnedKind::dns_server: return config_.dns_servers_max;
  }
  return 0;
}

LearnedChange LearnedTable::put(const Learned& what, Instant now, Learned& old) {
  const auto same = std::ranges::find_if(entries_, [&](const Learned& other) {
    return other.kind == what.kind && other.route.destination == what.route.destination &&
           other.route.gateway == what.route.gateway && other.route.nic == what.route.nic;
  });
  const bool is_over = what.until <= now;
  LearnedChange change = LearnedChange::none;
  if (same != entries_.end()) {
    old = *same;
    if (is_over) {
      entries_.erase(same);
      change = LearnedChange::removed;
    } else {
      if (same->route.metric != what.route.metric) change = LearnedChange::replaced;
      *same = what;
    }
  } else if (!is_over) {
    const auto count = std::ranges::count(entries_, what.kind, &Learned::kind);
    if (static_cast<std::size_t>(count) >= bound_of(what.kind)) return LearnedChange::full;
    entries_.push_back(what);
    change = LearnedChange::added;
  }
  find_next();
  return change;
}

std::optional<Learned> LearnedTable::pop_expired(Instant now) {
  if (now < next_) return std::nullopt;
  const auto over = std::ranges::find_if(entries_, [&](const Learned& entry) { return entry.until <= now; });
  if (over == entries_.end()) return std::nullopt;
  const Learned gone = *over;
  entries_.erase(over);
  find_next();
  return gone;
}

void LearnedTable::find_next() {
  next_ = Instant::never();
  for (const Learned& entry : entries_) next_ = std::min(next_, entry.until);
}

}  // namespace strata::internet
