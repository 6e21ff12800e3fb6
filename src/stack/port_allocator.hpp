// Ephemeral ports (RFC 6056 §3.3.3, simple hash-based selection): an unpredictable start per destination,
// then one after the other, so that a port is not reused soon.
#pragma once

#include <cstdint>
#include <optional>

#include "base/siphash.hpp"
#include "transport/tcp/isn.hpp"

namespace strata {

class PortAllocator {
 public:
  PortAllocator(const SipKey& key, std::uint16_t first, std::uint16_t last)
      : key_(key), first_(first), last_(last) {}

  void set_range(std::uint16_t first, std::uint16_t last) {
    first_ = first;
    last_ = last;
  }
  /// The next port of the range that `is_free(port)`, or nothing. `flow.local.port` is ignored.
  template <class IsFree>
  std::optional<std::uint16_t> choose(tcp::FlowKey flow, IsFree&& is_free) {
    flow.local.port = 0;
    const std::uint32_t size = static_cast<std::uint32_t>(last_ - first_) + 1;
    const auto offset = static_cast<std::uint32_t>(tcp::initial_sequence_number(key_, flow, Instant{}).raw());
    for (std::uint32_t i = 0; i < size; ++i) {
      const auto port = static_cast<std::uint16_t>(first_ + (offset + next_++) % size);
      if (is_free(port)) return port;
    }
    return std::nullopt;
  }

 private:
  SipKey key_;
  std::uint16_t first_;
  std::uint16_t last_;
  std::uint32_t next_ = 0;
};

}  // namespace strata
