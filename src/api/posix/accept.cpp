// listen(2) and accept4(2).
#include <algorithm>
#include <limits>

#include "api/posix/errno_of.hpp"
#include "api/posix/host.hpp"
#include "api/posix/host_state.hpp"
#include "api/posix/names.hpp"

namespace strata::posix {
namespace {

class Accept final : public Wait {
 public:
  struct Answer {
    int flags;
    sockaddr* address;
    socklen_t* size;
  };
  Accept(HostState& state, std::shared_ptr<StreamSocket> listener, const Answer& answer, Instant now)
      : Wait(listener->receive_deadline(now)),
        state_(&state),
        listener_(std::move(listener)),
        answer_(answer) {}

  std::optional<long> attempt(Instant) override {
    if (listener_->phase() != StreamSocket::Phase::listening) return -EINVAL;
    Result<TcpStream> stream = listener_->listener().accept();
    if (!stream && stream.error() == Errc::would_block) return std::nullopt;
    if (!stream) return -errno_of(stream.error());
    if (answer_.size != nullptr && static_cast<int>(*answer_.size) < 0) return -EINVAL;
    if (answer_.address != nullptr) write_name(*listener_, stream->remote(), answer_.address, answer_.size);
    auto socket = std::make_shared<StreamSocket>(listener_->stack());
    socket->adopt(std::move(*stream), *listener_);
    socket->set_nonblocking((answer_.flags & SOCK_NONBLOCK) != 0);
    return state_->descriptors.add(std::move(socket), (answer_.flags & SOCK_CLOEXEC) != 0);
  }
  long give_up() override { return -EAGAIN; }

 private:
  HostState* state_;
  std::shared_ptr<StreamSocket> listener_;
  Answer answer_;
};

/// Linux lets one connection more wait than was asked for, and takes a negative number for a huge one.
std::uint16_t backlog_of(int asked) {
  constexpr int kMost = std::numeric_limits<std::uint16_t>::max() - 1;
  return static_cast<std::uint16_t>((asked < 0 ? kMost : std::min(asked, kMost)) + 1);
}

}  // namespace

int Host::listen(int fd, int backlog) {
  const auto [socket, error] = state_->find_stream(fd);
  if (!socket) return error;
  if (socket->phase() == StreamSocket::Phase::listening) {
    socket->listener().set_backlog(backlog_of(backlog));
    return 0;
  }
  if (socket->phase() != StreamSocket::Phase::unconnected) return -EINVAL;
  if (const int bad = state_->bind_if_needed(stack_, socket); bad != 0) return bad;
  // Connections that it had when it listened before may be in its way.
  if (state_->ports.is_taken(stack_, *socket, *socket->bound)) return -EADDRINUSE;
  return socket->start_listening(backlog_of(backlog));
}

Operation Host::begin_accept(int fd, int flags, sockaddr* address, socklen_t* size, Instant now) {
  if ((flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != 0) return Operation(-EINVAL);
  auto [listener, error] = state_->find_stream(fd);
  if (!listener) return Operation(error);
  const bool may_wait = !listener->is_nonblocking();
  return Operation::begin(
      Accept(*state_, std::move(listener), {.flags = flags, .address = address, .size = size}, now), may_wait,
      now);
}

}  // namespace strata::posix
