#include "link/queue/mark.hpp"

#include <algorithm>

#include "link/frame.hpp"
#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"

namespace strata {
namespace {

constexpr std::size_t kIpv6Size = 40;

/// From the IP header on; empty when there is none.
Bytes ip_packet(const Packet& frame, bool has_ethernet_header) {
  const Bytes head = frame.head();
  if (!has_ethernet_header) return head;
  const auto ethernet = EthernetView::parse(head);
  const bool is_ip = ethernet && (ethernet->type() == kEtherTypeIpv4 || ethernet->type() == kEtherTypeIpv6);
  return is_ip ? head.subspan(EthernetView::kSize) : Bytes();
}

std::uint32_t mixed(std::uint32_t hash, Bytes bytes) {
  for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x0100'0193U;
  return hash;
}

}  // namespace

bool mark_congestion_experienced(Packet& frame, bool has_ethernet_header) {
  const Bytes ip = ip_packet(frame, has_ethernet_header);
  return !ip.empty() && mark_congestion(*frame.raw(), frame.head().size() - ip.size());
}

std::uint32_t flow_of(const Packet& frame, bool has_ethernet_header) {
  const Bytes ip = ip_packet(frame, has_ethernet_header);
  if (ip.size() < Ipv4View::kMinSize) return 0;
  const bool is_v4 = ip[0] >> 4 == 4;
  const std::size_t header = is_v4 ? std::size_t{ip[0] & 0x0fU} * 4 : kIpv6Size;
  if (ip.size() < header) return 0;
  const Bytes addresses = is_v4 ? ip.subspan(12, 8) : ip.subspan(8, 32);
  const Bytes ports = ip.subspan(header, std::min<std::size_t>(4, ip.size() - header));
  return mixed(mixed(mixed(0x811c'9dc5U, addresses), ip.subspan(is_v4 ? 9 : 6, 1)), ports);
}

}  // namespace strata
