// ICMP and UDP from arbitrary bytes; the first two give the size that IP would report.
#include <algorithm>
#include <vector>

#include "base/check.hpp"
#include "wire/icmp.hpp"
#include "wire/udp.hpp"

namespace strata {
namespace {

void read_icmp(Bytes bytes) {
  const auto icmp = IcmpView::parse(bytes);
  if (!icmp || icmp->is_error()) return;
  const IcmpEcho echo{
      .reply = true, .id = icmp->id(), .sequence = icmp->sequence(), .payload = icmp->payload()};
  std::vector<std::uint8_t> written(echo.size());
  STRATA_CHECK(echo.write(written) == bytes.size());
  const auto reply = IcmpView::parse(written);
  STRATA_CHECK(reply && reply->checksum_ok());
  STRATA_CHECK(reply->rest_of_header() == icmp->rest_of_header());
  STRATA_CHECK(std::ranges::equal(reply->payload(), icmp->payload()));
}

void read_udp(Bytes bytes, std::size_t available) {
  const auto udp = UdpView::parse(bytes, available);
  if (!udp) return;
  STRATA_CHECK(udp->payload_size() + UdpView::kSize <= available);
  STRATA_CHECK(udp->payload().size() + UdpView::kSize <= bytes.size());
}

}  // namespace
}  // namespace strata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const strata::Bytes bytes(data + 2, size - 2);
  strata::read_icmp(bytes);
  strata::read_udp(bytes, bytes.size());
  strata::read_udp(bytes, strata::load_be<std::uint16_t>(data));
  return 0;
}
