#include "sim/frame_kind.hpp"

#include <array>

#include "wire/ethernet.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata::sim {
namespace {

constexpr std::array<std::string_view, 11> kNames = {"any",     "arp", "udp", "icmp", "tcp", "syn",
                                                     "syn-ack", "fin", "rst", "data", "ack"};
constexpr std::size_t kIpv6Size = 40;

struct IpPayload {
  std::uint8_t protocol = 0;
  Bytes bytes;
};

std::optional<IpPayload> ip_payload(const EthernetView& ethernet) {
  const Bytes packet = ethernet.payload();
  if (ethernet.type() == kEtherTypeIpv4) {
    const auto ip = Ipv4View::parse(packet);
    if (!ip) return std::nullopt;
    return IpPayload{.protocol = ip->protocol(), .bytes = ip->payload()};
  }
  if (ethernet.type() != kEtherTypeIpv6 || packet.size() < kIpv6Size) return std::nullopt;
  return IpPayload{.protocol = packet[6], .bytes = packet.subspan(kIpv6Size)};
}

bool is_segment_of(Bytes bytes, FrameKind kind) {
  const auto tcp = TcpView::parse(bytes);
  if (!tcp) return false;
  const bool is_syn = tcp->has(tcp_flag::kSyn);
  const bool is_ack = tcp->has(tcp_flag::kAck);
  const bool has_data = !tcp->payload().empty();
  switch (kind) {
    case FrameKind::tcp: return true;
    case FrameKind::syn: return is_syn && !is_ack;
    case FrameKind::syn_ack: return is_syn && is_ack;
    case FrameKind::fin: return tcp->has(tcp_flag::kFin);
    case FrameKind::rst: return tcp->has(tcp_flag::kRst);
    case FrameKind::data: return has_data;
    case FrameKind::ack:
      return is_ack && !has_data && !tcp->has(tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst);
    default: return false;
  }
}

}  // namespace

std::string_view name(FrameKind kind) { return kNames[static_cast<std::size_t>(kind)]; }

std::optional<FrameKind> frame_kind(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<FrameKind>(i);
  }
  return std::nullopt;
}

bool is_of_kind(Bytes frame, FrameKind kind) {
  if (kind == FrameKind::any) return true;
  const auto ethernet = EthernetView::parse(frame);
  if (!ethernet) return false;
  if (kind == FrameKind::arp) return ethernet->type() == kEtherTypeArp;
  const auto ip = ip_payload(*ethernet);
  if (!ip) return false;
  constexpr std::uint8_t kIcmpv6 = 58;
  if (kind == FrameKind::udp) return ip->protocol == kProtocolUdp;
  if (kind == FrameKind::icmp) return ip->protocol == kProtocolIcmp || ip->protocol == kIcmpv6;
  return ip->protocol == kProtocolTcp && is_segment_of(ip->bytes, kind);
}

}  // namespace strata::sim
