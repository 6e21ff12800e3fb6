// IPv4 fragments (RFC 791 §3.2): datagrams that do not fit leave in pieces, pieces that arrive become
// datagrams.
#include <algorithm>
#include <utility>

#include "internet/icmp.hpp"
#include "internet/internet.hpp"
#include "wire/checksum.hpp"
#include "wire/ipv4.hpp"

namespace strata::internet {
namespace {

/// Makes `to`, which is empty, hold bytes [offset, offset + size) of `from`.
bool share_range(const buf::PacketBuf& from, std::size_t offset, std::size_t size, buf::PacketBuf& to) {
  const auto overlap = [&](std::size_t piece) {
    const std::size_t skipped = std::min(offset, piece);
    const std::size_t taken = std::min(size, piece - skipped);
    offset -= skipped;
    size -= taken;
    return std::pair(static_cast<std::uint32_t>(skipped), static_cast<std::uint32_t>(taken));
  };
  if (const auto [at, n] = overlap(from.head().size()); n > 0) {
    if (from.head_is_inline()) {
      std::ranges::copy(from.head().subspan(at, n), to.prepend(n));
    } else {
      to.append(from.head_slice.share(at, n));
    }
  }
  for (const buf::Slice& slice : from.payload()) {
    const auto [at, n] = overlap(slice.size());
    if (n == 0) continue;
    if (to.full()) return false;
    to.append(slice.share(at, n));
  }
  return size == 0;
}

/// The header of the first fragment becomes that of the whole.
void rewrite_header(std::uint8_t* header, std::size_t header_size, std::size_t total, std::uint8_t ecn) {
  header[1] = static_cast<std::uint8_t>((header[1] & 0xfc) | ecn);
  store_be(header + 2, static_cast<std::uint16_t>(total));
  store_be(header + 6, std::uint16_t{0});
  store_be(header + 10, std::uint16_t{0});
  InternetChecksum sum;
  sum.add({header, header_size});
  store_be(header + 10, sum.finish());
}

}  // namespace

/// False: the datagram is not whole yet, or never will be.
bool Internet::reassemble(const Fragment& fragment, Delivery& delivery, Packet& packet, Instant now) {
  Reassembly::Whole whole = reassembly_.add(fragment, std::move(packet), now);
  packet = std::move(whole.packet);
  if (!packet) return false;
  packet.meta().arrival = now;
  buf::PacketBuf& raw = *packet.raw();
  rewrite_header(raw.head_slice.block()->data, whole.header_size, raw.size(), whole.ecn);
  delivery.ecn = whole.ecn;
  delivery.ip_header_size = whole.header_size;
  delivery.is_fragment = true;
  raw.trim_head(whole.header_size);
  return true;
}

/// RFC 792, RFC 1122 §3.3.2: only where the first fragment is there to be quoted.
void Internet::expire_fragments(Instant now) {
  while (const auto late = reassembly_.expire(now)) {
    const Fragment& first = late->first;
    const Delivery delivery{.protocol = first.key.protocol,
                            .src = first.key.src,
                            .dst = first.key.dst,
                            .nic = first.nic,
                            .to_group = first.to_group,
                            .ip_header_size = first.header_size};
    if (!first.key.src.is_v4() || !may_answer_with_error(delivery, late->packet)) continue;
    if (!error_limit_.take(now)) {
      counters_.add(Counter::icmp_rate_limited);
      continue;
    }
    const IpSend answer{.src = first.key.dst,
                        .dst = first.key.src,
                        .protocol = kProtocolIcmp,
                        .ttl = ttl_,
                        .dont_fragment = false};
    send_icmp(make_reassembly_time_exceeded(pools_, delivery, late->packet), answer, now);
  }
}

bool Internet::must_split(const buf::PacketBuf& packet, const IpSend& send, const RouteChoice& choice) {
  const std::uint32_t most = send.whole_link ? choice.route_mtu : choice.mtu;
  return send.may_split && send.dst.is_v4() && packet.meta.gso_size == 0 &&
         packet.size() + Ipv4Header::kSize > most;
}

void Internet::send_fragments(const Packet& packet, const IpSend& send, const RouteChoice& choice,
                              Instant now) {
  const std::size_t size = packet.size();
  if (size + Ipv4Header::kSize > kMtuMax) return counters_.add(Counter::ip_too_big);
  const std::uint32_t most = send.whole_link ? choice.route_mtu : choice.mtu;
  const std::size_t room = (most - Ipv4Header::kSize) & ~std::size_t{7};  // offsets count in units of eight
  IpSend piece = send;
  piece.dont_fragment = false;
  piece.id = ids_.take_unpredictable(send.dst);
  counters_.add(Counter::frag_split);
  for (std::size_t offset = 0; offset < size; offset += room) {
    const std::size_t n = std::min(room, size - offset);
    Packet fragment = pools_.packets.allocate();
    if (!fragment || !share_range(*packet.raw(), offset, n, *fragment.raw())) {
      return counters_.add(Counter::no_packet);
    }
    piece.fragment_offset = static_cast<std::uint16_t>(offset);
    piece.more_fragments = offset + n < size;
    counters_.add(Counter::frag_out);
    if (Packet frame = wrap(std::move(fragment), piece, choice, now)) {
      queue_output(choice.nic, std::move(frame));
    }
  }
}

}  // namespace strata::internet
