// Layer 2, the internet: interfaces, routes, neighbours, IP in and out, and ICMP. Frames come in through
// input(); what is for a transport goes back to the caller, everything else is answered or dropped here, with
// a counter for every reason. Frames to send are pulled. Knows no port and no connection.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/check.hpp"
#include "base/rng.hpp"
#include "base/siphash.hpp"
#include "base/token_bucket.hpp"
#include "buf/byte_queue.hpp"
#include "internet/address_table.hpp"
#include "internet/interface.hpp"
#include "internet/ip_ids.hpp"
#include "internet/learned.hpp"
#include "internet/neighbor.hpp"
#include "internet/path_mtu.hpp"
#include "internet/reassembly.hpp"
#include "internet/route.hpp"
#include "internet/types.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/error.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata {
class Ipv4View;
class NdView;
struct Icmp6Header;
struct Ipv6Refusal;
}  // namespace strata

namespace strata::internet {

class Internet {
 public:
  /// `pools` and `counters` must outlive this.
  Internet(const Config& config, const Entropy& entropy, buf::Pools& pools, Counters& counters);
  Internet(const Internet&) = delete;
  Internet& operator=(const Internet&) = delete;

  // --- Set-up ---
  /// `invalid_argument`: an impossible MTU, MAC or address, or IPv6 below an MTU of 1280; `address_in_use`:
  /// an address or network that another interface has; `no_memory`: a table is full.
  Result<NicId> add_interface(const InterfaceConfig& config);
  /// `invalid_argument` when the gateway is not on the link, or the MTU is not one of the link.
  Result<void> add_route(const Route& route);
  /// nullptr when there is no such interface.
  const Interface* interface(NicId nic) const;
  /// One of our own addresses, or loopback. `zone`: the interface that a scoped address is meant on.
  bool is_local(const IpAddress& address, NicId zone = NicId::none) const;

  /// From now on deliver TCP whatever its destination, for a listener on any address (a proxy).
  void accept_any_tcp() { accepts_any_tcp_ = true; }

  // --- Routes ---
  /// `network_unreachable` when no route leads to `dst`. `zone`: the interface that a scoped address is meant
  /// on; needed where several speak IPv6.
  Result<RouteChoice> route(const IpAddress& dst, NicId zone = NicId::none) const;
  /// The same with the source fixed: its interface is preferred.
  Result<RouteChoice> route(const IpAddress& dst, const IpAddress& src, NicId zone = NicId::none) const;
  /// A router said, and the transport believes it, that no more than `mtu` bytes fit on the way to `dst`.
  /// Choices that were made before are out of date if that is news.
  void narrow_path(const IpAddress& dst, std::uint32_t mtu, Instant now);
  /// Parameters of paths and fragments from now on.
  void set_ip_rules(const TcpConfig& rules) {
    paths_.set_rules(rules);
    reassembly_.set_rules(rules);
  }
  /// Moves on when a route is added or a path changes: a kept RouteChoice is the best one as long as this
  /// stays the same.
  std::uint32_t routes_version() const { return routes_version_; }

  // --- In ---
  /// A received frame. Packets that are consumed are released.
  Input input(NicId nic, Packet& packet, Instant now);
  /// A packet from next_local().
  Input input_local(Packet& packet, Instant now);

  // --- Out ---
  /// Puts IP and link headers in front. The packet when it can go out on choice.nic now; empty when it waits
  /// for its neighbour, goes to this host or was dropped (counted).
  Packet wrap(Packet packet, const IpSend& send, const RouteChoice& choice, Instant now);
  /// Routes, wraps and queues for output.
  void send(Packet packet, const IpSend& send, Instant now);
  /// Queues a whole frame for next_output(), up to TableLimits::output_queue_max.
  void queue_output(NicId nic, Packet packet);
  /// An ICMP error about a packet that was delivered, as far as RFC 1122 §3.2.2 and the rate limit permit.
  /// Precondition: `original` is as it was delivered; `kind` is one of the unreachable kinds.
  void send_unreachable(IcmpErrorKind kind, const Delivery& delivery, const Packet& original, Instant now);
  Result<void> send_echo(const IpAddress& to, std::uint16_t id, std::uint16_t sequence, Bytes payload,
                         Instant now, NicId zone = NicId::none);

