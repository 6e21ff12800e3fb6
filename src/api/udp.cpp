#include "strata/udp.hpp"

#include "stack/stack_core.hpp"

namespace strata {

Result<void> UdpSocket::connect(const Endpoint& remote) {
  if (core_ == nullptr) return Err{Errc::closed};
  return core_->connect_datagram(id_, remote);
}

Result<std::size_t> UdpSocket::send(Bytes data, Instant now) {
  if (core_ == nullptr || !core_->udp().is_open(id_)) return Err{Errc::closed};
  const auto remote = core_->udp().remote(id_.index);
  if (!remote) return Err{Errc::not_connected};
  return core_->send_datagram(id_, *remote, data, now);
}

Result<std::size_t> UdpSocket::send_to(const Endpoint& to, Bytes data, Instant now) {
  if (core_ == nullptr) return Err{Errc::closed};
  return core_->send_datagram(id_, to, data, now);
}

Result<Datagram> UdpSocket::receive(MutableBytes into) {
  if (core_ == nullptr || !core_->udp().is_open(id_)) return Err{Errc::closed};
  return core_->udp().receive(id_.index, into);
}

Result<Datagram> UdpSocket::peek(MutableBytes into) const {
  if (core_ == nullptr || !core_->udp().is_open(id_)) return Err{Errc::closed};
  return core_->udp().peek(id_.index, into);
}

std::optional<Errc> UdpSocket::take_error() {
  if (core_ == nullptr || !core_->udp().is_open(id_)) return std::nullopt;
  return core_->udp().take_error(id_.index);
}

bool UdpSocket::has_error() const {
  return core_ != nullptr && core_->udp().is_open(id_) && core_->udp().has_error(id_.index);
}

void UdpSocket::disconnect() {
  if (core_ != nullptr && core_->udp().is_open(id_)) core_->udp().disconnect(id_.index);
}

void UdpSocket::set_path_mtu_discovery(std::optional<PathMtuDiscovery> wish) {
  if (core_ != nullptr && core_->udp().is_open(id_)) core_->udp().set_path_mtu_discovery(id_.index, wish);
}

Result<std::uint32_t> UdpSocket::path_mtu() const {
  if (core_ == nullptr || !core_->udp().is_open(id_)) return Err{Errc::closed};
  const auto remote = core_->udp().remote(id_.index);
  if (!remote) return Err{Errc::not_connected};
  const auto choice = core_->internet().route(remote->address);
  if (!choice) return Err{choice.error()};
  return choice->mtu;
}

Endpoint UdpSocket::local() const {
  if (core_ == nullptr || !core_->udp().is_open(id_)) return {};
  return core_->udp().local(id_.index);
}

Ready UdpSocket::ready() const {
  if (core_ == nullptr || !core_->udp().is_open(id_)) return Ready::closed;
  return core_->udp().ready(id_.index);
}

void UdpSocket::set_waker(Waker waker) {
  if (core_ != nullptr && core_->udp().is_open(id_)) core_->udp().set_waker(id_.index, waker);
}

void UdpSocket::close() {
  if (core_ != nullptr && core_->udp().is_open(id_)) core_->udp().close(id_.index);
  core_ = nullptr;
  id_ = {};
}

}  // namespace strata
