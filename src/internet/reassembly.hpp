// Puts fragments together again (RFC 791 §3.2, RFC 815, RFC 8200 §4.5), for both families: what the headers
// mean is the caller's. Pieces are kept as they came, in order; a datagram that contradicts itself, by an
// overlap (RFC 5722 §3), two ends or mixed marks, is discarded with all that still comes of it. Memory is
// bounded in all, for each source and for each datagram, and counted as what it really costs; what has waited
// longest makes room.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/slab.hpp"
#include "buf/byte_queue.hpp"
#include "buf/packet_buf.hpp"
#include "strata/address.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/network.hpp"
#include "strata/time.hpp"

namespace strata::internet {

/// What the fragments of one datagram have in common. `protocol`: 0 in IPv6, whose identification is enough.
struct FragmentKey {
  IpAddress src;
  IpAddress dst;
  std::uint32_t id = 0;
  std::uint8_t protocol = 0;
  friend bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

struct Fragment {
  FragmentKey key;
  std::uint32_t offset = 0;  ///< in bytes
  bool more = false;
  std::uint8_t ecn = 0;
  std::uint16_t header_size = 0;  ///< these bytes lie in front of the packet's head
  NicId nic = NicId::none;
  bool to_group = false;
};

class Reassembly {
 public:
  /// `pools` and `counters` must outlive this.
  Reassembly(const Config& config, std::uint64_t hash_key, buf::Pools& pools, Counters& counters);
  Reassembly(const Reassembly&) = delete;
  Reassembly& operator=(const Reassembly&) = delete;

  /// The parameter `ipfrag_time` from now on.
  void set_rules(const TcpConfig& rules) { lifetimes_[0] = rules.fragment_time; }

  /// A datagram that is whole: the headers of its first fragment, unchanged, then all data.
  struct Whole {
    Packet packet;
    std::uint16_t header_size = 0;
    std::uint8_t ecn = 0;  ///< of all fragments together (RFC 3168 §5.3)
  };
  /// `packet` begins with the fragment's data. An empty packet: it is not whole yet, or was refused; a
  /// counter says why.
  Whole add(const Fragment& fragment, Packet packet, Instant now);

  /// A datagram whose time is over, if its first fragment had come: its sender is to be told.
  struct Unfinished {
    Fragment first;
    Packet packet;
  };
  /// Call it until it says nothing.
  std::optional<Unfinished> expire(Instant now);
  Instant next_deadline() const;

  std::size_t size() const { return datagrams_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffffU;
  static constexpr std::uint32_t kSizeMax = 0xffff;

  struct Piece {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::size_t cost = 0;
    Packet packet;
    std::uint32_t next = kNone;
  };
  struct Datagram {
    FragmentKey key;
    Fragment first;  ///< meaningful once that has come
    Instant begun;
    std::optional<std::uint32_t> end;  ///< once the last fragment has come
    std::uint32_t received = 0;
    std::size_t cost = 0;
    std::uint32_t pieces = kNone;  ///< in order
    std::uint32_t piece_count = 0;
    std::uint32_t source = kNone;
    std::uint8_t marks = 0;  ///< bit n: a fragment had ECN field n
    bool is_dead = false;
    std::uint32_t next_in_bucket = kNone;
    ListHook<Datagram> by_age;
    ListHook<Datagram> of_source;
  };
  struct Source {
    IpAddress address;
    std::size_t cost = 0;
    std::uint32_t next_in_bucket = kNone;
    IntrusiveList<Datagram, &Datagram::of_source> datagrams;  ///< oldest first
  };
  using ByAge = IntrusiveList<Datagram, &Datagram::by_age>;
  using Buckets = std::vector<std::uint32_t>;

  static std::size_t family_of(const FragmentKey& key) { return key.src.is_v4() ? 0 : 1; }
  std::uint32_t& bucket_of(const FragmentKey& key);
  std::uint32_t& bucket_of(const IpAddress& source);
  Datagram* find(const FragmentKey& key);
  Datagram* create(const FragmentKey& key, Instant now);
  std::uint32_t source_of(const IpAddress& address);
  void erase(Datagram& datagram);
  void leave_source(Datagram& datagram);
  void drop_pieces(Datagram& datagram);
  void kill(Datagram& datagram, Counter reason);
  Datagram* oldest_but(const Datagram& kept);
  bool make_room(Datagram& datagram, std::size_t cost);
  std::optional<Counter> contradiction(const Datagram& datagram, const Fragment& fragment,
                                       std::uint32_t size) const;
  bool insert(Datagram& datagram, const Fragment& fragment, Packet packet);
  Whole assemble(Datagram& datagram);
  std::size_t cost_of(const Packet& packet) const;

  std::size_t bytes_max_;
  std::size_t source_bytes_max_;
  std::size_t pieces_max_;
  std::array<Duration, 2> lifetimes_{Duration{}, Duration::seconds(60)};  ///< RFC 8200 §4.5
  std::uint64_t hash_key_;
  buf::Pools& pools_;
  Counters& counters_;
  std::size_t bytes_ = 0;
  Slab<Piece> pieces_;
  Slab<Datagram> datagrams_;
  Slab<Source> sources_;
  Buckets buckets_;              ///< heads of chains of datagrams
  Buckets source_buckets_;       ///< and of sources
  std::array<ByAge, 2> by_age_;  ///< by family, oldest first
};

}  // namespace strata::internet