  /// Whole frames: ARP, ICMP, datagrams, packets whose neighbour answered.
  Packet next_output(NicId nic) { return queue_of(nic).pop_front(); }
  /// Gives back the last one; it comes first again.
  void return_output(NicId nic, Packet packet) { queue_of(nic).push_front(std::move(packet)); }
  bool has_output(NicId nic) const { return !outputs_[index_of(nic)].empty(); }
  /// A packet from this host to itself: its head begins with the IP header.
  Packet next_local() { return queue_of(NicId::none).pop_front(); }
  /// Errors that arose here: packets whose neighbour stayed silent.
  std::optional<IcmpError> take_error();
  /// How often take_error() has something to look at.
  std::size_t error_count() const { return undeliverable_.size(); }

  // --- Time ---
  void advance(Instant now);
  /// When advance() or take_error() has work at the latest.
  Instant next_deadline() const;

  const NeighborTable& neighbors() const { return neighbors_; }
  /// What routers said and still is true.
  const LearnedTable& learned() const { return learned_; }
  const Reassembly& reassembly() const { return reassembly_; }

 private:
  /// Where a packet came from, while it is looked at.
  struct Arrival {
    const Interface* nic = nullptr;  ///< nullptr: this host
    bool to_group = false;           ///< an Ethernet broadcast or multicast
  };

