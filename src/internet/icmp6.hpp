// ICMPv6 messages as a host sends and understands them (RFC 4443). Pure functions; sending, and the checksum
// over the addresses, are the caller's.
#pragma once

#include <optional>

#include "buf/byte_queue.hpp"
#include "internet/types.hpp"
#include "strata/bytes.hpp"
#include "strata/packet.hpp"
#include "wire/icmp6.hpp"

namespace strata::internet {

/// The whole message's checksum; `message` begins with the ICMPv6 header.
bool icmp6_checksum_ok(const Packet& message, const Delivery& delivery);
/// Puts it into a message whose field is zero. Precondition: the header lies in an inline head.
void finish_icmp6_checksum(Packet& message, const IpAddress& src, const IpAddress& dst);

/// The answer to an echo request, sharing its payload; empty when memory ran out.
Packet make_echo_reply6(buf::Pools& pools, const Packet& request);
Packet make_echo_request6(buf::Pools& pools, std::uint16_t id, std::uint16_t sequence, Bytes payload);

/// RFC 4443 §2.4 (e): no error is sent about errors, packets from no single host, or packets to groups,
/// except packet too big and unknown options (§2.4 (e.3)).
bool may_answer_with_error6(const Icmp6Header& error, const Delivery& delivery, const Packet& original);
/// An error about `original`, as it was delivered, with as much of it as fits (§2.4 (c)).
Packet make_icmp6_error(buf::Pools& pools, const Icmp6Header& error, const Delivery& delivery,
                        const Packet& original);

/// What an error message says; nothing when it is of no known type, or quotes nothing that can be understood.
/// `reporter` and `zone` are not set.
std::optional<IcmpError> parse_icmp6_error(const Icmp6View& message, const Ipv6Limits& limits);
/// As quote_of() of icmp.hpp.
std::optional<IcmpError> quote_of_ipv6(Bytes front, const Ipv6Limits& limits);

}  // namespace strata::internet
