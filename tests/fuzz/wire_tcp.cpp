// TCP headers and options from arbitrary bytes. Options that were understood survive being written and read
// again.
#include <array>

#include "base/check.hpp"
#include "wire/tcp.hpp"

namespace strata {
namespace {

void read_options(Bytes bytes) {
  const auto found = parse_tcp_options(bytes);
  if (!found) return;
  STRATA_CHECK(found->sack_count <= found->sack.size());
  std::array<std::uint8_t, kTcpOptionsSizeMax> written;
  const std::size_t size = write_tcp_options(*found, written);
  STRATA_CHECK(size == tcp_options_size(*found) && size % 4 == 0);
  const auto again = parse_tcp_options(Bytes(written).first(size));
  STRATA_CHECK(again && again->mss == found->mss && again->wscale == found->wscale);
  STRATA_CHECK(again->timestamps == found->timestamps && again->sack_permitted == found->sack_permitted);
  STRATA_CHECK(again->sack_count <= found->sack_count);
}

void read_segment(Bytes bytes) {
  const auto tcp = TcpView::parse(bytes);
  if (!tcp) return;
  STRATA_CHECK(tcp->header_size() + tcp->payload().size() == bytes.size());
  STRATA_CHECK(tcp->options().size() <= kTcpOptionsSizeMax);
  STRATA_CHECK(tcp->flags() < 2 * tcp_flag::kAe);
  read_options(tcp->options());
}

}  // namespace
}  // namespace strata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  strata::read_segment({data, size});
  strata::read_options({data, size});
  return 0;
}
