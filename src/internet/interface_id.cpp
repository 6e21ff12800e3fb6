#include "internet/interface_id.hpp"

#include <algorithm>
#include <array>

#include "base/byte_order.hpp"

namespace strata::internet {
namespace {

/// RFC 5453: the router anycast identifier, those of RFC 2526, and the range that IANA has.
bool is_reserved(std::uint64_t id) {
  const bool anycast = id >= 0xfdff'ffff'ffff'ff80 && id <= 0xfdff'ffff'ffff'ffff;
  const bool iana = id >> 24 == 0x0200'5eff'fe;
  return id == 0 || anycast || iana;
}

}  // namespace

IpAddress stable_address(const SipKey& key, const Prefix& prefix, const MacAddress& mac, std::uint8_t attempt,
                         std::uint64_t moment) {
  std::array<std::uint8_t, 24> input{};  // prefix, adapter, attempt, one more for reserved results, moment
  store_be(input.data() + 16, moment);
  std::ranges::copy_n(prefix.address.octets().begin(), 8, input.begin());
  std::ranges::copy(mac.octets, input.begin() + 8);
  input[14] = attempt;
  std::uint64_t id = siphash24(key, input);
  while (is_reserved(id)) {
    ++input[15];
    id = siphash24(key, input);
  }
  IpAddress::Octets octets = prefix.address.octets();
  store_be(octets.data() + 8, id);
  return IpAddress::v6(octets);
}

}  // namespace strata::internet
