// connect(2): of TCP as a call that waits for the handshake, of UDP as a note.
#include "api/posix/datagram_socket.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/names.hpp"

namespace strata::posix {
namespace {

class Connect final : public Wait {
 public:
  /// `again`: not the call that began the handshake.
  Connect(std::shared_ptr<StreamSocket> socket, bool again, Instant now)
      : Wait(socket->send_deadline(now)), socket_(std::move(socket)), again_(again) {}

  std::optional<long> attempt(Instant) override {
    if (socket_->is_handshaking()) return std::nullopt;
    if (socket_->state() != TcpState::closed) {
      socket_->finish_connecting();
      return 0;
    }
    const int error = socket_->take_error();
    socket_->disconnect();  // from here on it may try again
    return error != 0 ? -error : -ECONNABORTED;
  }
  long give_up() override { return again_ ? -EALREADY : -EINPROGRESS; }

 private:
  std::shared_ptr<StreamSocket> socket_;
  bool again_;
};

Operation connect_stream(const std::shared_ptr<StreamSocket>& socket, const sockaddr* address, socklen_t size,
                         Instant now) {
  if (is_unspecified_family(address, size)) {
    socket->disconnect();
    return Operation(0);
  }
  const StreamSocket::Phase phase = socket->phase();
  const bool again = phase == StreamSocket::Phase::connecting;
  if (phase == StreamSocket::Phase::disconnecting) return Operation(-EINVAL);
  if (socket->stream().holds_syn()) return Operation(-EISCONN);
  if (!again && phase != StreamSocket::Phase::unconnected) return Operation(-EISCONN);
  if (!again) {
    Endpoint remote;
    if (const int bad = read_name(*socket, address, size, remote); bad != 0) return Operation(bad);
    const FastOpenUse use = socket->options.fast_open_connect ? FastOpenUse::deferred : FastOpenUse::none;
    if (const int bad = socket->start_connecting(remote, use, now); bad != 0) return Operation(bad);
    if (socket->stream().holds_syn()) return Operation(0);  // RFC 7413: the first data goes with the SYN
  }
  return Operation::begin(Connect(socket, again, now), !socket->is_nonblocking(), now);
}

}  // namespace

Operation Host::begin_connect(int fd, const sockaddr* address, socklen_t size, Instant now) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return Operation(error);
  if (address == nullptr) return Operation(-EFAULT);
  if (size < sizeof(sa_family_t)) return Operation(-EINVAL);
  if (socket->kind() == File::Kind::stream)
    return connect_stream(std::static_pointer_cast<StreamSocket>(socket), address, size, now);

  auto& datagram = static_cast<DatagramSocket&>(*socket);
  if (is_unspecified_family(address, size)) {
    datagram.disconnect();
    return Operation(0);
  }
  Endpoint remote;
  if (const int bad = read_name(*socket, address, size, remote); bad != 0) return Operation(bad);
  if (const int bad = state_->bind_if_needed(stack_, socket); bad != 0) return Operation(bad);
  return Operation(datagram.connect(remote));
}

}  // namespace strata::posix
