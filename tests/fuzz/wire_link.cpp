// Ethernet and ARP from arbitrary bytes: every accessor of an accepted view, and ARP written again as it was
// read.
#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "wire/arp.hpp"
#include "wire/ethernet.hpp"

namespace strata {
namespace {

void read_arp(Bytes bytes) {
  const auto arp = ArpView::parse(bytes);
  if (!arp) return;
  const ArpPacket packet{.operation = arp->operation(),
                         .sender_mac = arp->sender_mac(),
                         .sender_ip = arp->sender_ip(),
                         .target_mac = arp->target_mac(),
                         .target_ip = arp->target_ip()};
  std::array<std::uint8_t, ArpPacket::kSize> written;
  packet.write(written.data());
  STRATA_CHECK(std::ranges::equal(written, bytes.first(written.size())));
}

void read_frame(Bytes bytes) {
  const auto frame = EthernetView::parse(bytes);
  if (!frame) return;
  const EthernetHeader header{.dst = frame->dst(), .src = frame->src(), .type = frame->type()};
  std::array<std::uint8_t, EthernetHeader::kSize> written;
  header.write(written.data());
  STRATA_CHECK(std::ranges::equal(written, bytes.first(written.size())));
  read_arp(frame->payload());
}

}  // namespace
}  // namespace strata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  strata::read_frame({data, size});
  return 0;
}
