// UDP sockets over a Stack (RFC 768, RFC 1122 §4.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/datagram.hpp"
#include "strata/error.hpp"
#include "strata/socket.hpp"
#include "strata/tcp_settings.hpp"
#include "strata/time.hpp"

namespace strata {

class StackCore;

class UdpSocket {
 public:
  UdpSocket() = default;
  UdpSocket(StackCore* core, SocketId id) : core_(core), id_(id) {}
  UdpSocket(UdpSocket&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)), id_(std::exchange(other.id_, {})) {}
  UdpSocket& operator=(UdpSocket&& other) noexcept {
    if (this != &other) {
      close();
      core_ = std::exchange(other.core_, nullptr);
      id_ = std::exchange(other.id_, {});
    }
    return *this;
  }
  ~UdpSocket() { close(); }

  explicit operator bool() const { return core_ != nullptr; }
  /// Fixes the peer: only its datagrams arrive, and its port unreachable errors are reported (RFC 1122
  /// §4.1.3.3).
  Result<void> connect(const Endpoint& remote);
  Result<std::size_t> send(Bytes data, Instant now);
  Result<std::size_t> send_to(const Endpoint& to, Bytes data, Instant now);
  /// The oldest datagram; `would_block` when none waits; a pending ICMP error first (`connection_refused`,
  /// ...), once.
  Result<Datagram> receive(MutableBytes into);
  /// The same without taking anything.
  Result<Datagram> peek(MutableBytes into) const;
  /// A pending ICMP error, once.
  std::optional<Errc> take_error();
  bool has_error() const;
  /// Undoes connect().
  void disconnect();
  /// Whether datagrams may be fragmented, and what routers say is believed; nothing: as
  /// TcpConfig::path_mtu_rule says.
  void set_path_mtu_discovery(std::optional<PathMtuDiscovery> wish);
  /// What fits into one packet to the peer, headers included.
  Result<std::uint32_t> path_mtu() const;
  Endpoint local() const;
  Ready ready() const;
  void set_waker(Waker waker);
  void close();

 private:
  StackCore* core_ = nullptr;
  SocketId id_;
};

}  // namespace strata
