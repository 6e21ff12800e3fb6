// The life of an IPv6 address: tentative until nobody else answered for it (RFC 4862 §5.4, RFC 7527), then
// preferred, deprecated and gone (§5.5.4). A value and a step; sending is the caller's.
#pragma once

#include <cstdint>

#include "strata/address.hpp"
#include "strata/time.hpp"
#include "wire/ndp.hpp"

namespace strata::internet {

enum class AddressState : std::uint8_t {
  tentative,  ///< not ours before nobody else answers for it
  preferred,
  deprecated,  ///< for what uses it already
};

/// Who wanted it. What we made up ourselves is made up anew when somebody has it already.
enum class AddressOrigin : std::uint8_t { configured, link_local, stable, temporary };

struct Ipv6Address {
  Prefix prefix;
  AddressState state = AddressState::preferred;
  AddressOrigin origin = AddressOrigin::configured;
  std::uint8_t probes_left = 0;
  std::uint8_t attempt = 0;  ///< how often it was made up anew (RFC 7217 §6)
  NdNonce nonce{};           ///< of our last probe
  Instant due;               ///< when step() has something to say
  Instant preferred_until = Instant::never();
  Instant valid_until = Instant::never();

  bool is_usable() const { return state != AddressState::tentative; }
};

enum class AddressEvent : std::uint8_t {
  none,
  probe,       ///< ask whether somebody has it
  usable,      ///< from now on it is ours
  deprecated,  ///< nothing new should use it
  expired,     ///< take it away
};

/// RFC 4862 §5.1: RetransTimer, unless a router said otherwise.
inline constexpr Duration kProbeInterval = Duration::seconds(1);
/// RFC 7527 §4.1: so many more after one came back to us.
inline constexpr std::uint8_t kProbesAfterLoop = 3;

/// What is due at `now`; to be called until it says `none`.
AddressEvent step(Ipv6Address& address, Instant now);

/// The lifetimes that an advertisement of the address's prefix gives (RFC 4862 §5.5.3 (e)): a valid lifetime
/// may be cut to two hours at least, so that nobody's forgery ends it at once.
void renew(Ipv6Address& address, NdLifetime preferred, NdLifetime valid, Instant now);

/// `now` and so many seconds, or never.
Instant end_of(NdLifetime lifetime, Instant now);

}  // namespace strata::internet
