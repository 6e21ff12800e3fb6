// The neighbour machine. Timers exist only from an entry's doubtful use on, and while a failure is held: a
// reachable entry is checked when it is used.
#include "internet/neighbor.hpp"

#include <algorithm>
#include <bit>

#include "base/byte_order.hpp"

namespace strata::internet {
namespace {

/// RFC 7048 §3: MAX_RETRANS_TIMER and BACKOFF_MULTIPLE.
constexpr std::int64_t kBackoffFactor = 3;
constexpr Duration kBackoffMax = Duration::seconds(60);

}  // namespace

NeighborTable::NeighborTable(const NeighborConfig& config, const TableLimits& limits, std::uint64_t hash_key,
                             Counters& counters)
    : config_(config),
      queue_max_(limits.neighbor_queue_max),
      hash_key_(hash_key),
      counters_(counters),
      entries_(limits.neighbors_max),
      buckets_(std::bit_ceil(std::max<std::size_t>(limits.neighbors_max, 2)), kNone) {}

// Keyed, so that nobody can choose addresses that share a bucket.
std::size_t NeighborTable::bucket_of(NicId nic, const IpAddress& address) const {
  std::uint64_t hash = hash_key_ ^ static_cast<std::uint64_t>(nic);
  for (std::size_t at : {std::size_t{0}, std::size_t{8}}) {
    hash = (hash ^ load_be<std::uint64_t>(address.octets().data() + at)) * 0x9e37'79b9'7f4a'7c15U;
    hash ^= hash >> 32;
  }
  return hash & (buckets_.size() - 1);
}

Neighbor* NeighborTable::lookup(NicId nic, const IpAddress& address) {
  for (std::uint32_t i = buckets_[bucket_of(nic, address)]; i != kNone; i = entries_[i].next_in_bucket) {
    if (entries_[i].address == address && entries_[i].nic == nic) return &entries_[i];
  }
  return nullptr;
}

const Neighbor* NeighborTable::find(NicId nic, const IpAddress& address) const {
  return const_cast<NeighborTable*>(this)->lookup(nic, address);
}

Neighbor* NeighborTable::resolve(NicId nic, const IpAddress& address, bool confirmed, Instant now) {
  Neighbor* neighbor = lookup(nic, address);
  if (neighbor == nullptr) {
    neighbor = create(nic, address, true);
    if (neighbor != nullptr) start_asking(*neighbor, true, now);
    return neighbor;
  }
  if (!neighbor->has_mac()) return neighbor;
  mark_used(*neighbor);
  if (confirmed) {
    if (neighbor->state != NeighborState::reachable) stop_asking(*neighbor);
    neighbor->state = NeighborState::reachable;
    neighbor->fresh_until = now + config_.reachable;
    return neighbor;
  }
  const bool is_old = neighbor->state == NeighborState::reachable && now >= neighbor->fresh_until;
  if (is_old || neighbor->state == NeighborState::stale) {
    // Use what we know meanwhile; ask unless we hear of it (RFC 4861 §7.3.3, RFC 1122 §2.3.2.1 (2)).
    neighbor->state = NeighborState::delay;
    wheel_.file(neighbor->timer, now + config_.first_probe_delay);
  }
  return neighbor;
}

void NeighborTable::park(Neighbor& neighbor, Packet packet) {
  STRATA_CHECK(neighbor.state == NeighborState::incomplete);
  if (queue_max_ == 0) return counters_.add(Counter::neighbor_queue_full);
  if (neighbor.waiting.size() >= queue_max_) {
    // RFC 1122 §2.3.2.2: save at least the latest packet.
    neighbor.waiting.pop_front();
    counters_.add(Counter::neighbor_queue_full);
  }
  neighbor.waiting.push_back(std::move(packet));
}

Neighbor* NeighborTable::on_request(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now) {
  Neighbor* neighbor = lookup(nic, address);
  if (neighbor == nullptr) {
    // RFC 826, reception: who asks for us will be talked to soon.
    neighbor = create(nic, address, false);
    if (neighbor == nullptr) return nullptr;
  } else if (neighbor->has_mac() && neighbor->mac != mac) {
    on_claim(nic, address, mac, now);
    return nullptr;
  }
  confirm(*neighbor, mac, now);
  return neighbor;
}

Neighbor* NeighborTable::on_reply(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now) {
  Neighbor* neighbor = lookup(nic, address);
  const bool was_asked = neighbor != nullptr && (!neighbor->has_mac() || neighbor->asked > 0);
  if (was_asked) {
    confirm(*neighbor, mac, now);
    return neighbor;
  }
  on_claim(nic, address, mac, now);
  return nullptr;
}

void NeighborTable::on_claim(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now) {
  Neighbor* neighbor = lookup(nic, address);
  if (neighbor == nullptr || !neighbor->has_mac() || neighbor->asked > 0 || neighbor->mac == mac) return;
  neighbor->state = NeighborState::probe;  // stays in its list
  start_asking(*neighbor, true, now);
}

Neighbor* NeighborTable::on_mention(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now) {
  Neighbor* neighbor = lookup(nic, address);
  if (neighbor == nullptr) {
    neighbor = create(nic, address, false);
    if (neighbor == nullptr) return nullptr;
  } else if (neighbor->has_mac() && neighbor->mac == mac) {
    return nullptr;
  }
  take_mac(*neighbor, NeighborState::stale, mac, now);
  return neighbor->waiting.empty() ? nullptr : neighbor;
}

Neighbor* NeighborTable::on_advertisement(NicId nic, const IpAddress& address, const Advertisement& said,
                                          Instant now) {
  Neighbor* neighbor = lookup(nic, address);
  if (neighbor == nullptr) return nullptr;
  const auto state_then = said.solicited ? NeighborState::reachable : NeighborState::stale;
  if (!neighbor->has_mac()) {
    if (said.mac) take_mac(*neighbor, state_then, *said.mac, now);
    return neighbor;
  }
  const bool is_news = said.mac && *said.mac != neighbor->mac;
  if (is_news && !said.overrides) {
    // Somebody else claims the address: the old one stays, but is no longer trusted.
    if (neighbor->state == NeighborState::reachable) neighbor->state = NeighborState::stale;
    return neighbor;
  }
  if (said.solicited || is_news) take_mac(*neighbor, state_then, said.mac.value_or(neighbor->mac), now);
  return neighbor;
}

std::optional<Solicitation> NeighborTable::take_solicitation() {
  const Neighbor* neighbor = asking_.pop_front();
  if (neighbor == nullptr) return std::nullopt;
  Solicitation question{.nic = neighbor->nic, .target = neighbor->address, .to = std::nullopt};
  if (!neighbor->ask_everyone) question.to = neighbor->mac;
  return question;
}

Neighbor* NeighborTable::expire_next(Instant now) {
  while (const WheelNode* node = wheel_.pop_due(now)) {
    Neighbor& neighbor = entries_[node->owner];
    if (neighbor.state == NeighborState::failed) {
      erase(neighbor);
    } else {
      on_silence(neighbor, now);
      if (neighbor.state == NeighborState::failed && !neighbor.waiting.empty()) return &neighbor;
    }
  }
  return nullptr;
}

void NeighborTable::on_silence(Neighbor& neighbor, Instant now) {
  if (neighbor.state == NeighborState::delay) {
    neighbor.state = NeighborState::probe;
    return start_asking(neighbor, false, now);
  }
  if (neighbor.asked < config_.retries_max) return ask(neighbor, now);
  ++losses_;
  if (neighbor.state != NeighborState::probe) return fail(neighbor, now);
  // It may have another adapter by now, or it may be the link: RFC 7048 §3. DEVIATION:
  // docs/deviations.md#silent-neighbor
  neighbor.state = NeighborState::unreachable;
  start_asking(neighbor, true, now);
}

void NeighborTable::confirm(Neighbor& neighbor, const MacAddress& mac, Instant now) {
  take_mac(neighbor, NeighborState::reachable, mac, now);
}

/// Precondition: `state` has_mac() and asks nobody.
void NeighborTable::take_mac(Neighbor& neighbor, NeighborState state, const MacAddress& mac, Instant now) {
  delist(neighbor);
  neighbor.state = state;
  neighbor.mac = mac;
  neighbor.fresh_until = now + config_.reachable;
  enlist(neighbor);
  stop_asking(neighbor);
}

void NeighborTable::stop_asking(Neighbor& neighbor) {
  neighbor.asked = 0;
  if (neighbor.timer.linked) wheel_.remove(neighbor.timer);
  if (asking_.contains(neighbor)) asking_.remove(neighbor);
}

void NeighborTable::start_asking(Neighbor& neighbor, bool everyone, Instant now) {
  neighbor.asked = 0;
  neighbor.ask_everyone = everyone;
  ask(neighbor, now);
}

void NeighborTable::ask(Neighbor& neighbor, Instant now) {
  Duration wait = config_.retry;
  if (neighbor.state == NeighborState::unreachable) {
    for (std::uint8_t i = 0; i < neighbor.asked; ++i) wait = std::min(wait * kBackoffFactor, kBackoffMax);
  }
  ++neighbor.asked;
  if (!asking_.contains(neighbor)) asking_.push_back(neighbor);
  wheel_.file(neighbor.timer, now + wait);
}

void NeighborTable::fail(Neighbor& neighbor, Instant now) {
  counters_.add(Counter::neighbor_failed);
  delist(neighbor);
  neighbor.state = NeighborState::failed;
  enlist(neighbor);
  if (asking_.contains(neighbor)) asking_.remove(neighbor);
  wheel_.file(neighbor.timer, now + config_.failed_hold);
}

Neighbor* NeighborTable::create(NicId nic, const IpAddress& address, bool used) {
  if (entries_.size() == entries_.max_size() && !make_room(used)) return nullptr;
  const std::uint32_t index = entries_.emplace();
  if (index == kNone) return nullptr;
  Neighbor& neighbor = entries_[index];
  neighbor.nic = nic;
  neighbor.address = address;
  neighbor.used = used;
  neighbor.timer.owner = index;
  std::uint32_t& head = buckets_[bucket_of(nic, address)];
  neighbor.next_in_bucket = head;
  head = index;
  enlist(neighbor);
  return &neighbor;
}

// A full table gives up, in this order: what we only heard of; what does not answer, once that is more than
// half of the table; what we used least recently. So requests of others cannot push out what we use, and a
// flood that makes us look for silent hosts cannot take more than half.
bool NeighborTable::make_room(bool for_use) {
  counters_.add(Counter::neighbor_table_full);
  Neighbor* victim = heard_.front();
  if (victim == nullptr && for_use) {
    const bool mostly_silent = used_.empty() || unresolved_count_ * 2 > entries_.max_size();
    victim = mostly_silent ? unresolved_.front() : used_.front();
  }
  if (victim == nullptr) return false;
  erase(*victim);
  return true;
}

void NeighborTable::erase(Neighbor& neighbor) {
  counters_.add(Counter::neighbor_queue_full, neighbor.waiting.size());
  delist(neighbor);
  if (neighbor.timer.linked) wheel_.remove(neighbor.timer);
  if (asking_.contains(neighbor)) asking_.remove(neighbor);
  const std::uint32_t index = neighbor.timer.owner;
  std::uint32_t* link = &buckets_[bucket_of(neighbor.nic, neighbor.address)];
  while (*link != index) link = &entries_[*link].next_in_bucket;
  *link = neighbor.next_in_bucket;
  entries_.erase(index);
}

NeighborTable::Order& NeighborTable::list_of(const Neighbor& neighbor) {
  if (!neighbor.has_mac()) return unresolved_;
  return neighbor.used ? used_ : heard_;
}

void NeighborTable::enlist(Neighbor& neighbor) {
  if (!neighbor.has_mac()) ++unresolved_count_;
  list_of(neighbor).push_back(neighbor);
}

void NeighborTable::delist(Neighbor& neighbor) {
  if (!neighbor.has_mac()) --unresolved_count_;
  list_of(neighbor).remove(neighbor);
}

void NeighborTable::mark_used(Neighbor& neighbor) {
  list_of(neighbor).remove(neighbor);
  neighbor.used = true;
  used_.push_back(neighbor);
}

}  // namespace strata::internet