  // internet.cpp
  const Route* best_route(const IpAddress& dst, NicId nic) const;
  const Interface* owner_of(const IpAddress& address) const {
    return interface(addresses_.owner_of(address));
  }
  void fit_to_path(const IpAddress& dst, const Route* route, RouteChoice& choice) const;
  Result<RouteChoice> choose(const IpAddress& dst, const Interface* preferred,
                             const IpAddress* fixed_source) const;
  // internet_ipv6.cpp
  bool is_on_link(const Interface& nic, const IpAddress& address) const;
  const Interface* zone_of(const IpAddress& dst, NicId zone, const Interface* preferred) const;
  Result<RouteChoice> choose_ipv6(const IpAddress& dst, NicId zone, const Interface* preferred,
                                  const IpAddress* fixed_source) const;
  // input.cpp
  void input_arp(const Interface& nic, Bytes bytes, Instant now);
  void input_ethernet(const Interface& nic, Input& input, Packet& packet, Instant now);
  void input_any_ip(const Arrival& arrival, Input& input, Packet& packet, Instant now);
  void input_ip(const Arrival& arrival, Input& input, Packet& packet, Instant now);
  std::optional<Counter> refuse_source(const IpAddress& src, const Interface& nic) const;
  std::optional<Counter> refuse_destination(const IpAddress& dst, const Interface& nic, bool& to_group) const;
  std::optional<Counter> refuse(const Ipv4View& ip, const Arrival& arrival, bool& to_group) const;
  void deliver(Input& input, Packet& packet, Instant now);
  void input_icmp(Input& input, Packet& packet, Instant now);
  void answer_echo(const Delivery& delivery, const Packet& request, Instant now);
  bool may_be_ours(const IcmpError& error) const;
  void input_icmp_error(Input& input, Packet& packet);
  void drop(Packet& packet, Counter reason);
  // fragments.cpp
  bool reassemble(const Fragment& fragment, Delivery& delivery, Packet& packet, Instant now);
  void expire_fragments(Instant now);
  static bool must_split(const buf::PacketBuf& packet, const IpSend& send, const RouteChoice& choice);
  void send_fragments(const Packet& packet, const IpSend& send, const RouteChoice& choice, Instant now);
  // input_ipv6.cpp
  void input_ipv6(const Arrival& arrival, Input& input, Packet& packet, Instant now);
  std::optional<Counter> refuse_ipv6(const Arrival& arrival, Delivery& delivery) const;
  std::optional<Counter> refuse_ipv6_destination(const Interface& nic, Delivery& delivery) const;
  void refuse_chain(const Ipv6Refusal& refusal, Delivery& delivery, Packet& packet, Instant now);
  void deliver_ipv6(std::uint16_t named_at, Input& input, Packet& packet, Instant now);
  // autoconf.cpp
  void begin_ipv6(Interface& nic);
  void begin_address(const Interface& nic, Ipv6Address& address, Instant now);
  void finish_address(const Interface& nic, Ipv6Address& address);
  void advance_ipv6(Instant now);
  void advance_address(Interface& nic, std::size_t index, Instant now);
  void send_probe(const Interface& nic, Ipv6Address& address, Instant now);
  void solicit_routers(Interface& nic, Instant now);
  static std::optional<IpAddress> select_link_local(const Interface& nic);
  void remove_address(Interface& nic, std::size_t index);
  void on_conflict(Interface& nic, std::size_t index, Instant now);
  bool input_about_tentative(NicId id, const NdView& message, bool is_probe, Instant now);
  // input_router.cpp
  void input_router_advertisement(NicId id, const Delivery& delivery, const NdView& message, Instant now);
  void input_redirect(NicId id, const Delivery& delivery, const NdView& message, Instant now);
  void forget_router(NicId id, const IpAddress& router, Instant now);
  void learn_route(LearnedKind kind, const Route& route, NdLifetime lifetime, Instant now);
  void forget(const Learned& gone);
  void learn_prefix(Interface& nic, Bytes option, Instant now);
  void autoconfigure(Interface& nic, AddressOrigin origin, const NdPrefix& told, Instant now);
  void replace_temporary(Interface& nic, const Prefix& prefix, Instant now);
  void learn_further_route(const Interface& nic, const IpAddress& router, Bytes option, Instant now);
  void learn_dns_servers(const Interface& nic, Bytes option, Instant now);
  // input_icmp6.cpp
  void input_icmp6(Input& input, Packet& packet, Instant now);
  void input_echo_reply6(Input& input, Packet& packet);
  void answer_echo6(const Delivery& delivery, const Packet& request, Instant now);
  void input_icmp6_error(Input& input, Packet& packet);
  void input_nd(const Delivery& delivery, const Packet& packet, Instant now);
  void input_solicitation(const Interface& nic, const Delivery& delivery, const NdView& message, Instant now);
  void input_advertisement(const Interface& nic, const NdView& message, Instant now);
  void learn(const Interface& nic, const IpAddress& neighbor, const MacAddress& mac, Instant now);
  // output_icmp6.cpp
  void send_icmp6(Packet message, const IpSend& to, Instant now);
  void send_icmp6_error(const Icmp6Header& error, const Delivery& delivery, const Packet& original,
                        Instant now);
  void send_unreachable6(IcmpErrorKind kind, const Delivery& delivery, const Packet& original, Instant now);
  void send_nd(Packet message, const IpAddress& src, const IpAddress& dst, const Interface& nic, Instant now);
  // output.cpp
  bool write_ip_header(buf::PacketBuf& packet, const IpSend& send, const RouteChoice& choice);
  bool write_ipv6_header(buf::PacketBuf& packet, const IpSend& send, const RouteChoice& choice);
  Packet frame_for_neighbor(Packet packet, const RouteChoice& choice, bool confirmed, Instant now);
  void send_icmp(Packet message, const IpSend& send, Instant now);
  void send_waiting(Neighbor& neighbor);
  void ask_neighbors();
  void give_up(Packet packet, Instant now);
  std::size_t index_of(NicId nic) const {
    STRATA_CHECK(static_cast<std::size_t>(nic) <= interfaces_.size());
    return static_cast<std::size_t>(nic);
  }
  buf::PacketQueue& queue_of(NicId nic) { return outputs_[index_of(nic)]; }

  TableLimits limits_;
  Ipv6Config ipv6_;
  SipKey stable_key_;
  bool answers_echo_;
  bool accepts_any_tcp_ = false;
  std::uint8_t ttl_;
  buf::Pools& pools_;
  Counters& counters_;
  Xoshiro rng_;  ///< delays and nonces, nothing secret
  LearnedTable learned_;
  Instant ipv6_next_ = Instant::never();  ///< when addresses, routers or what they said have something due
  IpIds ids_;
  std::vector<Interface> interfaces_;  ///< NicId n at n - 1
  AddressTable addresses_;
  IcmpError last_error_;  ///< what Input points to: errors and echoes are rare, every packet has an Input
  EchoReply last_echo_;
  std::unique_ptr<buf::PacketQueue[]> outputs_;  ///< by NicId; NicId::none: packets to this host
  buf::PacketQueue undeliverable_;               ///< each becomes an error in take_error()
  Instant errors_since_;                         ///< while there are any
  RouteTable routes_;
  std::uint32_t routes_version_ = 1;
  NeighborTable neighbors_;
  mutable PathMtuTable paths_;  ///< a look-up is a use
  Reassembly reassembly_;
  TokenBucket error_limit_;
};

}  // namespace strata::internet
