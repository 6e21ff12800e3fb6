// Listening sockets, found by port: an exact address before any address before any port.
#pragma once

#include <array>
#include <cstdint>

#include "base/intrusive_list.hpp"
#include "base/slab.hpp"
#include "stack/flow.hpp"
#include "strata/address.hpp"
#include "strata/socket.hpp"
#include "strata/tcp_settings.hpp"

namespace strata {

/// Where somebody listens.
struct ListenPlace {
  Endpoint local;  ///< `::` stands for every address of both families
  bool any_port = false;
  bool shared = false;     ///< several may have this place
  bool ipv6_only = false;  ///< `::` leaves IPv4 to others (RFC 3493 §5.3)

  /// A connection to `to` belongs here, as far as addresses go.
  bool covers(const Endpoint& to) const;
};
/// A connection could belong to both, at the same port.
bool overlap(const ListenPlace& a, const ListenPlace& b);

struct Listener : ListenPlace {
  std::uint16_t backlog = 0;
  std::uint32_t half_open = 0;  ///< connections in SYN-RECEIVED
  std::uint32_t waiting = 0;    ///< connections in `accepted`
  std::uint32_t index = 0;
  std::uint32_t next_in_bucket = 0xffff'ffff;
  IntrusiveList<Flow, &Flow::wait_hook> accepted;
  ListHook<Listener> ready_hook;
  Waker waker;
  TcpSettings settings;  ///< of the connections
  bool is_full() const { return waiting >= backlog; }
};

class ListenTable {
 public:
  static constexpr std::uint32_t kNone = 0xffff'ffff;
  explicit ListenTable(std::size_t max) : listeners_(max) { buckets_.fill(kNone); }

  /// kNone when the table is full. Precondition: !is_taken(place).
  std::uint32_t add(const ListenPlace& place);
  void remove(std::uint32_t index);
  /// Another listener has this place, or one that covers it at the same port, and does not share it.
  bool is_taken(const ListenPlace& place) const;
  /// Who takes a SYN to `local`; nullptr when nobody listens. Among those that share the place, `flow_hash`
  /// decides.
  Listener* find(const Endpoint& local, std::uint32_t flow_hash = 0);

  Slab<Listener, 16>& all() { return listeners_; }

 private:
  Listener* pick(const Endpoint& place, std::uint32_t flow_hash);
  static std::size_t bucket_of(std::uint16_t port) { return port % kBuckets; }
  static constexpr std::size_t kBuckets = 256;

  Slab<Listener, 16> listeners_;
  std::array<std::uint32_t, kBuckets> buckets_;
  std::uint32_t any_port_ = kNone;
};

}  // namespace strata
