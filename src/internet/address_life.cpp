#include "internet/address_life.hpp"

#include <algorithm>

namespace strata::internet {

Instant end_of(NdLifetime lifetime, Instant now) {
  return lifetime == kNdForever ? Instant::never() : now + Duration::seconds(lifetime);
}

AddressEvent step(Ipv6Address& address, Instant now) {
  if (now < address.due) return AddressEvent::none;
  if (now >= address.valid_until) return AddressEvent::expired;
  switch (address.state) {
    case AddressState::tentative:
      address.due = now + kProbeInterval;
      if (address.probes_left > 0) {
        --address.probes_left;
        return AddressEvent::probe;
      }
      address.state = AddressState::preferred;
      address.due = std::min(address.preferred_until, address.valid_until);
      return AddressEvent::usable;
    case AddressState::preferred:
      if (now < address.preferred_until) break;
      address.state = AddressState::deprecated;
      address.due = address.valid_until;
      return AddressEvent::deprecated;
    case AddressState::deprecated: break;
  }
  address.due = address.state == AddressState::preferred ? address.preferred_until : address.valid_until;
  return AddressEvent::none;
}

void renew(Ipv6Address& address, NdLifetime preferred, NdLifetime valid, Instant now) {
  constexpr NdLifetime kTwoHours = 7200;
  const Instant end = end_of(valid, now);
  if (valid > kTwoHours || end > address.valid_until) {
    address.valid_until = end;
  } else if (address.valid_until > now + Duration::seconds(kTwoHours)) {
    address.valid_until = now + Duration::seconds(kTwoHours);
  }
  address.preferred_until = std::min(end_of(preferred, now), address.valid_until);
  if (!address.is_usable()) return;
  address.state = address.preferred_until > now ? AddressState::preferred : AddressState::deprecated;
  address.due = address.state == AddressState::preferred ? address.preferred_until : address.valid_until;
}

}  // namespace strata::internet
