// The table is a list in order of preference. Lookups scan it: hosts have few routes, and a connection asks
// once.
#include "internet/route.hpp"

#include <algorithm>
#include <bit>

#include "base/byte_order.hpp"

namespace strata::internet {
namespace {

using Words = std::array<std::uint64_t, 2>;

constexpr unsigned kV4Offset = 96;  // an IPv4 address is the last 32 of 128 bits

/// The first `bits` of a word set. Precondition: bits <= 64.
constexpr std::uint64_t leading_ones(unsigned bits) {
  return bits == 0 ? 0 : ~std::uint64_t{0} << (64 - bits);
}

unsigned bits_of(const Prefix& prefix) { return prefix.length + (prefix.address.is_v4() ? kV4Offset : 0); }

}  // namespace

RouteTable::RouteTable(std::size_t routes_max) : routes_max_(routes_max) { entries_.reserve(routes_max); }

Words RouteTable::words_of(const IpAddress& address) {
  return {load_be<std::uint64_t>(address.octets().data()),
          load_be<std::uint64_t>(address.octets().data() + 8)};
}

RouteTable::Entry RouteTable::make_entry(const Route& route) {
  const unsigned bits = bits_of(route.destination);
  const Words mask = {leading_ones(std::min(bits, 64U)), leading_ones(bits > 64 ? bits - 64 : 0)};
  const Words address = words_of(route.destination.address);
  return {.network = {address[0] & mask[0], address[1] & mask[1]},
          .mask = mask,
          .is_v4 = route.destination.address.is_v4(),
          .route = route};
}

Result<void> RouteTable::add(const Route& route) {
  Entry entry = make_entry(route);
  entry.route.destination = route.destination.network();
  const auto is_same = [&](const Entry& other) {
    return other.route.destination == entry.route.destination && other.route.nic == route.nic &&
           other.route.gateway == route.gateway;
  };
  if (std::ranges::any_of(entries_, is_same)) return Err{Errc::address_in_use};
  if (entries_.size() == routes_max_) return Err{Errc::no_memory};
  const auto is_worse = [&](const Entry& other) {
    const unsigned bits = bits_of(entry.route.destination);
    const unsigned other_bits = bits_of(other.route.destination);
    return other_bits != bits ? other_bits < bits : other.route.metric > route.metric;
  };
  entries_.insert(std::ranges::find_if(entries_, is_worse), entry);
  return {};
}

bool RouteTable::remove(const Route& route) {
  const auto is_it = [&](const Entry& entry) {
    return entry.route.destination == route.destination.network() && entry.route.gateway == route.gateway &&
           entry.route.nic == route.nic && entry.route.metric == route.metric;
  };
  return std::erase_if(entries_, is_it) > 0;
}

}  // namespace strata::internet
