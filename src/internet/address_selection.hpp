// Which of several addresses: RFC 6724. Values in, an answer out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "internet/interface.hpp"
#include "strata/address.hpp"

namespace strata::internet {

/// RFC 6724 §3.1: 2 link-local, 5 site-local, 14 global; of a group, what it says.
unsigned scope_of(const IpAddress& address);

/// The policy table of RFC 6724 §2.1.
struct AddressPolicy {
  std::uint8_t precedence = 0;
  std::uint8_t label = 0;
};
AddressPolicy policy_of(const IpAddress& address);

/// How many leading bits two addresses share (RFC 6724 §2.2).
unsigned common_prefix_length(const IpAddress& a, const IpAddress& b);

/// RFC 6724 §5: the source for packets to `dst` among the addresses of the interface that they leave by;
/// nothing when none is usable.
std::optional<IpAddress> select_source(std::span<const Ipv6Address> candidates, const IpAddress& dst);

}  // namespace strata::internet
