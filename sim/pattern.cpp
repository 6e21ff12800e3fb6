#include "sim/pattern.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/rng.hpp"

namespace strata::sim {

Pattern::Pattern() : bytes_(kPeriod + kPieceMax) {
  Xoshiro rng(kPeriod);
  for (std::uint32_t i = 0; i < kPeriod; ++i) bytes_[i] = static_cast<std::uint8_t>(rng.next_u64() >> 56);
  std::copy_n(bytes_.begin(), kPieceMax, bytes_.begin() + kPeriod);
  // Queues copy a piece that is small beside its block: this one passes for an ordinary block that is full.
  constexpr std::uint32_t kOrdinaryBlock = 2048;
  block_ = {.data = bytes_.data(),
            .capacity = kOrdinaryBlock,
            .references = 1,
            .filled = kOrdinaryBlock,
            .next_free = nullptr,
            .release = [](void*, buf::Block*) {},
            .context = nullptr};
}

buf::Slice Pattern::piece(std::uint64_t offset, std::uint32_t size) {
  STRATA_CHECK(size <= kPieceMax);
  return buf::Slice::of(&block_, static_cast<std::uint32_t>(offset % kPeriod), size);
}

bool Pattern::holds(std::uint64_t offset, Bytes bytes) const {
  std::uint64_t place = offset % kPeriod;
  const std::uint8_t* const begin = bytes_.data();
  if (bytes.data() >= begin && bytes.data() + bytes.size() <= begin + bytes_.size())
    return static_cast<std::uint64_t>(bytes.data() - begin) % kPeriod == place;
  while (!bytes.empty()) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), bytes_.size() - place);
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(part), begin + place))
      return false;
    bytes = bytes.subspan(part);
    place = (place + part) % kPeriod;
  }
  return true;
}

bool Pattern::holds(std::uint64_t offset, const buf::PacketBuf& packet) const {
  if (!holds(offset, packet.head())) return false;
  offset += packet.head().size();
  for (const buf::Slice& slice : packet.payload()) {
    if (!holds(offset, slice.bytes())) return false;
    offset += slice.size();
  }
  return true;
}

}  // namespace strata::sim
