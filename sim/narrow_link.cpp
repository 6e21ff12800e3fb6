#include "sim/narrow_link.hpp"

#include "wire/ethernet.hpp"
#include "wire/icmp.hpp"
#include "wire/ipv4.hpp"

namespace strata::sim {
namespace {

constexpr IpAddress kRouter = IpAddress::v4(10, 0, 0, 254);
constexpr std::size_t kQuoted = 28;  // RFC 792: the IP header and 64 bits

}  // namespace

bool NarrowLink::lets_through(Bytes frame) const {
  if (config_.mtu == 0 || frame.size() <= config_.mtu + EthernetHeader::kSize) return true;
  const auto ethernet = EthernetView::parse(frame);
  if (!ethernet || ethernet->type() != kEtherTypeIpv4) return true;
  const auto ip = Ipv4View::parse(ethernet->payload());
  return !ip || ip->total_length() <= config_.mtu || !ip->dont_fragment();
}

std::vector<std::uint8_t> NarrowLink::answer_to(Bytes frame) const {
  if (!config_.answers) return {};
  const auto ethernet = EthernetView::parse(frame);
  const auto ip = Ipv4View::parse(ethernet->payload());
  const IcmpUnreachable error{.code = icmp_code::kFragmentationNeeded,
                              .mtu = static_cast<std::uint16_t>(config_.names_mtu ? config_.mtu : 0),
                              .quoted = ethernet->payload().first(kQuoted)};
  const std::size_t size = Ipv4Header::kSize + error.size();
  std::vector<std::uint8_t> answer(EthernetHeader::kSize + size);
  EthernetHeader{.dst = ethernet->src(), .src = ethernet->dst(), .type = kEtherTypeIpv4}.write(answer.data());
  Ipv4Header{.src = kRouter,
             .dst = ip->src(),
             .protocol = kProtocolIcmp,
             .total_length = static_cast<std::uint16_t>(size)}
      .write(answer.data() + EthernetHeader::kSize);
  error.write(MutableBytes(answer).subspan(EthernetHeader::kSize + Ipv4Header::kSize));
  return answer;
}

}  // namespace strata::sim
