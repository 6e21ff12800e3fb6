// Datagrams in and out: the checks of a received one, the header of one to send.
#include <algorithm>
#include <utility>

#include "transport/udp/udp_table.hpp"
#include "wire/checksum.hpp"
#include "wire/ipv4.hpp"
#include "wire/udp.hpp"

namespace strata::udp {
namespace {

bool checksum_ok(const Packet& packet, const Arrival& arrival, std::uint16_t length) {
  InternetChecksum sum = pseudo_header(arrival.src, arrival.dst, kProtocolUdp, length);
  std::size_t left = length;
  const auto add = [&](Bytes piece) {
    const Bytes part = piece.first(std::min(piece.size(), left));
    sum.add(part);
    left -= part.size();
  };
  add(packet.head());
  for (const buf::Slice& slice : packet.raw()->payload()) add(slice.bytes());
  return sum.is_valid();
}

/// Block memory that a packet keeps in use, at least the size of one block: its descriptor is not free
/// either.
std::size_t pinned_bytes(const buf::PacketBuf& packet, std::size_t block_size) {
  const std::size_t blocks = packet.slice_count + (packet.head_is_inline() ? 0U : 1U);
  return std::max<std::size_t>(blocks, 1) * block_size;
}

}  // namespace

std::optional<Counter> UdpTable::refuse(const Packet& packet, const Arrival& arrival) const {
  const auto udp = UdpView::parse(packet.head(), packet.size());
  if (!udp) return counter_of(udp.error());
  if (udp->dst_port() == 0) return Counter::udp_bad_port;
  if (udp->checksum() == 0) {
    // RFC 768: no checksum was computed. RFC 8200 §8.1: not permitted in IPv6.
    if (arrival.dst.is_v4()) return std::nullopt;
    return Counter::udp_bad_checksum;
  }
  const bool trusted = packet.meta().csum != ChecksumState::unverified;
  if (!trusted && !checksum_ok(packet, arrival, udp->length())) return Counter::udp_bad_checksum;
  return std::nullopt;
}

Outcome UdpTable::deliver(Packet& packet, const Arrival& arrival) {
  counters_.add(Counter::udp_in);
  if (const auto reason = refuse(packet, arrival)) {
    counters_.add(*reason);
    packet.reset();
    return Outcome::dropped;
  }
  const auto udp = UdpView::parse(packet.head(), packet.size());
  const Endpoint from{.address = arrival.src, .zone = arrival.zone, .port = udp->src_port()};
  const Endpoint to{.address = arrival.dst, .zone = arrival.zone, .port = udp->dst_port()};
  const std::size_t length = udp->length();
  Socket* socket = lookup(to, from);
  if (socket == nullptr) {
    counters_.add(Counter::udp_no_port);
    return Outcome::no_port;
  }
  packet.raw()->trim_to(length);
  packet.raw()->trim_head(UdpView::kSize);
  return enqueue(*socket, std::move(packet), from, to) ? Outcome::queued : Outcome::dropped;
}

bool UdpTable::enqueue(Socket& socket, Packet packet, const Endpoint& from, const Endpoint& to) {
  const std::size_t pinned = pinned_bytes(*packet.raw(), pools_.blocks.block_size());
  const bool fits = socket.pinned + pinned <= queue_bytes_max_;
  const std::uint32_t index = fits ? waiting_.emplace(std::move(packet), from, to, pinned) : kNone;
  if (index == kNone) {
    counters_.add(Counter::udp_queue_full);
    return false;
  }
  if (socket.last_waiting == kNone) {
    socket.first_waiting = index;
  } else {
    waiting_[socket.last_waiting].next = index;
  }
  socket.last_waiting = index;
  socket.pinned += pinned;
  note_readable(socket);
  return true;
}

Result<Packet> UdpTable::build(std::uint32_t index, const Endpoint& to, const Path& path, Bytes data) {
  if (to.port == 0 || to.address.is_unspecified()) return Err{Errc::invalid_argument};
  if (data.size() > std::min(path.payload_max, kPayloadMax)) return Err{Errc::message_too_large};
  Packet packet = pools_.packets.allocate();
  if (!packet || !append_copy(pools_, *packet.raw(), data)) {
    counters_.add(packet ? Counter::no_block : Counter::no_packet);
    return Err{Errc::no_memory};
  }
  UdpHeader header{.src_port = sockets_[index].local.port,
                   .dst_port = to.port,
                   .length = static_cast<std::uint16_t>(UdpHeader::kSize + data.size())};
  std::uint8_t* head = packet.raw()->prepend(UdpHeader::kSize);
  InternetChecksum sum = pseudo_header(path.source, to.address, kProtocolUdp, header.length);
  if (path.checksum_offload) {
    header.checksum = sum.folded();
    packet.meta().csum = ChecksumState::partial;
    packet.meta().csum_offset = UdpHeader::kChecksumOffset;
  } else {
    header.write(head);
    sum.add(packet.head());
    sum.add(data);
    header.checksum = udp_checksum_field(sum.finish());
  }
  header.write(head);
  std::uint16_t& largest = sockets_[index].largest_sent;
  largest = std::max(largest, static_cast<std::uint16_t>(data.size()));
  counters_.add(Counter::udp_out);
  return packet;
}

}  // namespace strata::udp
