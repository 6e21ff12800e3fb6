// Identification fields (RFC 791 §3.2, RFC 6864). One counter for a bucket of destinations under a secret
// key, so that nobody learns from the packets to itself how many go elsewhere (RFC 7739 §4); where a datagram
// may be fragmented, steps of random size, so that nobody can guess a number and put a piece of his own into
// it.
#pragma once

#include <array>
#include <cstdint>

#include "base/siphash.hpp"
#include "internet/address_hash.hpp"

namespace strata::internet {

class IpIds {
 public:
  explicit IpIds(const SipKey& key) : key_(key) {
    for (std::uint16_t& id : next_) id = static_cast<std::uint16_t>(draw());
  }

  /// For so many packets without need of a number of their own (RFC 6864 §4.1): the first.
  std::uint16_t take(const IpAddress& dst, std::uint16_t count) {
    std::uint16_t& next = bucket_of(dst);
    const std::uint16_t id = next;
    next = static_cast<std::uint16_t>(next + count);
    return id;
  }
  /// For a datagram that may be fragmented.
  std::uint16_t take_unpredictable(const IpAddress& dst) {
    std::uint16_t& next = bucket_of(dst);
    next = static_cast<std::uint16_t>(next + 1 + draw() % kStepMax);
    return next;
  }

 private:
  static constexpr std::size_t kBuckets = 1024;
  static constexpr std::uint16_t kStepMax = 64;

  std::uint16_t& bucket_of(const IpAddress& dst) { return next_[address_hash(key_.k0, dst) % kBuckets]; }
  std::uint64_t draw() {
    std::array<std::uint8_t, 8> bytes;
    store_be(bytes.data(), ++draws_);
    return siphash24(key_, bytes);
  }

  SipKey key_;
  std::uint64_t draws_ = 0;
  std::array<std::uint16_t, kBuckets> next_{};
};

}  // namespace strata::internet
