// ICMPv4 messages as a host sends and understands them (RFC 792, RFC 1122 §3.2.2). Pure functions; sending is
// the caller's.
#pragma once

#include <optional>

#include "buf/byte_queue.hpp"
#include "internet/types.hpp"
#include "strata/bytes.hpp"
#include "strata/packet.hpp"
#include "wire/icmp.hpp"

namespace strata::internet {

/// The largest error message with its IP header (RFC 1812 §4.3.2.3).
inline constexpr std::size_t kIcmpErrorSizeMax = 576;

/// The whole message's checksum; `message` begins with the ICMP header.
bool icmp_checksum_ok(const Packet& message);

/// Makes `to` hold what `from` holds behind its first `skip` bytes, which lie in the head. False when memory
/// ran out.
bool share_behind(buf::Pools& pools, buf::PacketBuf& from, std::size_t skip, buf::PacketBuf& to);

/// The answer to an echo request, sharing its payload; empty when memory ran out.
Packet make_echo_reply(buf::Pools& pools, const Packet& request);
Packet make_echo_request(buf::Pools& pools, std::uint16_t id, std::uint16_t sequence, Bytes payload);

/// RFC 1122 §3.2.2: no error is sent about packets to groups, from no single host, or about ICMP errors.
bool may_answer_with_error(const Delivery& delivery, const Packet& original);
/// An error about `original`, as it was delivered, of at most `size_max` bytes with its own IP header.
/// Precondition: `kind` is one of the unreachable kinds.
Packet make_unreachable(buf::Pools& pools, IcmpErrorKind kind, const Delivery& delivery,
                        const Packet& original, std::size_t size_max);

/// Time exceeded, fragment reassembly (RFC 792); `original` is the first fragment, as it was delivered.
Packet make_reassembly_time_exceeded(buf::Pools& pools, const Delivery& delivery, const Packet& original);

/// What an error message says; nothing when it is of no known type, or quotes nothing that can be understood.
/// `reporter` is not set.
std::optional<IcmpError> parse_icmp_error(const IcmpView& message);
/// The addresses and the first transport bytes of a datagram of ours, from its front. Nothing when it is too
/// short.
std::optional<IcmpError> quote_of(Bytes front);

}  // namespace strata::internet
