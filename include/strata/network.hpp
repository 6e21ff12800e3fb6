// The values of the network layer that an application gives or gets: interfaces, routes, echo replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "strata/address.hpp"
#include "strata/link.hpp"

namespace strata {

/// Names an interface of one stack: 1, 2, ...
enum class NicId : std::uint32_t { none = 0 };

struct InterfaceConfig {
  MacAddress mac;
  LinkCapabilities link;
  std::span<const Prefix> addresses;  ///< copied; each adds its on-link route
  bool ipv6 = false;      ///< speak IPv6 by a link-local address of our own, even where `addresses` has none
  bool autoconf = false;  ///< ask routers for IPv6 addresses and routes, and believe them (RFC 4862)
};

/// `destination` through `gateway` (unspecified: on-link) on `nic`.
struct Route {
  Prefix destination;
  IpAddress gateway;
  NicId nic = NicId::none;
  std::uint32_t metric = 0;
  std::uint32_t mtu = 0;             ///< of the way behind the link, where it is known; 0: the link's
  std::uint16_t advertised_mss = 0;  ///< the largest MSS that TCP announces (`advmss`); 0: by the MTU
};

/// One echo exchange as `ping` sees it.
struct EchoReply {
  IpAddress from;
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  std::uint8_t ttl = 0;
  std::size_t payload_size = 0;
  bool unreachable = false;  ///< an ICMP error or a silent neighbour instead of a reply
};

}  // namespace strata
