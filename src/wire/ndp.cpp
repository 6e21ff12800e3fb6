#include "wire/ndp.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv6.hpp"

namespace strata {
namespace {

constexpr std::size_t kUnit = 8;
constexpr std::size_t kTargetAt = 8;
constexpr std::size_t kDestinationAt = 24;

/// Where the options of a message begin; 0 for a type that is not of neighbour discovery.
std::size_t fixed_size(std::uint8_t type) {
  switch (type) {
    case icmp6_type::kRouterSolicitation: return 8;
    case icmp6_type::kRouterAdvertisement: return 16;
    case icmp6_type::kNeighborSolicitation:
    case icmp6_type::kNeighborAdvertisement: return 24;
    case icmp6_type::kRedirect: return 40;
    default: return 0;
  }
}

/// RFC 4191 §2.1: the reserved value counts as medium for a router; §2.3: it makes a route void.
std::optional<RouterPreference> preference_of(std::uint8_t flags) {
  switch (flags >> 3 & 3) {
    case 0: return RouterPreference::medium;
    case 1: return RouterPreference::high;
    case 3: return RouterPreference::low;
    default: return std::nullopt;
  }
}

/// The first `length` bits of a prefix that is `bytes` long on the wire; nothing for one that would stand for
/// IPv4. Preconditions: bytes.size() <= 16, length <= 128.
std::optional<Prefix> read_prefix(Bytes bytes, std::uint8_t length) {
  IpAddress::Octets octets{};
  std::ranges::copy(bytes, octets.begin());
  const IpAddress address = IpAddress::v6(octets);
  if (address.is_v4()) return std::nullopt;
  return Prefix{address, length}.network();
}

std::uint8_t* write_mac_option(std::uint8_t* to, std::uint8_t type, const MacAddress& mac) {
  to[0] = type;
  to[1] = 1;
  store_mac(to + 2, mac);
  return to + kUnit;
}

}  // namespace

Result<NdOptions, ParseError> NdOptions::parse(Bytes list) {
  for (Bytes left = list; !left.empty(); left = left.subspan(size_of(left))) {
    if (left.size() < 2 || left[1] == 0 || size_of(left) > left.size()) return Err{ParseError::nd_bad_option};
  }
  return NdOptions(list);
}

Bytes NdOptions::first(std::uint8_t type) const {
  for (Bytes left = list_; !left.empty(); left = left.subspan(size_of(left))) {
    if (left[0] == type) return left.first(size_of(left));
  }
  return {};
}

std::optional<MacAddress> NdOptions::mac(std::uint8_t type) const {
  const Bytes option = first(type);
  if (option.size() != kUnit) return std::nullopt;  // Ethernet addresses fill one unit (RFC 2464 §6)
  return load_mac(option.data() + 2);
}

std::optional<std::uint32_t> NdOptions::mtu() const {
  const Bytes option = first(nd_option::kMtu);
  if (option.size() != kUnit) return std::nullopt;
  return load_be<std::uint32_t>(option.data() + 4);
}

std::optional<NdNonce> NdOptions::nonce() const {
  const Bytes option = first(nd_option::kNonce);
  if (option.size() != kUnit) return std::nullopt;  // a longer one is not ours
  NdNonce nonce{};
  std::ranges::copy(option.subspan(2), nonce.begin());
  return nonce;
}

std::optional<NdPrefix> read_nd_prefix(Bytes option) {
  constexpr std::size_t kPrefixAt = 16;
  if (option.size() != 32 || option[2] > 128) return std::nullopt;
  const auto prefix = read_prefix(option.subspan(kPrefixAt), option[2]);
  if (!prefix) return std::nullopt;
  return NdPrefix{.prefix = *prefix,
                  .on_link = (option[3] & 0x80) != 0,
                  .autonomous = (option[3] & 0x40) != 0,
                  .valid = load_be<std::uint32_t>(option.data() + 4),
                  .preferred = load_be<std::uint32_t>(option.data() + 8)};
}

std::optional<NdRoute> read_nd_route(Bytes option) {
  constexpr std::size_t kPrefixAt = 8;
  const std::size_t length = option[2];
  // The option holds as much of the prefix as its length needs: nothing, eight bytes or sixteen.
  if (length > 128 || option.size() > 24 || kPrefixAt + (length + 7) / 8 > option.size()) return std::nullopt;
  const auto preference = preference_of(option[3]);
  const auto prefix = read_prefix(option.subspan(kPrefixAt), option[2]);
  if (!preference || !prefix) return std::nullopt;
  return NdRoute{
      .prefix = *prefix, .preference = *preference, .lifetime = load_be<std::uint32_t>(option.data() + 4)};
}

IpAddress NdDnsServers::operator[](std::size_t i) const { return load_ipv6(addresses.data() + i * 16); }

std::optional<NdDnsServers> read_nd_dns_servers(Bytes option) {
  // RFC 8106 §5.1: one unit and two for each address.
  if (option.size() < 24 || option.size() % 16 != 8) return std::nullopt;
  return NdDnsServers{.lifetime = load_be<std::uint32_t>(option.data() + 4), .addresses = option.subspan(8)};
}

Result<NdView, ParseError> NdView::parse(Bytes message) {
  const std::size_t fixed = fixed_size(message[0]);
  STRATA_CHECK(fixed != 0);
  if (message.size() < fixed) return Err{ParseError::nd_truncated};
  const auto options = NdOptions::parse(message.subspan(fixed));
  if (!options) return Err{options.error()};
  return NdView(message, *options);
}

IpAddress NdView::target() const { return load_ipv6(bytes_.data() + kTargetAt); }
IpAddress NdView::destination() const { return load_ipv6(bytes_.data() + kDestinationAt); }

RouterPreference NdView::preference() const {
  return preference_of(bytes_[5]).value_or(RouterPreference::medium);
}

void NdSolicitation::write(std::uint8_t* to) const {
  Icmp6Header{.type = icmp6_type::kNeighborSolicitation}.write(to);
  store_ipv6(to + kTargetAt, target);
  to += kTargetAt + 16;
  if (source_mac) to = write_mac_option(to, nd_option::kSourceLinkLayer, *source_mac);
  if (!nonce) return;
  to[0] = nd_option::kNonce;
  to[1] = 1;
  std::ranges::copy(*nonce, to + 2);
}

void NdAdvertisement::write(std::uint8_t* to) const {
  const std::uint32_t flags =
      (router ? 0x8000'0000U : 0U) | (solicited ? 0x4000'0000U : 0U) | (overrides ? 0x2000'0000U : 0U);
  Icmp6Header{.type = icmp6_type::kNeighborAdvertisement, .rest = flags}.write(to);
  store_ipv6(to + kTargetAt, target);
  write_mac_option(to + kTargetAt + 16, nd_option::kTargetLinkLayer, target_mac);
}

void NdRouterSolicitation::write(std::uint8_t* to) const {
  Icmp6Header{.type = icmp6_type::kRouterSolicitation}.write(to);
  if (source_mac) write_mac_option(to + Icmp6View::kHeaderSize, nd_option::kSourceLinkLayer, *source_mac);
}

IpAddress solicited_node_group(const IpAddress& address) {
  const IpAddress::Octets& low = address.octets();
  return IpAddress::v6({0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, low[13], low[14], low[15]});
}

}  // namespace strata
