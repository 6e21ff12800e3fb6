#include "transport/tcp/isn.hpp"

#include <array>

#include "base/byte_order.hpp"

namespace strata::tcp {
namespace {

std::uint64_t hash_of(const SipKey& key, const FlowKey& flow, std::uint8_t purpose) {
  std::array<std::uint8_t, 37> message{};
  std::memcpy(message.data(), flow.local.address.octets().data(), 16);
  std::memcpy(message.data() + 16, flow.remote.address.octets().data(), 16);
  store_be(message.data() + 32, flow.local.port);
  store_be(message.data() + 34, flow.remote.port);
  message[36] = purpose;
  return siphash24(key, message);
}

}  // namespace

SeqNum initial_sequence_number(const SipKey& key, const FlowKey& flow, Instant now) {
  const auto clock = static_cast<std::uint32_t>(now.count_nanos() / 4'000);
  return SeqNum(clock + static_cast<std::uint32_t>(hash_of(key, flow, 0)));
}

std::uint32_t timestamp_offset(const SipKey& key, const FlowKey& flow) {
  return static_cast<std::uint32_t>(hash_of(key, flow, 1));
}

}  // namespace strata::tcp
