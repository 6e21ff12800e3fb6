// Who on the link has which address: one machine for ARP (RFC 826, RFC 1122 §2.3.2) and IPv6 neighbour
// discovery (RFC 4861 §7.3, RFC 7048). It knows no packet format: it says whom to ask, and is told what was
// heard.
//
//              resolve()                answer
//   (no entry) ---------> incomplete ------------> reachable --> stale     too old; another MAC is claimed
//                             |            ^          ^ ^          |
//                    silence  v     answer |   answer | | answer,  | used
//                          failed ---------+          | | progress v
//   (no entry) <-- hold over --+ <-- unreachable <- probe <----- delay
//                                 silence        silence   5 s
//
// Trust, ARP: an entry is made only by our own wish to send or by a request that asks for us. The address of
// a reachable neighbour changes only by the answer to a question of ours; whoever claims another one makes us
// ask again. Trust, NDP: the table of RFC 4861 §7.2.5. Bounds: see make_room().
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

enum class NeighborState : std::uint8_t {
  incomplete,
  reachable,    ///< until fresh_until; then stale, which is noticed when it is used
  stale,        ///< nobody knows: used as it is, but not for long
  delay,        ///< used since; perhaps a transport says that it is there
  probe,        ///< asked itself
  unreachable,  ///< everybody is asked, ever more seldom; still used (RFC 7048 §3)
  failed,
};

struct Neighbor {
  NicId nic = NicId::none;
  IpAddress address;
  MacAddress mac;  ///< meaningful when has_mac()
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

  bool has_mac() const { return state != NeighborState::incomplete && state != NeighborState::failed; }
  /// A way through it is worth a try (RFC 4861 §6.3.6).
  bool is_promising() const { return has_mac() && state != NeighborState::unreachable; }
};

/// What an advertisement of RFC 4861 §4.4 says.
struct Advertisement {
  std::optional<MacAddress> mac;
  bool solicited = false;
  bool overrides = false;
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

  /// The entry to send through, made if there is none; nullptr when there is no room for it. `confirmed`: a
  /// transport saw progress at its other end (RFC 4861 §7.3.1).
  Neighbor* resolve(NicId nic, const IpAddress& address, bool confirmed, Instant now);
  /// Lets a packet wait for an incomplete neighbour; the oldest waiting one makes room.
  void park(Neighbor& neighbor, Packet packet);

  // --- ARP ---
  /// A request from `address` that asks for us. The entry with its packets, if it can be sent through now.
  Neighbor* on_request(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now);
  /// An answer to us. The entry with its packets; nullptr when nobody asked: then it is only a claim.
  Neighbor* on_reply(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now);
  /// Somebody says unasked which address is its own.
  void on_claim(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now);

  // --- NDP ---
  /// Somebody said in passing which link address is its own (RFC 4861 §7.2.3). The entry, if packets wait.
  Neighbor* on_mention(NicId nic, const IpAddress& address, const MacAddress& mac, Instant now);
  /// RFC 4861 §7.2.5. The entry; nullptr when nobody here knows it.
  Neighbor* on_advertisement(NicId nic, const IpAddress& address, const Advertisement& said, Instant now);

  /// The next question that is due, if any.
  std::optional<Solicitation> take_solicitation();
  /// Runs timers up to `now`; stops at each neighbour that failed with packets waiting. nullptr when nothing
  /// is due.
  Neighbor* expire_next(Instant now);
  Instant next_deadline() const { return wheel_.next_deadline(); }

  const Neighbor* find(NicId nic, const IpAddress& address) const;
  std::size_t size() const { return entries_.size(); }
  /// Moves on when a neighbour falls silent: ways through it may have become worse than others.
  std::uint32_t losses() const { return losses_; }

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
  void take_mac(Neighbor& neighbor, NeighborState state, const MacAddress& mac, Instant now);
  void stop_asking(Neighbor& neighbor);
  void start_asking(Neighbor& neighbor, bool everyone, Instant now);
  void on_silence(Neighbor& neighbor, Instant now);
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
  std::uint32_t losses_ = 0;
  IntrusiveList<Neighbor, &Neighbor::asking> asking_;
};

}  // namespace strata::internet
