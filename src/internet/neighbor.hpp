// Who on the link has which address: one machine for ARP (RFC 826, RFC 1122 §2.3.2) and later for IPv6
// neighbour discovery (RFC 4861 §7.3). It knows no packet format: it says whom to ask, and is told what was
// heard.
//
//              resolve()                 answer
//   (no entry) ---------> incomplete --------------> reachable --+ too old and in use, or
//                             |            ^            ^        | someone claims another MAC
//                    silence  v     answer |     answer |        v
//                          failed ---------+            +----- probe
//   (no entry) <-- hold over --+ <----------- silence -----------+
//
// Trust: an entry is made only by our own wish to send or by a request that asks for us. The address of a
// reachable neighbour changes only by the answer to a question of ours; whoever claims another one makes us
// ask again. Bounds: see make_room().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/slab.hpp"
#include "base/timer_wheel.hpp"
#include "buf/packet_buf.hpp"
#include "strata/address.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/network.hpp"
#include "strata/time.hpp"

namespace strata::internet {

enum class NeighborState : std::uint8_t { incomplete, reachable, probe, failed };

struct Neighbor {
  NicId nic = NicId::none;
  IpAddress address;
  MacAddress mac;  ///< meaningful in reachable and probe
  NeighborState state = NeighborState::incomplete;
  std::uint8_t asked = 0;     ///< questions since the last answer
  bool used = false;          ///< we sent through it, or wanted to
  bool ask_everyone = false;  ///< the question goes to the whole link, not to `mac`
  Instant fresh_until;
  buf::PacketQueue waiting;   ///< what cannot be sent yet
  WheelNode timer;            ///< retry, or end of the failed hold
  ListHook<Neighbor> order;   ///< in the list of its kind
  ListHook<Neighbor> asking;  ///< while a question is to be sent
  std::uint32_t next_in_bucket = 0;

  bool has_mac() const { return state == NeighborState::reachable || state == NeighborState::probe; }
};

/// A question to be put into the link's words.
struct Solicitation {
  NicId nic = NicId::none;
  IpAddress target;
  std::optional<MacAddress> to;  ///< nothing: everyone
};

class NeighborTable {
 public:
  NeighborTable(const NeighborConfig& config, const TableLimits& limits, std::uint64_t hash_key,
                Counters& counters);
  NeighborTable(const NeighborTable&) = delete;
  NeighborTable& operator=(const NeighborTable&) = delete;

  /// The entry to send through, made if there is none; nullptr when there is no room for it.
  Neighbor* resolve(NicId nic, const IpAddress& address, Instant now);
  /// Lets a packet wait for an incomplete neighbour; the oldest waiting one makes room.
  void park(Neighbor& neighbor, Packet packet);

  /// A request from `address` that asks for us. The entry with its packets, if it can be sent through now.
  Neighbor* on_request(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now);
  /// An answer to us. The entry with its packets; nullptr when nobody asked: then it is only a claim.
  Neighbor* on_reply(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now);
  /// Somebody says unasked which address is its own.
  void on_claim(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now);

  /// The next question that is due, if any.
  std::optional<Solicitation> take_solicitation();
  /// Runs timers up to `now`; stops at each neighbour that failed with packets waiting. nullptr when nothing
  /// is due.
  Neighbor* expire_next(Instant now);
  Instant next_deadline() const { return wheel_.next_deadline(); }

  const Neighbor* find(NicId nic, const IpAddress& address) const;
  std::size_t size() const { return entries_.size(); }

 private:
  using Order = IntrusiveList<Neighbor, &Neighbor::order>;
  static constexpr std::uint32_t kNone = 0xffff'ffffU;

  std::size_t bucket_of(NicId nic, const IpAddress& address) const;
  Neighbor* lookup(NicId nic, const IpAddress& address);
  Neighbor* create(NicId nic, const IpAddress& address, bool used);
  bool make_room(bool for_use);
  void erase(Neighbor& neighbor);
  Order& list_of(const Neighbor& neighbor);
  void enlist(Neighbor& neighbor);
  void delist(Neighbor& neighbor);
  void mark_used(Neighbor& neighbor);
  void confirm(Neighbor& neighbor, const MacAddress& mac, Instant now);
  void start_asking(Neighbor& neighbor, bool everyone, Instant now);
  void ask(Neighbor& neighbor, Instant now);
  void fail(Neighbor& neighbor, Instant now);

  NeighborConfig config_;
  std::size_t queue_max_;
  std::uint64_t hash_key_;
  Counters& counters_;
  Slab<Neighbor> entries_;
  std::vector<std::uint32_t> buckets_;  ///< heads of chains through next_in_bucket
  TimerWheel wheel_;
  Order unresolved_;  ///< incomplete and failed, oldest first
  Order heard_;       ///< made by requests from others and never sent through, oldest first
  Order used_;        ///< sent through, least recently used first
  std::size_t unresolved_count_ = 0;
  IntrusiveList<Neighbor, &Neighbor::asking> asking_;
};

}  // namespace strata::internet
