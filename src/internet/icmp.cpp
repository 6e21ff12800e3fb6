// Making and reading ICMPv4 messages.
#include "internet/icmp.hpp"

#include <algorithm>
#include <utility>

#include "wire/checksum.hpp"
#include "wire/ipv4.hpp"

namespace strata::internet {
namespace {

/// A message as a packet: the ICMP header in its head, the rest in blocks.
Packet make_message(buf::Pools& pools, Bytes message) {
  Packet packet = pools.packets.allocate();
  if (!packet) return packet;
  std::ranges::copy(message.first(IcmpView::kHeaderSize), packet.raw()->prepend(IcmpView::kHeaderSize));
  if (!append_copy(pools, *packet.raw(), message.subspan(IcmpView::kHeaderSize))) return {};
  return packet;
}

std::uint8_t unreachable_code(IcmpErrorKind kind) {
  switch (kind) {
    case IcmpErrorKind::network_unreachable: return icmp_code::kNet;
    case IcmpErrorKind::host_unreachable: return icmp_code::kHost;
    case IcmpErrorKind::protocol_unreachable: return icmp_code::kProtocol;
    case IcmpErrorKind::port_unreachable: return icmp_code::kPort;
    case IcmpErrorKind::fragmentation_needed: return icmp_code::kFragmentationNeeded;
    case IcmpErrorKind::administratively_prohibited: return icmp_code::kAdminProhibited;
    case IcmpErrorKind::time_exceeded:
    case IcmpErrorKind::parameter_problem: break;
  }
  std::unreachable();
}

using Quote = std::array<std::uint8_t, kIcmpErrorSizeMax>;

/// The front of a packet as it was delivered: as much as an error of `size_max` bytes has room for.
Bytes quote_packet(const Delivery& delivery, const Packet& original, std::size_t size_max, Quote& quote) {
  const std::size_t header_size = delivery.ip_header_size;
  const std::size_t fits = std::min(size_max, kIcmpErrorSizeMax) - Ipv4Header::kSize - IcmpView::kHeaderSize;
  const std::size_t room =
      std::max(fits, header_size + 8);  // RFC 792: at least 64 bits of the datagram's data
  // The header was trimmed off, not moved away (see Delivery).
  const Bytes header{original.head().data() - header_size, header_size};
  std::ranges::copy(header, quote.begin());
  const std::size_t copied = original.copy_to(MutableBytes(quote).subspan(header_size, room - header_size));
  return Bytes(quote).first(header_size + copied);
}

IcmpErrorKind unreachable_kind(std::uint8_t code) {
  switch (code) {
    case icmp_code::kNet: return IcmpErrorKind::network_unreachable;
    case icmp_code::kProtocol: return IcmpErrorKind::protocol_unreachable;
    case icmp_code::kPort: return IcmpErrorKind::port_unreachable;
    case icmp_code::kFragmentationNeeded: return IcmpErrorKind::fragmentation_needed;
    // RFC 1812 §5.2.7.1: a network or a host (9, 10), or this kind of communication (13), is prohibited.
    case 9:
    case 10:
    case icmp_code::kAdminProhibited: return IcmpErrorKind::administratively_prohibited;
    // RFC 1122 §3.2.2.1: codes 6 and 11 speak of networks; the rest, known or not, of the host.
    case 6:
    case 11: return IcmpErrorKind::network_unreachable;
    default: return IcmpErrorKind::host_unreachable;
  }
}

std::optional<IcmpErrorKind> kind_of(const IcmpView& message) {
  switch (message.type()) {
    case icmp_type::kUnreachable: return unreachable_kind(message.code());
    case icmp_type::kTimeExceeded: return IcmpErrorKind::time_exceeded;
    case icmp_type::kParameterProblem: return IcmpErrorKind::parameter_problem;
    // RFC 6633 §3: source quench is ignored. A redirect changes no route of ours.
    default: return std::nullopt;
  }
}

}  // namespace

bool share_behind(buf::Pools& pools, buf::PacketBuf& from, std::size_t skip, buf::PacketBuf& to) {
  const std::uint32_t rest = static_cast<std::uint32_t>(from.head().size() - skip);
  if (rest > 0 && from.head_is_inline()) {
    if (!append_copy(pools, to, from.head().last(rest))) return false;
  } else if (rest > 0) {
    to.append(from.head_slice.share(static_cast<std::uint32_t>(skip), rest));
  }
  for (const buf::Slice& slice : from.payload()) {
    if (to.full()) return false;
    to.append(slice.share());
  }
  return true;
}

bool icmp_checksum_ok(const Packet& message) {
  InternetChecksum sum;
  sum.add(message.head());
  for (const buf::Slice& slice : message.raw()->payload()) sum.add(slice.bytes());
  return sum.is_valid();
}

Packet make_echo_reply(buf::Pools& pools, const Packet& request) {
  Packet reply = pools.packets.allocate();
  if (!reply) return reply;
  std::uint8_t* head = reply.raw()->prepend(IcmpView::kHeaderSize);
  std::ranges::copy(request.head().first(IcmpView::kHeaderSize), head);
  // Only the type changes, and with it the checksum (RFC 1624).
  const std::uint16_t checksum = checksum_update(load_be<std::uint16_t>(head + 2),
                                                 icmp_type::kEchoRequest << 8, icmp_type::kEchoReply << 8);
  head[0] = icmp_type::kEchoReply;
  store_be(head + 2, checksum);
  if (!share_behind(pools, *request.raw(), IcmpView::kHeaderSize, *reply.raw())) return {};
  return reply;
}

Packet make_echo_request(buf::Pools& pools, std::uint16_t id, std::uint16_t sequence, Bytes payload) {
  std::array<std::uint8_t, IcmpView::kHeaderSize> header{};
  IcmpEcho{.reply = false, .id = id, .sequence = sequence, .payload = {}}.write(header);
  InternetChecksum sum;
  store_be(header.data() + 2, std::uint16_t{0});
  sum.add(header);
  sum.add(payload);
  store_be(header.data() + 2, sum.finish());
  Packet request = make_message(pools, header);
  if (request && !append_copy(pools, *request.raw(), payload)) return {};
  return request;
}

bool may_answer_with_error(const Delivery& delivery, const Packet& original) {
  if (delivery.to_group || delivery.src.is_multicast() || delivery.src.is_unspecified()) return false;
  if (delivery.nic != NicId::none && delivery.src.is_loopback()) return false;
  if (delivery.protocol != kProtocolIcmp) return true;
  const auto message = IcmpView::parse(original.head());
  return message && !message->is_error();
}

Packet make_unreachable(buf::Pools& pools, IcmpErrorKind kind, const Delivery& delivery,
                        const Packet& original, std::size_t size_max) {
  Quote quote;
  std::array<std::uint8_t, kIcmpErrorSizeMax> message;
  const IcmpUnreachable error{
      .code = unreachable_code(kind), .mtu = 0, .quoted = quote_packet(delivery, original, size_max, quote)};
  return make_message(pools, Bytes(message).first(error.write(message)));
}

Packet make_reassembly_time_exceeded(buf::Pools& pools, const Delivery& delivery, const Packet& original) {
  constexpr std::uint8_t kReassembly = 1;
  Quote quote;
  std::array<std::uint8_t, kIcmpErrorSizeMax> message;
  const IcmpTimeExceeded error{.code = kReassembly,
                               .quoted = quote_packet(delivery, original, kIcmpErrorSizeMax, quote)};
  return make_message(pools, Bytes(message).first(error.write(message)));
}

std::optional<IcmpError> parse_icmp_error(const IcmpView& message) {
  const auto kind = kind_of(message);
  if (!kind) return std::nullopt;
  std::optional<IcmpError> error = quote_of(message.quoted());
  if (!error) return std::nullopt;
  error->kind = *kind;
  if (*kind == IcmpErrorKind::fragmentation_needed) error->mtu = message.mtu();
  return error;
}

std::optional<IcmpError> quote_of(Bytes front) {
  const auto ip = Ipv4View::parse_quoted(front);
  if (!ip || ip->fragment_offset() != 0) return std::nullopt;
  const Bytes transport = front.subspan(ip->header_size());
  IcmpError error{.protocol = ip->protocol(),
                  .src = ip->src(),
                  .dst = ip->dst(),
                  .size = static_cast<std::uint32_t>(ip->total_length()),
                  .reporter = {}};
  if (transport.size() < error.transport.size()) return std::nullopt;
  std::ranges::copy(transport.first(error.transport.size()), error.transport.begin());
  return error;
}

}  // namespace strata::internet
