#include "wire/icmp6.hpp"

#include "wire/ipv6.hpp"

namespace strata {

void finish_icmp6(MutableBytes message, const IpAddress& src, const IpAddress& dst) {
  InternetChecksum sum = pseudo_header(src, dst, kProtocolIcmp6, static_cast<std::uint32_t>(message.size()));
  sum.add(message);
  store_be(message.data() + Icmp6View::kChecksumOffset, sum.finish());
}

}  // namespace strata
