// The values that the internet layer and its callers exchange.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "strata/address.hpp"
#include "strata/network.hpp"

namespace strata::internet {

/// A packet for a transport on this host. Its head begins with the transport header and it ends where IP says
/// (padding is gone); the IP header still lies directly in front of the head, so that ICMP errors can quote
/// it.
struct Delivery {
  std::uint8_t protocol = 0;
  IpAddress src;
  IpAddress dst;
  NicId nic = NicId::none;  ///< where it came in; none: from this host
  /// The interface that `src` or `dst` belong to, where one of them means nothing without it.
  NicId zone = NicId::none;
  std::uint8_t ttl = 0;
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  bool to_group = false;     ///< broadcast or multicast, at IP or at Ethernet level
  bool is_fragment = false;  ///< came as one or several, whole by now
  std::uint16_t ip_header_size = 0;
};

enum class IcmpErrorKind : std::uint8_t {
  network_unreachable,
  host_unreachable,
  protocol_unreachable,
  port_unreachable,
  fragmentation_needed,
  time_exceeded,
  parameter_problem,
  administratively_prohibited,
};

/// What went wrong with a packet that we sent. `src` and `dst` are that packet's, so `src` is ours.
struct IcmpError {
  IcmpErrorKind kind = IcmpErrorKind::host_unreachable;
  std::uint8_t protocol = 0;
  IpAddress src;
  IpAddress dst;
  std::array<std::uint8_t, 8> transport{};  ///< the first bytes of its transport header
  std::uint32_t mtu = 0;                    ///< fragmentation_needed: of the narrow link, 0 when not told
  std::uint32_t size = 0;                   ///< of the packet, as its IP header said
  IpAddress reporter;                       ///< who says so
  NicId zone = NicId::none;                 ///< as in Delivery
};

/// What input() made of a packet. Only `transport` leaves the packet with the caller.
struct Input {
  enum class Kind : std::uint8_t { consumed, transport, error, echo_reply };
  Kind kind = Kind::consumed;
  Delivery delivery;
  const IcmpError* error = nullptr;  ///< of Kind::error; both live until the next call of input()
  const EchoReply* echo = nullptr;   ///< of Kind::echo_reply
};

/// The answer of route(): which way, from which address, and what fits. Valid as long as the Internet that
/// gave it.
struct RouteChoice {
  NicId nic = NicId::none;  ///< none: to this host itself
  bool to_group = false;    ///< broadcast or multicast
  IpAddress next_hop;
  IpAddress source;
  bool is_narrower = false;          ///< than packets with DF may be: routers have to fragment
  std::uint32_t mtu = 0;             ///< what fits the path, as far as it is known
  std::uint16_t route_mtu = 0;       ///< what the route and its link carry, at most kMtuMax
  std::uint16_t advertised_mss = 0;  ///< at most; 0: by route_mtu
  std::uint8_t hop_limit = 0;        ///< as a router of the link said; 0: the stack's own
  const LinkCapabilities* link = nullptr;
};

/// What goes into the IP header.
struct IpSend {
  IpAddress src;
  IpAddress dst;
  std::uint8_t protocol = 0;
  std::uint8_t ttl = 64;
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  bool dont_fragment = true;    ///< IPv4
  bool may_split = false;       ///< IPv4: what does not fit leaves as fragments, whatever dont_fragment says
  bool more_fragments = false;  ///< this is one of them, but not the last
  std::uint16_t fragment_offset = 0;  ///< in bytes
  std::uint16_t id = 0;               ///< of a fragment
  bool whole_link = false;            ///< what is known of the path behind the link does not count
  std::uint32_t flow_label = 0;       ///< IPv6 (RFC 6437)
  NicId zone = NicId::none;           ///< of a scoped destination
  bool confirms_neighbor = false;     ///< the peer is there: it acknowledged something new (RFC 4861 §7.3.1)
};

}  // namespace strata::internet
