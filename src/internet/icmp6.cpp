// Making and reading ICMPv6 messages.
#include "internet/icmp6.hpp"

#include <algorithm>

#include "internet/icmp.hpp"
#include "wire/checksum.hpp"
#include "wire/ipv6.hpp"

namespace strata::internet {
namespace {

InternetChecksum sum_of(const Packet& message, const IpAddress& src, const IpAddress& dst) {
  InternetChecksum sum = pseudo_header(src, dst, kProtocolIcmp6, static_cast<std::uint32_t>(message.size()));
  sum.add(message.head());
  for (const buf::Slice& slice : message.raw()->payload()) sum.add(slice.bytes());
  return sum;
}

IcmpErrorKind unreachable_kind(std::uint8_t code) {
  switch (code) {
    case icmp6_code::kNoRoute:
    case icmp6_code::kBeyondScope: return IcmpErrorKind::network_unreachable;
    case icmp6_code::kPort: return IcmpErrorKind::port_unreachable;
    case icmp6_code::kAddress: return IcmpErrorKind::host_unreachable;
    // 1, 5 and 6: a policy or a reject route.
    default: return IcmpErrorKind::administratively_prohibited;
  }
}

std::optional<IcmpErrorKind> kind_of(const Icmp6View& message) {
  switch (message.type()) {
    case icmp6_type::kUnreachable: return unreachable_kind(message.code());
    case icmp6_type::kPacketTooBig: return IcmpErrorKind::fragmentation_needed;
    case icmp6_type::kTimeExceeded: return IcmpErrorKind::time_exceeded;
    case icmp6_type::kParameterProblem:
      // Nobody there knows the protocol (RFC 4443 §3.4).
      return message.code() == icmp6_code::kUnknownNextHeader ? IcmpErrorKind::protocol_unreachable
                                                              : IcmpErrorKind::parameter_problem;
    default: return std::nullopt;
  }
}

}  // namespace

bool icmp6_checksum_ok(const Packet& message, const Delivery& delivery) {
  return sum_of(message, delivery.src, delivery.dst).is_valid();
}

void finish_icmp6_checksum(Packet& message, const IpAddress& src, const IpAddress& dst) {
  store_be(message.raw()->mutable_head() + Icmp6View::kChecksumOffset, sum_of(message, src, dst).finish());
}

Packet make_echo_reply6(buf::Pools& pools, const Packet& request) {
  Packet reply = pools.packets.allocate();
  if (!reply) return reply;
  const auto asked = Icmp6View::parse(request.head());
  Icmp6Header::echo(true, asked->id(), asked->sequence()).write(reply.raw()->prepend(Icmp6Header::kSize));
  if (!share_behind(pools, *request.raw(), Icmp6Header::kSize, *reply.raw())) return {};
  return reply;
}

Packet make_echo_request6(buf::Pools& pools, std::uint16_t id, std::uint16_t sequence, Bytes payload) {
  Packet request = pools.packets.allocate();
  if (!request) return request;
  Icmp6Header::echo(false, id, sequence).write(request.raw()->prepend(Icmp6Header::kSize));
  if (!append_copy(pools, *request.raw(), payload)) return {};
  return request;
}

bool may_answer_with_error6(const Icmp6Header& error, const Delivery& delivery, const Packet& original) {
  const bool to_group_too =
      error.type == icmp6_type::kPacketTooBig ||
      (error.type == icmp6_type::kParameterProblem && error.code == icmp6_code::kUnknownOption);
  if (delivery.src.is_unspecified() || (delivery.to_group && !to_group_too)) return false;
  if (delivery.nic != NicId::none && delivery.src.is_loopback()) return false;
  if (delivery.protocol != kProtocolIcmp6 || delivery.ip_header_size == 0) return true;
  const auto message = Icmp6View::parse(original.head());
  return message && !message->is_error() && message->type() != icmp6_type::kRedirect;
}

Packet make_icmp6_error(buf::Pools& pools, const Icmp6Header& error, const Delivery& delivery,
                        const Packet& original) {
  constexpr std::size_t kQuoteMax = kIpv6MtuMin - Ipv6View::kSize - Icmp6Header::kSize;
  std::array<std::uint8_t, kQuoteMax> quote;
  // The headers were trimmed off, not moved away (see Delivery).
  const std::size_t header_size = std::min<std::size_t>(delivery.ip_header_size, quote.size());
  std::copy_n(original.head().data() - delivery.ip_header_size, header_size, quote.begin());
  const std::size_t copied = original.copy_to(MutableBytes(quote).subspan(header_size));

  Packet message = pools.packets.allocate();
  if (!message) return message;
  error.write(message.raw()->prepend(Icmp6Header::kSize));
  if (!append_copy(pools, *message.raw(), Bytes(quote).first(header_size + copied))) return {};
  return message;
}

std::optional<IcmpError> parse_icmp6_error(const Icmp6View& message, const Ipv6Limits& limits) {
  const auto kind = kind_of(message);
  if (!kind) return std::nullopt;
  std::optional<IcmpError> error = quote_of_ipv6(message.quoted(), limits);
  if (!error) return std::nullopt;
  error->kind = *kind;
  if (*kind == IcmpErrorKind::fragmentation_needed) error->mtu = message.rest_of_header();
  return error;
}

std::optional<IcmpError> quote_of_ipv6(Bytes front, const Ipv6Limits& limits) {
  const auto ip = Ipv6View::parse_quoted(front);
  if (!ip || ip->src().is_v4() || ip->dst().is_v4()) return std::nullopt;
  const auto chain = walk_ipv6(ip->bytes(), limits);
  if (!chain || (chain->fragment && chain->fragment->offset != 0)) return std::nullopt;
  const Bytes transport = ip->bytes().subspan(chain->size);
  IcmpError error{.protocol = chain->protocol, .src = ip->src(), .dst = ip->dst(), .reporter = {}};
  if (transport.size() < error.transport.size()) return std::nullopt;
  std::ranges::copy(transport.first(error.transport.size()), error.transport.begin());
  return error;
}

}  // namespace strata::internet
