// Binding and finding sockets, reading from them, and waking their owners.
#include "transport/udp/udp_table.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace strata::udp {

UdpTable::UdpTable(const Config& config, buf::Pools& pools, Counters& counters)
    : queue_bytes_max_(config.tables.udp_queue_bytes_max),
      port_first_(config.tcp.port_first),
      port_last_(config.tcp.port_last),
      pools_(pools),
      counters_(counters),
      sockets_(config.tables.udp_sockets_max),
      waiting_(config.buffers.packets_max),
      buckets_(std::bit_ceil(std::clamp<std::size_t>(config.tables.udp_sockets_max, 2, 65536)), kNone) {}

Result<std::uint32_t> UdpTable::bind(const Endpoint& local, Xoshiro& rng, bool shared) {
  Endpoint wanted = local;
  if (local.port == 0) {
    const auto port = choose_port(local, rng);
    if (!port) return Err{Errc::address_not_available};
    wanted.port = *port;
  } else if (!shared && is_bound(local)) {
    return Err{Errc::address_in_use};
  }
  const std::uint32_t index = sockets_.emplace();
  if (index == kNone) return Err{Errc::no_memory};
  Socket& socket = sockets_[index];
  socket.local = wanted;
  socket.next_in_bucket = std::exchange(bucket_of(wanted.port), index);
  return index;
}

// RFC 6056 §3.3.1: a random start, then one after the other.
std::optional<std::uint16_t> UdpTable::choose_port(const Endpoint& local, Xoshiro& rng) const {
  const std::uint32_t count = static_cast<std::uint32_t>(port_last_ - port_first_) + 1;
  const std::uint32_t start = below(rng, count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Endpoint candidate = local;
    candidate.port = static_cast<std::uint16_t>(port_first_ + (start + i) % count);
    if (!is_bound(candidate)) return candidate.port;
  }
  return std::nullopt;
}

bool UdpTable::is_bound(const Endpoint& local) const {
  std::uint32_t i = buckets_[local.port & (buckets_.size() - 1)];
  while (i != kNone && sockets_[i].local != local) i = sockets_[i].next_in_bucket;
  return i != kNone;
}

Result<void> UdpTable::connect(std::uint32_t index, const Endpoint& remote, const IpAddress& source) {
  Socket& socket = sockets_[index];
  if (socket.remote) return Err{Errc::already_connected};
  if (remote.port == 0 || remote.address.is_unspecified()) return Err{Errc::invalid_argument};
  socket.remote = remote;
  if (socket.local.address.is_unspecified()) socket.local.address = source;
  return {};
}

void UdpTable::close(std::uint32_t index) {
  Socket& socket = sockets_[index];
  while (socket.first_waiting != kNone) drop_first(socket);
  if (edges_.contains(socket)) edges_.remove(socket);
  std::uint32_t* link = &bucket_of(socket.local.port);
  while (*link != index) link = &sockets_[*link].next_in_bucket;
  *link = socket.next_in_bucket;
  sockets_.erase(index);
}

UdpTable::Socket* UdpTable::lookup(const Endpoint& local, const Endpoint& remote) {
  Socket* best = nullptr;
  int best_score = 0;
  for (std::uint32_t i = bucket_of(local.port); i != kNone; i = sockets_[i].next_in_bucket) {
    Socket& socket = sockets_[i];
    const bool any_address = socket.local.address.is_unspecified();  // of either family: `::` takes both
    const bool right_zone = socket.local.zone == 0 || socket.local.zone == local.zone;
    if (socket.local.port != local.port || !right_zone) continue;
    if (!any_address && socket.local.address != local.address) continue;
    if (socket.remote && *socket.remote != remote) continue;
    const int score = 1 + (any_address ? 0 : 1) + (socket.remote ? 2 : 0);
    if (score > best_score) {
      best = &socket;
      best_score = score;
    }
  }
  return best;
}

bool UdpTable::on_icmp_error(const Endpoint& local, const Endpoint& remote, Errc error) {
  Socket* socket = lookup(local, remote);
  // Without a peer the owner could not tell which of its datagrams is meant.
  if (socket == nullptr || !socket->remote) return false;
  socket->error = error;
  note_readable(*socket);
  return true;
}

std::optional<UdpTable::Sender> UdpTable::sender(const Endpoint& local, const Endpoint& remote) {
  const Socket* socket = lookup(local, remote);
  if (socket == nullptr) return std::nullopt;
  return Sender{.wish = socket->path_mtu_discovery, .largest_sent = socket->largest_sent};
}

Result<Datagram> UdpTable::receive(std::uint32_t index, MutableBytes into) {
  Socket& socket = sockets_[index];
  if (const auto error = std::exchange(socket.error, std::nullopt)) {
    if (socket.first_waiting == kNone) socket.was_readable = false;
    return Err{*error};
  }
  if (socket.first_waiting == kNone) return Err{Errc::would_block};
  const Waiting& first = waiting_[socket.first_waiting];
  const Datagram datagram{.size = first.packet.copy_to(into),
                          .full_size = first.packet.size(),
                          .from = first.from,
                          .to = first.to};
  drop_first(socket);
  if (socket.first_waiting == kNone) socket.was_readable = false;
  return datagram;
}

Result<Datagram> UdpTable::peek(std::uint32_t index, MutableBytes into) const {
  const Socket& socket = sockets_[index];
  if (socket.error) return Err{*socket.error};
  if (socket.first_waiting == kNone) return Err{Errc::would_block};
  const Waiting& first = waiting_[socket.first_waiting];
  return Datagram{.size = first.packet.copy_to(into),
                  .full_size = first.packet.size(),
                  .from = first.from,
                  .to = first.to};
}

std::optional<Errc> UdpTable::take_error(std::uint32_t index) {
  Socket& socket = sockets_[index];
  if (socket.first_waiting == kNone) socket.was_readable = false;
  return std::exchange(socket.error, std::nullopt);
}

void UdpTable::drop_first(Socket& socket) {
  const std::uint32_t index = socket.first_waiting;
  Waiting& first = waiting_[index];
  socket.pinned -= first.pinned;
  socket.first_waiting = first.next;
  if (first.next == kNone) socket.last_waiting = kNone;
  waiting_.erase(index);
}

Ready UdpTable::ready(std::uint32_t index) const {
  const Socket& socket = sockets_[index];
  const bool readable = socket.first_waiting != kNone || socket.error;
  return readable ? Ready::readable | Ready::writable : Ready::writable;
}

void UdpTable::note_readable(Socket& socket) {
  if (socket.was_readable) return;
  socket.was_readable = true;
  if (socket.waker.function != nullptr && !edges_.contains(socket)) edges_.push_back(socket);
}

void UdpTable::set_waker(std::uint32_t index, Waker waker) {
  Socket& socket = sockets_[index];
  socket.waker = waker;
  const bool owed = waker.function != nullptr && any(ready(index) & Ready::readable);
  if (owed && !edges_.contains(socket)) edges_.push_back(socket);
  if (!owed && edges_.contains(socket)) edges_.remove(socket);
}

std::optional<Wake> UdpTable::pop_ready() {
  while (const Socket* socket = edges_.pop_front()) {
    // What became readable may have been read before its turn came.
    if (socket->was_readable) return Wake{.waker = socket->waker, .ready = Ready::readable | Ready::writable};
  }
  return std::nullopt;
}

}  // namespace strata::udp
