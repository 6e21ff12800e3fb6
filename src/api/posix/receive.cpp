// recvmsg(2), and with it recv, recvfrom, read and readv.
#include <algorithm>
#include <vector>

#include "api/posix/datagram_socket.hpp"
#include "api/posix/errno_of.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/message.hpp"
#include "api/posix/names.hpp"
#include "api/posix/urgent.hpp"

namespace strata::posix {
namespace {

class ReceiveStream final : public Wait {
 public:
  ReceiveStream(std::shared_ptr<StreamSocket> socket, const msghdr& message, int flags, Instant now)
      : Wait(socket->receive_deadline(now)), socket_(std::move(socket)), message_(message), flags_(flags) {
    const auto low_water = static_cast<std::size_t>(socket_->options.receive_low_water);
    const std::size_t size = size_of(message);
    const bool all = (flags & MSG_WAITALL) != 0;
    target_ = std::max<std::size_t>(all ? size : std::min(low_water, size), 1);
  }

  std::optional<long> attempt(Instant) override {
    if (socket_->phase() == StreamSocket::Phase::listening) return -ENOTCONN;
    take();
    const auto taken = static_cast<long>(taken_);
    if (taken_ >= target_ || met_mark_) return taken;
    if (size_of(message_) == 0 && is_readable()) return 0;
    if (taken_ > 0) {
      const bool no_more = socket_->has_error() || socket_->is_receive_shut();
      return no_more ? std::optional(taken) : std::nullopt;
    }
    return nothing_to_read();
  }
  long give_up() override { return taken_ > 0 ? static_cast<long>(taken_) : -EAGAIN; }

 private:
  bool is_readable() const { return socket_->stream() && socket_->stream().info().receive_queued > 0; }

  bool peeks() const { return (flags_ & MSG_PEEK) != 0; }

  void take() {
    if (!socket_->stream()) return;
    if (peeks()) taken_ = 0;
    std::size_t most = size_of(message_) - taken_;
    std::size_t skip = 0;
    const std::optional<UrgentMark> mark = socket_->stream().urgent();
    if (mark && mark->before == 0) {
      met_mark_ = taken_ > 0;
      if (met_mark_) return;
      skip = pass_mark(most);
    } else if (mark) {
      most = std::min<std::size_t>(most, mark->before);
    }
    const std::size_t size = (flags_ & MSG_TRUNC) != 0 ? discard(most, skip) : copy(most, skip);
    met_mark_ = mark && mark->before > 0 && size == mark->before;
    taken_ += size;
  }

  /// The urgent octet has its own call (MSG_OOB), and a read that begins at it leaves it out. How many bytes
  /// a peek has to pass over.
  std::size_t pass_mark(std::size_t wanted) {
    const bool is_apart = !socket_->options.urgent_inline && wanted > 0 && is_readable();
    if (is_apart && !peeks()) socket_->stream().consume(1);
    return is_apart && peeks() ? 1 : 0;
  }

  std::size_t copy(std::size_t most, std::size_t skip) {
    return for_each_piece(message_, taken_, [&](MutableBytes piece) {
      const MutableBytes part = piece.first(std::min(piece.size(), most));
      if (part.empty()) return std::size_t{0};
      TcpStream& stream = socket_->stream();
      const std::size_t size = (peeks() ? stream.peek(part, skip) : stream.receive(part)).value_or(0);
      skip += size;
      most -= size;
      return size;
    });
  }

  /// Linux: with MSG_TRUNC the bytes are counted and nothing is written.
  std::size_t discard(std::size_t most, std::size_t skip) {
    const std::size_t there = socket_->stream().info().receive_queued;
    const std::size_t size = std::min(there - std::min(there, skip), most);
    if (!peeks()) socket_->stream().consume(size);
    return size;
  }

  /// In Linux's order: the peer's end of stream, an error, our own shutdown, a socket that never was
  /// connected.
  std::optional<long> nothing_to_read() {
    if (socket_->stream() && any(socket_->stream().ready() & Ready::peer_closed)) return 0;
    if (const int error = socket_->take_error(); error != 0) return -error;
    if (socket_->is_receive_shut()) return 0;
    if (!socket_->stream()) return -ENOTCONN;
    return std::nullopt;
  }

  std::shared_ptr<StreamSocket> socket_;
  msghdr message_;
  int flags_;
  std::size_t target_ = 1;
  std::size_t taken_ = 0;
  bool met_mark_ = false;  ///< a read ends before urgent data
};

class ReceiveDatagram final : public Wait {
 public:
  ReceiveDatagram(std::shared_ptr<DatagramSocket> socket, msghdr& message, int flags, Instant now)
      : Wait(socket->receive_deadline(now)), socket_(std::move(socket)), message_(&message), flags_(flags) {}

  std::optional<long> attempt(Instant) override {
    if (const int error = socket_->take_error(); error != 0) return -error;
    std::vector<std::uint8_t> bytes(size_of(*message_));
    UdpSocket& udp = socket_->udp();
    const Result<Datagram> datagram = (flags_ & MSG_PEEK) != 0 ? udp.peek(bytes) : udp.receive(bytes);
    if (datagram) return deliver(*datagram, Bytes(bytes).first(datagram->size));
    return socket_->is_receive_shut() ? std::optional(0L) : std::nullopt;
  }
  long give_up() override { return -EAGAIN; }

 private:
  long deliver(const Datagram& datagram, Bytes bytes) {
    for_each_piece(*message_, 0, [&](MutableBytes piece) {
      const std::size_t size = std::min(piece.size(), bytes.size());
      std::copy_n(bytes.begin(), size, piece.begin());
      bytes = bytes.subspan(size);
      return size;
    });
    if (datagram.full_size > datagram.size) message_->msg_flags |= MSG_TRUNC;
    if (message_->msg_name != nullptr)
      write_name(*socket_, datagram.from, static_cast<sockaddr*>(message_->msg_name), &message_->msg_namelen);
    return static_cast<long>((flags_ & MSG_TRUNC) != 0 ? datagram.full_size : datagram.size);
  }

  std::shared_ptr<DatagramSocket> socket_;
  msghdr* message_;
  int flags_;
};

}  // namespace

Operation Host::begin_receive(int fd, msghdr& message, int flags, Instant now) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return Operation(error);
  if (const int bad = check_message(message); bad != 0) return Operation(bad);
  if ((flags & MSG_ERRQUEUE) != 0) {
    const bool is_stream = socket->kind() == File::Kind::stream;
    return Operation(is_stream ? static_cast<StreamSocket&>(*socket).zero_copy.take(message) : -EAGAIN);
  }
  message.msg_flags = 0;
  message.msg_controllen = 0;
  const bool may_wait = !socket->is_nonblocking() && (flags & MSG_DONTWAIT) == 0;
  if (socket->kind() == File::Kind::datagram) {
    return Operation::begin(
        ReceiveDatagram(std::static_pointer_cast<DatagramSocket>(socket), message, flags, now), may_wait,
        now);
  }
  if (message.msg_name != nullptr) message.msg_namelen = 0;
  const auto stream = std::static_pointer_cast<StreamSocket>(socket);
  if ((flags & MSG_OOB) != 0) return Operation(receive_urgent(*stream, message, flags));
  return Operation::begin(ReceiveStream(stream, message, flags, now), may_wait, now);
}

}  // namespace strata::posix
