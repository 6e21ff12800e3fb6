// shutdown(2) and close(2), the latter with SO_LINGER: the descriptor goes at once, the call may wait until
// the peer has everything.
#include "api/posix/datagram_socket.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"

namespace strata::posix {
namespace {

/// Our FIN is on its way: the peer may still lack something.
bool awaits_the_peer(const StreamSocket& socket) {
  const TcpState state = socket.state();
  return state == TcpState::fin_wait_1 || state == TcpState::closing || state == TcpState::last_ack;
}

class Linger final : public Wait {
 public:
  Linger(std::shared_ptr<StreamSocket> socket, Instant now)
      : Wait(now + socket->options.linger_time), socket_(std::move(socket)) {}

  std::optional<long> attempt(Instant) override {
    if (awaits_the_peer(*socket_)) return std::nullopt;
    return give_up();
  }
  long give_up() override {
    socket_.reset();
    return 0;
  }

 private:
  std::shared_ptr<StreamSocket> socket_;
};

/// Whether close(2) of the last descriptor waits. Unread data makes it an abort, which is quick.
bool lingers(const File& file) {
  if (file.kind() != File::Kind::stream) return false;
  const auto& socket = static_cast<const StreamSocket&>(file);
  return socket.options.lingers && socket.options.linger_time > Duration{} && socket.is_established() &&
         socket.stream().info().receive_queued == 0;
}

}  // namespace

int Host::shutdown(int fd, int how) {
  const auto [socket, error] = state_->find_socket(fd);
  if (!socket) return error;
  if (how < SHUT_RD || how > SHUT_RDWR) return -EINVAL;
  const bool receiving = how != SHUT_WR;
  const bool sending = how != SHUT_RD;
  if (socket->kind() == File::Kind::stream)
    return static_cast<StreamSocket&>(*socket).shut_down(receiving, sending);
  return static_cast<DatagramSocket&>(*socket).shut_down(receiving, sending);
}

int Host::close(int fd) { return state_->descriptors.remove(fd) ? 0 : -EBADF; }

Operation Host::begin_close(int fd, Instant now) {
  std::shared_ptr<File> file = state_->descriptors.remove(fd);
  if (!file) return Operation(-EBADF);
  if (file.use_count() > 1 || !lingers(*file)) return Operation(0);
  auto socket = std::static_pointer_cast<StreamSocket>(std::move(file));
  socket->leave_watchers();
  socket->shut_down(true, true);
  return Operation::begin(Linger(std::move(socket), now), true, now);
}

}  // namespace strata::posix
