// TCP handles: each call finds its connection, runs one of RFC 9293's user calls, and settles the connection.
#include "strata/tcp.hpp"

#include "stack/stack_core.hpp"
#include "transport/tcp/fast_open_syn.hpp"
#include "transport/tcp/pacing.hpp"
#include "transport/tcp/send_space.hpp"
#include "transport/tcp/urgent_data.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata {
namespace {

Flow* flow_of(StackCore* core, SocketId id) { return core == nullptr ? nullptr : core->tcp().find(id); }

}  // namespace

Result<std::size_t> TcpStream::send(Bytes data, SendOptions options) {
  Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return Err{Errc::closed};
  const Result<std::size_t> result = tcp::send(flow->tcb(), core_->tcp().context(), data, options);
  if (result) {
    core_->tcp().touch(*flow);
  } else {
    core_->tcp().file_waiter(*flow);
  }
  return result;
}

Result<std::size_t> TcpStream::receive(MutableBytes into) {
  Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return Err{Errc::closed};
  const Result<std::size_t> result = tcp::receive(flow->tcb(), core_->tcp().context(), into);
  if (result) core_->tcp().touch(*flow);
  return result;
}

Result<Bytes> TcpStream::peek() const {
  const Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return Err{Errc::closed};
  return tcp::peek(flow->tcb());
}

Result<std::size_t> TcpStream::peek(MutableBytes into, std::size_t skip) const {
  const Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return Err{Errc::closed};
  return tcp::peek(flow->tcb(), into, skip);
}

void TcpStream::consume(std::size_t n) {
  Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return;
  tcp::consume(flow->tcb(), core_->tcp().context(), n);
  core_->tcp().touch(*flow);
}

std::optional<UrgentMark> TcpStream::urgent() const {
  const Flow* flow = flow_of(core_, id_);
  return flow == nullptr ? std::nullopt : tcp::urgent_mark(flow->tcb());
}

void TcpStream::take_urgent() {
  if (Flow* flow = flow_of(core_, id_)) tcp::take_urgent(flow->tcb());
}

void TcpStream::read_urgent_out_of_band(bool on) {
  if (Flow* flow = flow_of(core_, id_)) flow->tcb().urgent_out_of_band = on;
}

std::uint32_t TcpStream::syn_room() const {
  const Flow* flow = flow_of(core_, id_);
  return flow == nullptr ? 0 : tcp::syn_room(flow->tcb());
}

bool TcpStream::holds_syn() const {
  const Flow* flow = flow_of(core_, id_);
  return flow != nullptr && tcp::holds_syn(flow->tcb());
}

Result<void> TcpStream::shutdown_send() {
  Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return Err{Errc::closed};
  const Result<void> result = tcp::shutdown_send(flow->tcb(), core_->tcp().context());
  core_->tcp().touch(*flow);
  return result;
}

void TcpStream::shutdown_receive() {
  if (Flow* flow = flow_of(core_, id_)) flow->tcb().receive_shut = true;
}

void TcpStream::close() {
  if (Flow* flow = flow_of(core_, id_)) core_->tcp().release(*flow, false);
  core_ = nullptr;
  id_ = {};
}

void TcpStream::abort() {
  if (Flow* flow = flow_of(core_, id_)) core_->tcp().release(*flow, true);
  core_ = nullptr;
  id_ = {};
}

TcpState TcpStream::state() const {
  const Flow* flow = flow_of(core_, id_);
  return flow == nullptr ? TcpState::closed : core_->tcp().state_of(*flow);
}

Ready TcpStream::ready() const {
  const Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return Ready::closed;
  return tcp::readiness(flow->tcb(), core_->tcp().context());
}

Result<void> TcpStream::error() const {
  const Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return Err{Errc::closed};
  if (flow->tcb().error) return Err{*flow->tcb().error};
  return {};
}

TcpInfo TcpStream::info() const {
  const Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return {};
  TcpInfo info = flow->connection.info(core_->tcp().context());
  info.state = core_->tcp().state_of(*flow);
  info.pacing_rate = tcp::pacing_rate(flow->tcb(), core_->tcp().context().config);
  return info;
}

Endpoint TcpStream::local() const {
  const Flow* flow = flow_of(core_, id_);
  return flow == nullptr ? Endpoint{} : flow->tcb().flow.local;
}

Endpoint TcpStream::remote() const {
  const Flow* flow = flow_of(core_, id_);
  return flow == nullptr ? Endpoint{} : flow->tcb().flow.remote;
}

void TcpStream::set_waker(Waker waker) {
  if (Flow* flow = flow_of(core_, id_)) core_->tcp().set_waker(*flow, waker);
}

void TcpStream::notify_when_writable() {
  if (Flow* flow = flow_of(core_, id_)) core_->tcp().wait_for_room(*flow);
}

void TcpStream::push() {
  Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return;
  tcp::push(flow->tcb());
  core_->tcp().touch(*flow);
}

TcpSettings TcpStream::settings() const {
  const Flow* flow = flow_of(core_, id_);
  return flow == nullptr ? TcpSettings{} : *flow->tcb().settings;
}

void TcpStream::configure(const TcpSettings& settings) {
  Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return;
  tcp::configure(flow->tcb(), core_->tcp().context(), settings);
  core_->tcp().touch(*flow);  // what Nagle held back may leave now
}

void TcpStream::set_nodelay(bool on) {
  TcpSettings changed = settings();
  changed.nodelay = on;
  configure(changed);
}

void TcpStream::set_keepalive(bool on) {
  TcpSettings changed = settings();
  changed.keepalive = on;
  configure(changed);
}

void TcpStream::set_user_timeout(Duration timeout) {
  TcpSettings changed = settings();
  changed.user_timeout = timeout;
  configure(changed);
}

void TcpStream::set_quick_ack(bool on) {
  Flow* flow = flow_of(core_, id_);
  if (flow == nullptr) return;
  flow->tcb().acks.set_quick(on);
  core_->tcp().touch(*flow);
}

Result<TcpStream> TcpListener::accept() {
  if (core_ == nullptr) return Err{Errc::closed};
  const Result<SocketId> id = core_->tcp().accept(id_);
  if (!id) return Err{id.error()};
  return TcpStream(core_, *id);
}

Endpoint TcpListener::local() const {
  const Listener* listener = core_ == nullptr ? nullptr : core_->tcp().find_listener(id_);
  return listener == nullptr ? Endpoint{} : listener->local;
}

Ready TcpListener::ready() const {
  const Listener* listener = core_ == nullptr ? nullptr : core_->tcp().find_listener(id_);
  if (listener == nullptr) return Ready::closed;
  return listener->accepted.empty() ? Ready::none : Ready::acceptable;
}

void TcpListener::set_waker(Waker waker) {
  Listener* listener = core_ == nullptr ? nullptr : core_->tcp().find_listener(id_);
  if (listener != nullptr) core_->tcp().set_waker(*listener, waker);
}

void TcpListener::configure(const TcpSettings& settings) {
  Listener* listener = core_ == nullptr ? nullptr : core_->tcp().find_listener(id_);
  if (listener != nullptr) listener->settings = settings;
}

void TcpListener::set_backlog(std::uint16_t backlog) {
  Listener* listener = core_ == nullptr ? nullptr : core_->tcp().find_listener(id_);
  if (listener != nullptr) listener->backlog = core_->tcp().bounded_backlog(backlog);
}

void TcpListener::close() {
  if (core_ != nullptr) core_->close_listener(id_);
  core_ = nullptr;
  id_ = {};
}

}  // namespace strata
