// The public face of a stack: each call is a line to the core.
#include "strata/stack.hpp"

#include "base/check.hpp"
#include "stack/core_access.hpp"
#include "stack/stack_core.hpp"
#include "strata/tcp.hpp"
#include "strata/udp.hpp"

namespace strata {

Stack::Stack(const Config& config, const Entropy& entropy)
    : core_(std::make_unique<StackCore>(config, entropy)) {}
Stack::~Stack() = default;
Stack::Stack(Stack&&) noexcept = default;
Stack& Stack::operator=(Stack&&) noexcept = default;

Result<NicId> Stack::add_interface(const InterfaceConfig& config) {
  return core_->internet().add_interface(config);
}
Result<void> Stack::add_route(const Route& route) { return core_->internet().add_route(route); }

const LinkCapabilities& Stack::link(NicId nic) const {
  const internet::Interface* found = core_->internet().interface(nic);
  STRATA_CHECK(found != nullptr);
  return found->link;
}

Packet Stack::make_packet(Bytes frame) { return buf::copy_in(core_->pools(), frame); }
void Stack::input(NicId nic, Packet frame, Instant now) { core_->input(nic, std::move(frame), now); }
void Stack::advance(Instant now) { core_->advance(now); }
void Stack::dispatch() { core_->dispatch(); }
Packet Stack::next_output(NicId nic, Instant now) { return core_->next_output(nic, now); }
void Stack::return_output(NicId nic, Packet frame) { core_->internet().return_output(nic, std::move(frame)); }
Instant Stack::next_deadline() const { return core_->next_deadline(); }

Result<TcpListener> Stack::listen(const Endpoint& local, const ListenOptions& options) {
  const Result<SocketId> id = core_->listen(local, options);
  if (!id) return Err{id.error()};
  return TcpListener(core_.get(), *id);
}

Result<TcpListener> Stack::listen(const Endpoint& local) { return listen(local, ListenOptions{}); }

Result<TcpListener> Stack::listen_any(const ListenOptions& options) {
  ListenOptions any = options;
  any.any_port = true;
  return listen({}, any);
}

Result<TcpStream> Stack::connect(const Endpoint& remote, const ConnectOptions& options, Instant now) {
  const Result<SocketId> id = core_->tcp().connect(remote, options, now);
  if (!id) return Err{id.error()};
  return TcpStream(core_.get(), *id);
}

Result<TcpStream> Stack::connect(const Endpoint& remote, Instant now) {
  return connect(remote, ConnectOptions{}, now);
}

Result<UdpSocket> Stack::bind_udp(const Endpoint& local) {
  const Result<SocketId> id = core_->bind_udp(local);
  if (!id) return Err{id.error()};
  return UdpSocket(core_.get(), *id);
}

Result<void> Stack::send_echo(const IpAddress& to, std::uint16_t id, std::uint16_t sequence, Bytes payload,
                              Instant now, NicId zone) {
  return core_->internet().send_echo(to, id, sequence, payload, now, zone);
}

void Stack::set_echo_hook(EchoHook hook) { core_->set_echo_hook(hook); }
const TcpConfig& Stack::tcp_config() const { return core_->tcp().config(); }
Result<void> Stack::set_tcp_config(const TcpConfig& config) { return core_->set_tcp_config(config); }
void Stack::set_trace(TraceSink sink) { core_->set_trace(sink); }
const Counters& Stack::counters() const { return core_->counters(); }
std::size_t Stack::connection_count() const { return core_->tcp().connection_count(); }
std::size_t Stack::time_wait_count() const { return core_->tcp().time_wait_count(); }
std::size_t Stack::blocks_in_use() const { return core_->pools().blocks.in_use(); }

buf::Pools& pools(Stack& stack) { return stack.core().pools(); }

}  // namespace strata
