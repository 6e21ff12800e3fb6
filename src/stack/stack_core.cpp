#include "stack/stack_core.hpp"

#include <algorithm>

#include "base/byte_order.hpp"
#include "wire/ipv4.hpp"
#include "wire/ipv6.hpp"

namespace strata {
namespace {

/// Packets to ourselves that one call moves; a conversation with oneself must not keep the caller for ever.
constexpr int kLocalBurst = 256;

Errc udp_error_of(internet::IcmpErrorKind kind) {
  return kind == internet::IcmpErrorKind::port_unreachable ? Errc::connection_refused
                                                           : Errc::host_unreachable;
}

}  // namespace

StackCore::StackCore(const Config& config, const Entropy& entropy)
    : config_(config),
      pools_(config.buffers),
      rng_(entropy.words[4] ^ entropy.words[5]),
      internet_(config_, entropy, pools_, counters_),
      udp_(config_, pools_, counters_),
      tcp_(config_, entropy, pools_, counters_, trace_, internet_) {}

void StackCore::input(NicId nic, Packet frame, Instant now) {
  now_ = now;
  counters_.add(Counter::frames_in);
  const internet::Input result = internet_.input(nic, frame, now);
  route_input(result, frame);
}

void StackCore::route_input(const internet::Input& input, Packet& packet) {
  switch (input.kind) {
    case internet::Input::Kind::transport:
      if (input.delivery.protocol == kProtocolTcp) return tcp_.input(input.delivery, packet, now_);
      return input_udp(input.delivery, packet);
    case internet::Input::Kind::error: return report_error(*input.error);
    case internet::Input::Kind::echo_reply:
      if (echo_hook_.function != nullptr) echo_hook_.function(echo_hook_.context, *input.echo);
      return;
    case internet::Input::Kind::consumed: return;
  }
}

void StackCore::input_udp(const internet::Delivery& delivery, Packet& packet) {
  const udp::Outcome outcome = udp_.deliver(
      packet, {.src = delivery.src, .dst = delivery.dst, .zone = static_cast<std::uint32_t>(delivery.zone)});
  if (outcome != udp::Outcome::no_port) return;
  internet_.send_unreachable(internet::IcmpErrorKind::port_unreachable, delivery, packet, now_);
}

/// RFC 1122 §3.2.2.1: errors go to the transport, and from there to the socket that they concern.
void StackCore::report_error(const internet::IcmpError& error) {
  if (error.protocol == kProtocolTcp) return tcp_.on_icmp_error(error, now_);
  if (error.protocol == kProtocolUdp) {
    const auto zone = static_cast<std::uint32_t>(error.zone);
    const Endpoint local{
        .address = error.src, .zone = zone, .port = load_be<std::uint16_t>(error.transport.data())};
    const Endpoint remote{
        .address = error.dst, .zone = zone, .port = load_be<std::uint16_t>(error.transport.data() + 2)};
    if (error.kind == internet::IcmpErrorKind::fragmentation_needed)
      return on_datagram_too_big(error, local, remote);
    if (!udp_.on_icmp_error(local, remote, udp_error_of(error.kind)))
      counters_.add(Counter::icmp_error_no_socket);
    return;
  }
  const bool is_icmp = error.protocol == (error.dst.is_v4() ? kProtocolIcmp : kProtocolIcmp6);
  if (!is_icmp || echo_hook_.function == nullptr) return;
  // The quoted message is an echo request of ours: identifier and sequence number follow type, code and
  // checksum.
  const EchoReply lost{.from = error.reporter,
                       .id = load_be<std::uint16_t>(error.transport.data() + 4),
                       .sequence = load_be<std::uint16_t>(error.transport.data() + 6),
                       .unreachable = true};
  echo_hook_.function(echo_hook_.context, lost);
}

void StackCore::advance(Instant now) {
  now_ = now;
  internet_.advance(now);
  // Only those that are there now: who hears of an error may cause the next one.
  for (std::size_t left = internet_.error_count(); left > 0; --left) {
    if (const auto error = internet_.take_error()) report_error(*error);
  }
  tcp_.advance(now);
  pump_local();
}

/// What this host says to itself goes up again at once, below no device.
void StackCore::pump_local() {
  for (int i = 0; i < kLocalBurst; ++i) {
    Packet packet = internet_.next_local();
    if (!packet) {
      if (!tcp_.has_output(NicId::none)) return;
      (void)tcp_.next_output(NicId::none, now_);  // wraps into the local queue
      continue;
    }
    const internet::Input result = internet_.input_local(packet, now_);
    route_input(result, packet);
  }
}

void StackCore::dispatch() {
  tcp_.dispatch();
  while (const auto wake = udp_.pop_ready()) {
    if (wake->waker.function != nullptr) wake->waker.function(wake->waker.context, wake->ready);
  }
}

Packet StackCore::next_output(NicId nic, Instant now) {
  now_ = now;
  pump_local();
  Packet packet = internet_.next_output(nic);
  if (!packet) packet = tcp_.next_output(nic, now);
  // A connection may have spoken on another interface than it was queued for, or waited for its neighbour:
  // ARP then asks.
  if (!packet) packet = internet_.next_output(nic);
  if (packet) counters_.add(Counter::frames_out);
  return packet;
}

Instant StackCore::next_deadline() const {
  // Packets to this host wait for no wire; they may also have raised wakers after the last dispatch().
  const bool local_work = internet_.has_output(NicId::none) || tcp_.has_output(NicId::none);
  const bool wakers_due = tcp_.has_ready() || udp_.has_ready();
  return local_work || wakers_due ? now_ : std::min(internet_.next_deadline(), tcp_.next_deadline());
}

Result<SocketId> StackCore::listen(const Endpoint& local, const ListenOptions& options) {
  Result<SocketId> id = tcp_.listen(local, options);
  if (id && options.any_port) internet_.accept_any_tcp();
  return id;
}

void StackCore::close_listener(SocketId id) {
  tcp_.close_listener(id);  // accepted streams to foreign addresses go on, so their packets still come in
}

Result<void> StackCore::set_tcp_config(const TcpConfig& config) {
  if (config.port_first == 0 || config.port_first > config.port_last) return Err{Errc::invalid_argument};
  config_.tcp = config;
  tcp_.on_config_changed();
  udp_.set_port_range(config.port_first, config.port_last);
  internet_.set_ip_rules(config);
  return {};
}

Result<SocketId> StackCore::bind_udp(const Endpoint& local, UdpPlace place) {
  if (!place.any_address && !local.address.is_unspecified() &&
      !internet_.is_local(local.address, NicId{local.zone}) && !local.address.is_multicast()) {
    return Err{Errc::address_not_available};
  }
  const auto index = udp_.bind(local, rng_, place.shared);
  if (!index) return Err{index.error()};
  return udp_.id(*index);
}

Result<void> StackCore::connect_datagram(SocketId id, const Endpoint& remote) {
  if (!udp_.is_open(id)) return Err{Errc::closed};
  const auto choice = internet_.route(remote.address, NicId{remote.zone});
  if (!choice) return Err{choice.error()};
  Endpoint peer = remote;
  // What the peer's datagrams will come with.
  const bool scoped = remote.address.needs_zone() || choice->source.needs_zone();
  peer.zone = scoped ? static_cast<std::uint32_t>(choice->nic) : 0;
  return udp_.connect(id.index, peer, choice->source);
}

Result<std::size_t> StackCore::send_datagram(SocketId id, const Endpoint& to, Bytes data, Instant now) {
  if (!udp_.is_open(id)) return Err{Errc::closed};
  const IpAddress bound = udp_.local(id.index).address;
  const NicId zone{to.zone != 0 ? to.zone : udp_.local(id.index).zone};
  const auto choice = bound.is_unspecified() || bound.is_multicast()
                          ? internet_.route(to.address, zone)
                          : internet_.route(to.address, bound, zone);
  if (!choice) return Err{choice.error()};
  const std::size_t headers = to.address.is_v4() ? 28 : 48;
  const PathMtuDiscovery wish = path_mtu_wish(id.index);
  const bool whole_link = ignores_path_mtu(wish);
  const std::size_t most = (whole_link ? choice->route_mtu : choice->mtu) - headers;
  const bool fits = data.size() <= most;
  const bool may_split = to.address.is_v4() && splits(wish);
  const udp::Path path{.source = choice->source,
                       .payload_max = may_split ? udp::kPayloadMax : most,
                       .checksum_offload = fits && choice->link->checksum_offload_tx};
  Result<Packet> packet = udp_.build(id.index, to, path, data);
  if (!packet) return Err{packet.error()};
  const internet::IpSend send{.src = choice->source,
                              .dst = to.address,
                              .protocol = kProtocolUdp,
                              .ttl = choice->hop_limit != 0 ? choice->hop_limit : config_.ttl,
                              .dscp = 0,
                              .ecn = 0,
                              .dont_fragment = fits && sets_dont_fragment(wish) && !choice->is_narrower,
                              .may_split = may_split,
                              .whole_link = whole_link,
                              .zone = choice->nic};
  internet_.send(*std::move(packet), send, now);
  return data.size();
}

}  // namespace strata
