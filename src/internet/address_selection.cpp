#include "internet/address_selection.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "base/byte_order.hpp"

namespace strata::internet {
namespace {

constexpr unsigned kScopeLink = 2;
constexpr unsigned kScopeSite = 5;
constexpr unsigned kScopeGlobal = 14;

struct PolicyRow {
  Prefix prefix;
  AddressPolicy policy;
};

constexpr IpAddress starting_with(std::uint8_t a, std::uint8_t b, std::uint8_t c = 0, std::uint8_t d = 0) {
  return IpAddress::v6({a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

/// RFC 6724 §2.1, longest prefixes first; ::ffff:0:0/96 is IPv4 here.
constexpr std::array<PolicyRow, 9> kPolicy{{
    {{IpAddress::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), 128}, {50, 0}},
    {{IpAddress::v4(0), 0}, {35, 4}},
    {{IpAddress(), 96}, {1, 3}},
    {{starting_with(0x20, 0x01), 32}, {5, 5}},
    {{starting_with(0x20, 0x02), 16}, {30, 2}},
    {{starting_with(0x3f, 0xfe), 16}, {1, 12}},
    {{starting_with(0xfe, 0xc0), 10}, {1, 11}},
    {{starting_with(0xfc, 0), 7}, {3, 13}},
    {{IpAddress(), 0}, {40, 1}},
}};

/// The rules of RFC 6724 §5 in order; the first that tells `a` from `b` decides. Rules 4 and 5 do not arise:
/// there are no home addresses, and all candidates are of the outgoing interface.
bool is_better(const Ipv6Address& a, const Ipv6Address& b, const IpAddress& dst) {
  const IpAddress& x = a.prefix.address;
  const IpAddress& y = b.prefix.address;
  if (x == dst || y == dst) return x == dst;  // rule 1
  const unsigned scope_x = scope_of(x);
  const unsigned scope_y = scope_of(y);
  const unsigned scope_dst = scope_of(dst);
  if (scope_x != scope_y) {  // rule 2
    return scope_x < scope_y ? scope_x >= scope_dst : scope_y < scope_dst;
  }
  if (a.state != b.state) return a.state == AddressState::preferred;  // rule 3
  const bool label_x = policy_of(x).label == policy_of(dst).label;
  const bool label_y = policy_of(y).label == policy_of(dst).label;
  if (label_x != label_y) return label_x;  // rule 6
  const bool temporary_x = a.origin == AddressOrigin::temporary;
  if (temporary_x != (b.origin == AddressOrigin::temporary)) return temporary_x;  // rule 7
  const auto shared = [&](const Ipv6Address& own) {  // rule 8, no further than the prefix reaches
    return std::min<unsigned>(common_prefix_length(own.prefix.address, dst), own.prefix.length);
  };
  return shared(a) > shared(b);
}

}  // namespace

unsigned scope_of(const IpAddress& address) {
  if (address.is_v4()) {
    const std::uint32_t high = address.v4_value() >> 16;
    return address.is_loopback() || high == 0xa9fe ? kScopeLink : kScopeGlobal;  // RFC 6724 §3.2
  }
  const IpAddress::Octets& octets = address.octets();
  if (address.is_multicast()) return octets[1] & 0xfU;
  if (address.is_link_local() || address.is_loopback()) return kScopeLink;
  return octets[0] == 0xfe && octets[1] >= 0xc0 ? kScopeSite : kScopeGlobal;
}

AddressPolicy policy_of(const IpAddress& address) {
  const auto row = std::ranges::find_if(
      kPolicy, [&](const PolicyRow& candidate) { return candidate.prefix.contains(address); });
  return row->policy;  // the last row takes what is IPv6, the second what is not
}

unsigned common_prefix_length(const IpAddress& a, const IpAddress& b) {
  for (unsigned word = 0; word < 2; ++word) {
    const std::uint64_t differs = load_be<std::uint64_t>(a.octets().data() + word * std::size_t{8}) ^
                                  load_be<std::uint64_t>(b.octets().data() + word * std::size_t{8});
    if (differs != 0) return word * 64 + static_cast<unsigned>(std::countl_zero(differs));
  }
  return 128;
}

std::optional<IpAddress> select_source(std::span<const Ipv6Address> candidates, const IpAddress& dst) {
  const Ipv6Address* best = nullptr;
  for (const Ipv6Address& candidate : candidates) {
    if (candidate.is_usable() && (best == nullptr || is_better(candidate, *best, dst))) best = &candidate;
  }
  if (best == nullptr) return std::nullopt;
  return best->prefix.address;
}

}  // namespace strata::internet
