// IPv6 packets from arbitrary bytes: the chain of extension headers, then ICMPv6, neighbour discovery and
// multicast listener messages behind it. Version and payload length are put right first, else few inputs
// would come past them.
#include <algorithm>
#include <vector>

#include "base/check.hpp"
#include "wire/icmp6.hpp"
#include "wire/ipv6.hpp"
#include "wire/mld.hpp"
#include "wire/ndp.hpp"

namespace strata {
namespace {

void fix_header(MutableBytes packet) {
  if (packet.size() < Ipv6View::kSize) return;
  packet[0] = static_cast<std::uint8_t>(0x60 | (packet[0] & 15));
  store_be(packet.data() + Ipv6View::kPayloadLengthAt,
           static_cast<std::uint16_t>(std::min<std::size_t>(packet.size() - Ipv6View::kSize, 0xffff)));
}

void read_option(std::uint8_t type, Bytes option) {
  STRATA_CHECK(option.size() >= 8 && option.size() % 8 == 0 && option[0] == type);
  if (type == nd_option::kPrefix) {
    if (const auto prefix = read_nd_prefix(option)) STRATA_CHECK(!prefix->prefix.address.is_v4());
  }
  if (type == nd_option::kRoute) {
    if (const auto route = read_nd_route(option)) STRATA_CHECK(route->prefix.length <= 128);
  }
  if (type != nd_option::kDnsServers) return;
  const auto servers = read_nd_dns_servers(option);
  for (std::size_t i = 0; servers && i < servers->size(); ++i) (void)(*servers)[i];
}

void read_discovery(Bytes message) {
  const auto nd = NdView::parse(message);
  if (!nd) return;
  std::size_t sum = 0;
  nd->options().for_each([&](std::uint8_t type, Bytes option) {
    sum += option.size();
    read_option(type, option);
  });
  STRATA_CHECK(sum < message.size());
  (void)nd->options().mac(nd_option::kSourceLinkLayer);
  (void)nd->options().nonce();
  (void)nd->options().mtu();
}

void read_listener_query(Bytes message) {
  const auto query = MldQueryView::parse(message);
  for (std::size_t i = 0; query && i < query->source_count(); ++i) (void)query->source(i);
}

void read_icmp(Bytes message) {
  const auto icmp = Icmp6View::parse(message);
  if (!icmp) return;
  if (icmp->type() >= icmp6_type::kRouterSolicitation && icmp->type() <= icmp6_type::kRedirect)
    read_discovery(message);
  if (icmp->type() == icmp6_type::kListenerQuery) read_listener_query(message);
}

void read_packet(Bytes packet) {
  const auto ip = Ipv6View::parse(packet);
  if (!ip) return;
  const Ipv6Limits limits;
  const auto chain = walk_ipv6(ip->bytes(), limits);
  if (!chain) {
    STRATA_CHECK(chain.error().pointer < packet.size());
    return;
  }
  STRATA_CHECK(chain->size <= ip->total_length());
  STRATA_CHECK(chain->size <= Ipv6View::kSize + limits.extension_bytes_max);
  STRATA_CHECK(packet[chain->named_at] == chain->protocol);
  const bool is_whole = !chain->fragment || chain->fragment->is_atomic();
  if (is_whole && chain->protocol == kProtocolIcmp6) read_icmp(ip->bytes().subspan(chain->size));
}

}  // namespace
}  // namespace strata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> packet(data, data + size);
  strata::fix_header(packet);
  strata::read_packet(packet);
  return 0;
}
