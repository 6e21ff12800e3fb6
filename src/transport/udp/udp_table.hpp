// UDP sockets of one host (RFC 768, RFC 1122 §4.1): who is bound to what, what has arrived for them, and whom
// to wake. Knows no IP header and no device: datagrams come and go as packets whose head begins with the UDP
// header, addresses as values.
//
// A datagram goes to the most specific socket: connected to its sender, then bound to its destination
// address, then bound to the port alone.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/intrusive_list.hpp"
#include "base/rng.hpp"
#include "base/slab.hpp"
#include "buf/byte_queue.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/config.hpp"
#include "strata/counters.hpp"
#include "strata/datagram.hpp"
#include "strata/error.hpp"
#include "strata/packet.hpp"
#include "strata/socket.hpp"
#include "strata/tcp_settings.hpp"

namespace strata::udp {

/// The largest payload of one datagram in IPv4.
inline constexpr std::size_t kPayloadMax = 65535 - 20 - 8;

/// What the way to a destination says about a datagram to it.
struct Path {
  IpAddress source;
  std::size_t payload_max = kPayloadMax;  ///< what fits into one packet
  bool checksum_offload = false;          ///< leave the checksum partial: the device completes it
};

/// Where a received datagram came from and went to, as IP said. `zone` numbers the interface for scoped
/// addresses, else 0.
struct Arrival {
  IpAddress src;
  IpAddress dst;
  std::uint32_t zone = 0;
};

enum class Outcome : std::uint8_t {
  queued,
  dropped,  ///< counted
  no_port,  ///< counted; the packet is left alone, so that an error can quote it
};

/// A waker that is owed a call.
struct Wake {
  Waker waker;
  Ready ready = Ready::none;
};

class UdpTable {
 public:
  /// `pools` and `counters` must outlive this.
  UdpTable(const Config& config, buf::Pools& pools, Counters& counters);
  UdpTable(const UdpTable&) = delete;
  UdpTable& operator=(const UdpTable&) = delete;

  /// The index of a new socket. Port 0: one of TcpConfig's range, chosen at random (RFC 6056 §3.3.1).
  /// `shared`: another socket may have the same place; the youngest gets what comes.
  Result<std::uint32_t> bind(const Endpoint& local, Xoshiro& rng, bool shared = false);
  void set_port_range(std::uint16_t first, std::uint16_t last) {
    port_first_ = first;
    port_last_ = last;
  }
  /// Fixes the peer. `source` becomes the local address if none is bound.
  Result<void> connect(std::uint32_t index, const Endpoint& remote, const IpAddress& source);
  /// Takes the peer away again; the local address stays.
  void disconnect(std::uint32_t index) { sockets_[index].remote.reset(); }
  void close(std::uint32_t index);

  /// A received datagram. Takes the packet unless the outcome is no_port.
  Outcome deliver(Packet& packet, const Arrival& arrival);
  /// An ICMP error about a datagram from `local` to `remote`; false when no socket is connected so. The
  /// socket's next receive() reports it, once (RFC 1122 §4.1.3.3).
  bool on_icmp_error(const Endpoint& local, const Endpoint& remote, Errc error);

  /// Whose datagram an error quotes.
  struct Sender {
    std::optional<PathMtuDiscovery> wish;
    std::size_t largest_sent = 0;  ///< payload of its largest datagram so far
  };
  std::optional<Sender> sender(const Endpoint& local, const Endpoint& remote);
  void set_path_mtu_discovery(std::uint32_t index, std::optional<PathMtuDiscovery> wish) {
    sockets_[index].path_mtu_discovery = wish;
  }
  std::optional<PathMtuDiscovery> path_mtu_discovery(std::uint32_t index) const {
    return sockets_[index].path_mtu_discovery;
  }

  Result<Datagram> receive(std::uint32_t index, MutableBytes into);
  /// What receive() would give, without taking it; errors stay, too.
  Result<Datagram> peek(std::uint32_t index, MutableBytes into) const;
  /// The pending ICMP error, once.
  std::optional<Errc> take_error(std::uint32_t index);
  bool has_error(std::uint32_t index) const { return sockets_[index].error.has_value(); }
  /// A datagram ready for IP: UDP header in the head, a copy of `data` as payload.
  Result<Packet> build(std::uint32_t index, const Endpoint& to, const Path& path, Bytes data);

  Endpoint local(std::uint32_t index) const { return sockets_[index].local; }
  /// Nothing while the socket is not connected.
  std::optional<Endpoint> remote(std::uint32_t index) const { return sockets_[index].remote; }
  Ready ready(std::uint32_t index) const;
  void set_waker(std::uint32_t index, Waker waker);
  /// The next socket that something has become true for since its waker was last owed a call.
  std::optional<Wake> pop_ready();
  bool has_ready() const { return !edges_.empty(); }

  SocketId id(std::uint32_t index) const {
    return {.index = index, .generation = sockets_.generation(index)};
  }
  /// False for a name whose socket was closed, or that was never given out.
  bool is_open(SocketId id) { return sockets_.find(id.index, id.generation) != nullptr; }
  std::size_t size() const { return sockets_.size(); }

 private:
  static constexpr std::uint32_t kNone = 0xffff'ffffU;

  /// A datagram that waits to be read: the payload with its addresses.
  struct Waiting {
    Packet packet;
    Endpoint from;
    Endpoint to;
    std::size_t pinned = 0;  ///< bytes of block memory that it keeps in use
    std::uint32_t next = kNone;
  };
  struct Socket {
    Endpoint local;
    std::optional<Endpoint> remote;
    std::optional<Errc> error;
    std::optional<PathMtuDiscovery> path_mtu_discovery;
    std::uint16_t largest_sent = 0;
    std::uint32_t next_in_bucket = kNone;
    std::uint32_t first_waiting = kNone;
    std::uint32_t last_waiting = kNone;
    std::size_t pinned = 0;
    Waker waker;
    bool was_readable = false;  ///< the waker knows
    ListHook<Socket> edge;
  };

  bool is_bound(const Endpoint& local) const;
  std::optional<std::uint16_t> choose_port(const Endpoint& local, Xoshiro& rng) const;
  std::uint32_t& bucket_of(std::uint16_t port) { return buckets_[port & (buckets_.size() - 1)]; }
  Socket* lookup(const Endpoint& local, const Endpoint& remote);
  std::optional<Counter> refuse(const Packet& packet, const Arrival& arrival) const;
  bool enqueue(Socket& socket, Packet packet, const Endpoint& from, const Endpoint& to);
  void drop_first(Socket& socket);
  void note_readable(Socket& socket);

  std::size_t queue_bytes_max_;
  std::uint16_t port_first_;
  std::uint16_t port_last_;
  buf::Pools& pools_;
  Counters& counters_;
  Slab<Socket> sockets_;
  Slab<Waiting> waiting_;
  std::vector<std::uint32_t> buckets_;  ///< heads of chains by port through next_in_bucket
  IntrusiveList<Socket, &Socket::edge> edges_;
};

}  // namespace strata::udp
