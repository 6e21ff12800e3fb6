// sendmsg(2), and with it send, sendto, write and writev.
#include <optional>
#include <utility>
#include <vector>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/errno_of.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/message.hpp"
#include "api/posix/names.hpp"

namespace strata::posix {
namespace {

class SendStream final : public Wait {
 public:
  /// `in_syn`: what leaves with the SYN of this very call (MSG_FASTOPEN).
  SendStream(std::shared_ptr<StreamSocket> socket, const msghdr& message, int flags, Instant now,
             std::optional<std::size_t> in_syn = std::nullopt)
      : Wait(socket->send_deadline(now)),
        socket_(std::move(socket)),
        message_(message),
        flags_(flags),
        opens_(in_syn.has_value()),
        sent_(in_syn.value_or(0)) {}

  std::optional<long> attempt(Instant) override {
    if (socket_->is_handshaking()) return std::nullopt;
    if (!socket_->is_established() || socket_->is_send_shut() || socket_->has_error()) return broken();
    if (std::exchange(opens_, false)) socket_->finish_connecting();
    // A caller that met a full queue is woken for a good part of it, not for every few bytes.
    if (met_full_queue_ && !socket_->is_writable()) return std::nullopt;
    const SendOptions how = {.more = (flags_ & MSG_MORE) != 0, .urgent = (flags_ & MSG_OOB) != 0};
    sent_ += for_each_piece(message_, sent_,
                            [&](Bytes piece) { return socket_->stream().send(piece, how).value_or(0); });
    if (sent_ == size_of(message_)) return finish();
    met_full_queue_ = true;
    return std::nullopt;
  }
  long give_up() override { return sent_ > 0 ? finish() : opens_ ? -EINPROGRESS : -EAGAIN; }

 private:
  long finish() {
    const bool wants_notice = (flags_ & MSG_ZEROCOPY) != 0 && socket_->options.zero_copy && sent_ > 0;
    if (wants_notice) {
      socket_->zero_copy.add();
      socket_->notify();
    }
    return static_cast<long>(sent_);
  }
  long broken() {
    if (sent_ > 0 && !opens_) return finish();
    const int error = socket_->take_error();
    if (opens_) socket_->disconnect();  // it never was connected, whatever its SYN carried
    return error != 0 ? -error : -EPIPE;
  }

  std::shared_ptr<StreamSocket> socket_;
  msghdr message_;
  int flags_;
  bool opens_;
  bool met_full_queue_ = false;
  std::size_t sent_;
};

/// What the SYN takes of the message, which lets it go.
std::size_t load_syn(TcpStream& stream, const msghdr& message) {
  std::size_t room = stream.syn_room();
  const std::size_t sent = for_each_piece(message, 0, [&](Bytes piece) {
    const std::size_t size = stream.send(piece.first(std::min(room, piece.size()))).value_or(0);
    room -= size;
    return size;
  });
  stream.push();
  return sent;
}

/// sendto(2) with MSG_FASTOPEN, or the first data after connect(2) with TCP_FASTOPEN_CONNECT (RFC 7413):
/// nothing when the connection is open, and the call is like any other.
std::optional<Operation> send_fast_open(const std::shared_ptr<StreamSocket>& socket, const msghdr& message,
                                        int flags, bool may_wait, Instant now) {
  using enum StreamSocket::Phase;
  const auto* const name = static_cast<const sockaddr*>(message.msg_name);
  const bool is_allowed = (socket->stack().tcp_config().fast_open & 1) != 0;
  if (!is_allowed || (name != nullptr && is_unspecified_family(name, message.msg_namelen)))
    return Operation(-EOPNOTSUPP);
  if (!socket->stream().holds_syn()) {
    if (socket->phase() == disconnecting) return Operation(-EINVAL);
    if (socket->phase() == connecting && socket->is_handshaking()) {
      if (!may_wait) return Operation(-EALREADY);
      return std::nullopt;
    }
    if (socket->phase() == connecting) return std::nullopt;
    if (socket->phase() != unconnected) return Operation(-EISCONN);
    Endpoint remote;
    if (name == nullptr) return Operation(-EINVAL);
    if (const int bad = read_name(*socket, name, message.msg_namelen, remote); bad != 0)
      return Operation(bad);
    if (const int bad = socket->start_connecting(remote, FastOpenUse::now, now); bad != 0)
      return Operation(bad);
  }
  const std::size_t in_syn = load_syn(socket->stream(), message);
  return Operation::begin(SendStream(socket, message, flags, now, in_syn), may_wait, now);
}

std::vector<std::uint8_t> gather(const msghdr& message) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(size_of(message));
  for_each_piece(message, 0, [&](Bytes piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return piece.size();
  });
  return bytes;
}

/// Where a datagram goes: the message's address, else the socket's peer.
int destination(const DatagramSocket& socket, const msghdr& message, Endpoint& to) {
  if (message.msg_name != nullptr) {
    const auto* name = static_cast<const sockaddr*>(message.msg_name);
    if (const int bad = read_name(socket, name, message.msg_namelen, to); bad != 0) return bad;
  } else if (socket.remote()) {
    to = *socket.remote();
  } else {
    return -EDESTADDRREQ;
  }
  if (to.port == 0) return -EINVAL;
  return to.address.is_limited_broadcast() && !socket.options.broadcast ? -EACCES : 0;
}

long send_datagram(HostState& state, const std::shared_ptr<Socket>& socket, const msghdr& message,
                   Instant now) {
  auto& datagram = static_cast<DatagramSocket&>(*socket);
  Endpoint to;
  if (const int bad = destination(datagram, message, to); bad != 0) return bad;
  if (datagram.is_send_shut()) return -EPIPE;
  if (const int error = datagram.take_error(); error != 0) return -error;
  if (const int bad = state.bind_if_needed(datagram.stack(), socket); bad != 0) return bad;
  const std::vector<std::uint8_t> data = gather(message);
  const Result<std::size_t> sent = datagram.udp().send_to(to, data, now);
  return sent ? static_cast<long>(*sent) : -errno_of(sent.error());
}

}  // namespace

Operation Host::begin_send(int fd, const msghdr& message, int flags, Instant now) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return Operation(error);
  if (const int bad = check_message(message); bad != 0) return Operation(bad);
  if (socket->kind() == File::Kind::datagram) {
    if ((flags & MSG_OOB) != 0) return Operation(-EOPNOTSUPP);
    return Operation(send_datagram(*state_, socket, message, now));
  }
  const bool may_wait = !socket->is_nonblocking() && (flags & MSG_DONTWAIT) == 0;
  const auto stream = std::static_pointer_cast<StreamSocket>(socket);
  if ((flags & MSG_FASTOPEN) != 0 || stream->stream().holds_syn()) {
    if (auto opening = send_fast_open(stream, message, flags, may_wait, now)) return *std::move(opening);
  }
  return Operation::begin(SendStream(stream, message, flags, now), may_wait, now);
}

}  // namespace strata::posix
