// What routers told us and when it ends to be true (RFC 4861 §6.3.4, RFC 4191, RFC 8106): default routers,
// prefixes on the link, further routes, name servers. Each kind has a bound, and what is beyond it is not
// learned: a flood of advertisements costs nobody's memory. Keeps; the route table routes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "strata/config.hpp"
#include "strata/network.hpp"
#include "strata/time.hpp"

namespace strata::internet {

enum class LearnedKind : std::uint8_t { default_router, on_link_prefix, route, dns_server };

struct Learned {
  LearnedKind kind = LearnedKind::route;
  Route route;  ///< of a name server: its address is the gateway
  Instant until;
};

/// What put() did.
enum class LearnedChange : std::uint8_t { none, added, removed, replaced, full };

class LearnedTable {
 public:
  explicit LearnedTable(const Ipv6Config& config);

  /// Makes it true until `what.until`; from `now` on no more, if that is not later. A metric that changed
  /// replaces it: the old one is in `old`.
  LearnedChange put(const Learned& what, Instant now, Learned& old);
  /// The next one whose time is over, taken out.
  std::optional<Learned> pop_expired(Instant now);
  Instant next_deadline() const { return next_; }

  const std::vector<Learned>& all() const { return entries_; }

 private:
  std::size_t bound_of(LearnedKind kind) const;
  void find_next();

  Ipv6Config config_;
  std::vector<Learned> entries_;
  Instant next_ = Instant::never();
};

}  // namespace strata::internet
