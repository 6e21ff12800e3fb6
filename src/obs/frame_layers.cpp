#include "obs/frame_layers.hpp"

#include "wire/checksum.hpp"

namespace strata::obs {

std::optional<FrameLayers> FrameLayers::parse(const CapturedFrame& frame) {
  const auto ethernet = EthernetView::parse(frame.bytes);
  if (!ethernet || ethernet->type() != kEtherTypeIpv4) return std::nullopt;
  const auto ip = Ipv4View::parse(ethernet->payload(), frame.size - EthernetView::kSize);
  if (!ip || ip->protocol() != kProtocolTcp || ip->is_fragment()) return std::nullopt;
  const auto tcp = TcpView::parse(ip->payload());
  if (!tcp || tcp->header_size() > ip->payload_size()) return std::nullopt;
  return FrameLayers{*ethernet, *ip, *tcp, frame.bytes};
}

bool FrameLayers::tcp_checksum_ok() const {
  InternetChecksum sum =
      pseudo_header(ip.src(), ip.dst(), kProtocolTcp, static_cast<std::uint32_t>(ip.payload_size()));
  sum.add(ip.payload());
  return sum.is_valid();
}

}  // namespace strata::obs
