// Cookies that servers gave (RFC 7413 §4.1.3): one per server address, in a table of fixed size in which a
// newer one takes the place of an older. An attacker who answers from many addresses can only make us ask
// again.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/siphash.hpp"
#include "strata/address.hpp"
#include "wire/tcp_options.hpp"

namespace strata {

struct KnownServer {
  IpAddress address;
  FastOpenOption cookie;  ///< none yet: it has only shown its MSS or its silence
  std::uint16_t mss = 0;  ///< that it announced
  bool is_known = false;
  bool prefers_experimental = false;  ///< it did not know the option of RFC 7413
};

class FastOpenCache {
 public:
  FastOpenCache(std::size_t servers_max, const SipKey& key)
      : servers_(std::bit_ceil(servers_max == 0 ? std::size_t{1} : servers_max)), key_(key) {}

  /// nullptr: nothing is known.
  const KnownServer* find(const IpAddress& address) const {
    const KnownServer& server = servers_[place_of(address)];
    return server.is_known && server.address == address ? &server : nullptr;
  }
  /// The entry of this address; a new one forgets whoever was there.
  KnownServer& entry(const IpAddress& address) {
    KnownServer& server = servers_[place_of(address)];
    if (!server.is_known || server.address != address) server = {.address = address, .is_known = true};
    return server;
  }

 private:
  std::size_t place_of(const IpAddress& address) const {
    return static_cast<std::size_t>(siphash24(key_, address.octets())) & (servers_.size() - 1);
  }

  std::vector<KnownServer> servers_;
  SipKey key_;
};

}  // namespace strata
