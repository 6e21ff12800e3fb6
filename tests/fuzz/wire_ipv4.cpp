// IPv4 headers and options from arbitrary bytes. The checksum is put right first, else no input would come
// past it.
#include <algorithm>
#include <vector>

#include "base/check.hpp"
#include "wire/ipv4.hpp"

namespace strata {
namespace {

void fix_checksum(MutableBytes packet) {
  if (packet.size() < Ipv4View::kMinSize) return;
  const std::size_t header = std::min<std::size_t>(packet.size(), (packet[0] & 0x0fU) * 4U);
  if (header < Ipv4View::kMinSize) return;
  store_be(packet.data() + 10, std::uint16_t{0});
  InternetChecksum sum;
  sum.add(packet.first(header));
  store_be(packet.data() + 10, sum.finish());
}

void read_packet(Bytes packet, std::size_t packet_size) {
  const auto ip = Ipv4View::parse(packet, packet_size);
  if (!ip) return;
  STRATA_CHECK(ip->header_size() + ip->payload_size() <= packet_size);
  STRATA_CHECK(ip->payload().size() <= ip->payload_size());
  STRATA_CHECK(ip->header_size() + ip->payload().size() <= packet.size());
  STRATA_CHECK(ip->src().is_v4() && ip->dst().is_v4());
  STRATA_CHECK(ip->is_fragment() == (ip->more_fragments() || ip->fragment_offset() > 0));
  if (const auto options = parse_ipv4_options(ip->options()))
    STRATA_CHECK(!options->source_route || !ip->options().empty());
}

}  // namespace
}  // namespace strata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint8_t> packet(data, data + size);
  strata::fix_checksum(packet);
  strata::read_packet(packet, size);
  strata::read_packet(packet, size + 66'000);
  return 0;
}
