#include "api/posix/stream_socket.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "api/posix/errno_of.hpp"
#include "api/posix/option_table.hpp"

namespace strata::posix {

StreamSocket::~StreamSocket() {
  if (options.lingers && options.linger_time == Duration{}) stream_.abort();
}

void StreamSocket::on_ready(void* context, Ready) { static_cast<StreamSocket*>(context)->notify(); }

int StreamSocket::start_listening(std::uint16_t backlog) {
  Result<TcpListener> listener = stack().listen(*bound, {.backlog = backlog,
                                                         .share_port = options.reuse_port,
                                                         .any_address = options.free_bind,
                                                         .ipv6_only = options.ipv6_only,
                                                         .settings = options.tcp});
  if (!listener) return -errno_of(listener.error());
  listener_ = std::move(*listener);
  listener_.set_waker({this, &StreamSocket::on_ready});
  phase_ = Phase::listening;
  return 0;
}

int StreamSocket::start_connecting(const Endpoint& remote, FastOpenUse fast_open, Instant now) {
  Result<TcpStream> stream =
      stack().connect(remote,
                      {.local = bound.value_or(Endpoint{.address = any_address(), .zone = 0, .port = 0}),
                       .any_address = options.free_bind,
                       .fast_open = fast_open,
                       .settings = options.tcp},
                      now);
  // A port that is bound already can only be taken as one end of the same connection.
  if (!stream) return stream.error() == Errc::address_in_use ? -EADDRNOTAVAIL : -errno_of(stream.error());
  stream_ = std::move(*stream);
  stream_.set_waker({this, &StreamSocket::on_ready});
  stream_.read_urgent_out_of_band(!options.urgent_inline);
  phase_ = Phase::connecting;
  own_error_ = 0;
  error_taken_ = false;  // what was shut down before stays so
  return 0;
}

void StreamSocket::adopt(TcpStream stream, const StreamSocket& listener) {
  family = listener.family;
  options = inherited_options(listener.options);
  stream_ = std::move(stream);
  stream_.set_waker({this, &StreamSocket::on_ready});
  stream_.read_urgent_out_of_band(!options.urgent_inline);
  phase_ = Phase::connected;
}

// As Linux: who ends a connection that way finds it reset; an error that nobody has heard stays.
void StreamSocket::disconnect() {
  constexpr TcpState kEndInAnError[] = {TcpState::syn_sent,   TcpState::syn_received, TcpState::established,
                                        TcpState::close_wait, TcpState::fin_wait_1,   TcpState::fin_wait_2};
  const bool was_open = std::ranges::find(kEndInAnError, state()) != std::end(kEndInAnError);
  own_error_ = was_open ? ECONNRESET : take_error();
  if (phase_ == Phase::listening) listener_.close();
  stream_.abort();
  phase_ = Phase::unconnected;
  receive_shut_ = send_shut_ = error_taken_ = false;
  notify();
}

int StreamSocket::shut_down(bool receiving, bool sending) {
  if (phase_ == Phase::listening) {
    if (receiving) disconnect();
    return 0;
  }
  if (state() == TcpState::syn_sent) {
    disconnect();
    return 0;
  }
  const bool over = state() == TcpState::closed;
  if (phase_ == Phase::connecting)
    phase_ = over || is_handshaking() ? Phase::disconnecting : Phase::connected;
  receive_shut_ = receive_shut_ || receiving;
  send_shut_ = send_shut_ || sending;
  if (receiving) stream_.shutdown_receive();
  if (sending) (void)stream_.shutdown_send();
  notify();
  return over ? -ENOTCONN : 0;
}

TcpState StreamSocket::state() const {
  if (phase_ == Phase::listening) return TcpState::listen;
  // A socket whose connection is in TIME-WAIT is done with it: Linux shows it closed.
  const TcpState now = stream_ ? stream_.state() : TcpState::closed;
  return now == TcpState::time_wait ? TcpState::closed : now;
}

bool StreamSocket::is_established() const {
  return state() == TcpState::established || state() == TcpState::close_wait;
}

bool StreamSocket::is_handshaking() const {
  return state() == TcpState::syn_sent || state() == TcpState::syn_received;
}

bool StreamSocket::is_done() const {
  return stream_ && (any(stream_.ready() & Ready::peer_closed) || state() == TcpState::closed);
}

bool StreamSocket::is_receive_shut() const { return receive_shut_ || is_done(); }

bool StreamSocket::is_send_shut() const { return send_shut_ || (stream_ && state() == TcpState::closed); }

int StreamSocket::take_error() {
  const bool there = has_error();
  if (!there) return 0;
  if (own_error_ != 0) return std::exchange(own_error_, 0);
  error_taken_ = true;
  const Errc error = stream_.error().error();
  // Linux: a peer that had sent its FIN and then resets broke our pipe.
  if (error == Errc::connection_reset && any(stream_.ready() & Ready::peer_closed)) return EPIPE;
  return errno_of(error);
}

bool StreamSocket::has_error() const {
  return own_error_ != 0 || (stream_ && !error_taken_ && !stream_.error().has_value());
}

bool StreamSocket::is_writable() {
  if (!is_established() || send_shut_) return true;
  if (any(stream_.ready() & Ready::writable) && stream_.info().send_room_is_ample) return true;
  stream_.notify_when_writable();
  return false;
}

// The order of Linux's tcp_poll: hang-up, end of input, data, room, error.
std::uint32_t StreamSocket::events() {
  if (phase_ == Phase::listening) {
    return any(listener_.ready() & Ready::acceptable) ? EPOLLIN | EPOLLRDNORM : 0;
  }
  std::uint32_t mask = 0;
  const TcpState now = state();
  if ((is_receive_shut() && is_send_shut()) || now == TcpState::closed) mask |= EPOLLHUP;
  if (is_receive_shut()) mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
  if (!is_handshaking()) {
    const std::optional<UrgentMark> mark = stream_.urgent();
    const bool is_hole = mark && mark->before == 0 && !options.urgent_inline;  // not to be read like others
    const long wanted = options.receive_low_water + (is_hole ? 1 : 0);
    const bool enough = stream_ && stream_.info().receive_queued >= wanted;
    if (enough) mask |= EPOLLIN | EPOLLRDNORM;
    if (is_writable()) mask |= EPOLLOUT | EPOLLWRNORM;
    if (mark && mark->is_here) mask |= EPOLLPRI;
  }
  if (stream_.holds_syn()) mask |= EPOLLOUT | EPOLLWRNORM;  // for its first data
  if (has_error() || !zero_copy.empty()) mask |= EPOLLERR;
  return mask;
}

void StreamSocket::apply_options() {
  options.tcp.reuse_address = options.reuse_address || options.reuse_port;
  if (phase_ == Phase::listening) listener_.configure(options.tcp);
  if (stream_) stream_.configure(options.tcp);
  stream_.read_urgent_out_of_band(!options.urgent_inline);
}

}  // namespace strata::posix
