// TCP sockets over a Stack: move-only handles, non-blocking calls (RFC 9293 §3.9.1), readiness by waker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "strata/address.hpp"
#include "strata/bytes.hpp"
#include "strata/error.hpp"
#include "strata/socket.hpp"
#include "strata/tcp_info.hpp"
#include "strata/tcp_settings.hpp"
#include "strata/time.hpp"
#include "strata/trace.hpp"

namespace strata {

class StackCore;

struct ListenOptions {
  std::uint16_t backlog = 1024;  ///< connections that wait for accept(); capped by TcpConfig::backlog_max
  bool any_port = false;         ///< set by listen_any()
  bool share_port = false;       ///< others that share may listen here, too; each SYN goes to one of them
  bool any_address = false;      ///< the address need not be one of ours (`IP_FREEBIND`)
  bool ipv6_only = false;        ///< `::` means IPv6 alone; else it takes connections over IPv4, too
  TcpSettings settings;          ///< of the connections
};

/// RFC 7413, where TcpConfig::fast_open allows it.
enum class FastOpenUse : std::uint8_t {
  none,
  now,  ///< the SYN asks for a cookie; or there is one, and it carries what send() queues before it leaves
  deferred,  ///< with a cookie, the SYN waits for push()
};

struct ConnectOptions {
  Endpoint local;            ///< unspecified address and port 0: chosen by route and by RFC 6056
  bool any_address = false;  ///< `local` need not be one of ours
  FastOpenUse fast_open = FastOpenUse::none;
  TcpSettings settings;
};

class TcpStream {
 public:
  TcpStream() = default;
  TcpStream(StackCore* core, SocketId id) : core_(core), id_(id) {}
  TcpStream(TcpStream&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)), id_(std::exchange(other.id_, {})) {}
  TcpStream& operator=(TcpStream&& other) noexcept {
    if (this != &other) {
      close();
      core_ = std::exchange(other.core_, nullptr);
      id_ = std::exchange(other.id_, {});
    }
    return *this;
  }
  /// As close().
  ~TcpStream() { close(); }

  explicit operator bool() const { return core_ != nullptr; }

  /// Queues a copy of as many bytes as the send buffer takes; `would_block` when it takes none.
  Result<std::size_t> send(Bytes data, SendOptions options = {});
  /// Copies out what has arrived in order. 0: the peer closed and everything was read. `would_block`: nothing
  /// yet.
  Result<std::size_t> receive(MutableBytes into);
  /// A look at the first contiguous piece without copying; valid until the next call on this stream or its
  /// stack. Empty at end of stream.
  Result<Bytes> peek() const;
  /// The same as a copy that spans pieces: what receive() would give after `skip` bytes.
  Result<std::size_t> peek(MutableBytes into, std::size_t skip = 0) const;
  /// Drops `n` bytes that were seen by peek(). Precondition: n <= the peeked size.
  void consume(std::size_t n);
  /// What waits for more, by Nagle, `cork` or `more`, leaves now (RFC 9293 §3.9.1.2).
  void push();
  /// Where the peer's urgent data ends, as long as that was not read past. All of it stays in the stream.
  std::optional<UrgentMark> urgent() const;
  /// The octet at the mark was read by itself. For who does so: when the next mark is announced while this
  /// octet is the next to be read, it leaves the stream, as in Linux.
  void take_urgent();
  void read_urgent_out_of_band(bool on);
  /// Octets that the SYN can still take along (RFC 7413): 0 without a cookie, or when it has left.
  std::uint32_t syn_room() const;
  /// FastOpenUse::deferred: the SYN waits for push().
  bool holds_syn() const;
  /// Half-close: FIN after what is queued; receiving goes on (`shutdown(SHUT_WR)`).
  Result<void> shutdown_send();
  /// Nobody will read what still comes: once our side is closed as well, data is answered with RST
  /// (`shutdown(SHUT_RD)`).
  void shutdown_receive();
  /// Gives the connection up: queued data and FIN are still delivered; data that arrives later is answered
  /// with RST. With unread data, or in SYN-SENT, it is an abort (RFC 9293 §3.6.1, RFC 2525 §2.17). The handle
  /// becomes empty.
  void close();
  /// RST now, everything queued is dropped. The handle becomes empty.
  void abort();

  TcpState state() const;
  Ready ready() const;
  /// How the connection ended, once `Ready::closed` shows; a value means an orderly close.
  Result<void> error() const;
  TcpInfo info() const;
  Endpoint local() const;
  Endpoint remote() const;
  void set_waker(Waker waker);
  /// From now on the waker hears of `writable` although no send() met a full queue.
  void notify_when_writable();

  TcpSettings settings() const;
  /// In force at once, as far as the handshake has not settled it.
  void configure(const TcpSettings& settings);
  void set_nodelay(bool on);                ///< TcpSettings::nodelay alone
  void set_keepalive(bool on);              ///< TcpSettings::keepalive alone
  void set_user_timeout(Duration timeout);  ///< TcpSettings::user_timeout alone
  /// Acknowledge at once, for a while (`TCP_QUICKACK`), or from now on only when RFC 9293 §3.8.6.3 asks for
  /// it.
  void set_quick_ack(bool on);

  SocketId id() const { return id_; }

 private:
  StackCore* core_ = nullptr;
  SocketId id_;
};

class TcpListener {
 public:
  TcpListener() = default;
  TcpListener(StackCore* core, SocketId id) : core_(core), id_(id) {}
  TcpListener(TcpListener&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)), id_(std::exchange(other.id_, {})) {}
  TcpListener& operator=(TcpListener&& other) noexcept {
    if (this != &other) {
      close();
      core_ = std::exchange(other.core_, nullptr);
      id_ = std::exchange(other.id_, {});
    }
    return *this;
  }
  ~TcpListener() { close(); }

  explicit operator bool() const { return core_ != nullptr; }
  /// The oldest established connection; `would_block` when none waits.
  Result<TcpStream> accept();
  Endpoint local() const;
  Ready ready() const;
  void set_waker(Waker waker);
  /// For the connections whose SYN comes from now on.
  void configure(const TcpSettings& settings);
  void set_backlog(std::uint16_t backlog);
  /// Connections that were not accepted are reset.
  void close();

 private:
  StackCore* core_ = nullptr;
  SocketId id_;
};

}  // namespace strata
