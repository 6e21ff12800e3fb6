// A frame on its way through a stack: a handle to one contiguous head (headers) and shared slices of payload.
// A super-segment
// (`gso_size` != 0) is one packet until a device, or the software splitter in front of it, cuts it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "strata/bytes.hpp"
#include "strata/time.hpp"

namespace strata {

namespace buf {
struct PacketBuf;
void release(PacketBuf* packet);
}  // namespace buf

enum class ChecksumState : std::uint8_t {
  unverified,  ///< received, nobody looked; or to send, complete
  verified,    ///< the device (or a trusted memory) vouches for the transport checksum
  partial,     ///< the field holds the pseudo-header sum only; csum_start and csum_offset say what is missing
};

/// What travels beside the bytes.
struct PacketMeta {
  Instant arrival;                ///< when it was received; when it may depart, for packets to send
  std::uint16_t gso_size = 0;     ///< TCP payload bytes per cut segment; 0: an ordinary frame
  std::uint16_t csum_start = 0;   ///< partial: offset in the frame where summing starts
  std::uint16_t csum_offset = 0;  ///< partial: offset from csum_start of the 16-bit field
  ChecksumState csum = ChecksumState::unverified;
  std::uint8_t segments = 1;  ///< wire segments that a receive-merged packet stands for
};

/// Move-only; an empty handle means "no packet". Belongs to the pool that made it and to that pool's thread.
class Packet {
 public:
  Packet() = default;
  explicit Packet(buf::PacketBuf* raw) : raw_(raw) {}
  Packet(Packet&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Packet& operator=(Packet&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = std::exchange(other.raw_, nullptr);
    }
    return *this;
  }
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;
  ~Packet() { reset(); }

  explicit operator bool() const { return raw_ != nullptr; }
  void reset() {
    if (raw_ != nullptr) buf::release(std::exchange(raw_, nullptr));
  }

  /// All bytes: head and payload.
  std::size_t size() const;
  /// The contiguous front. All of an ordinary received frame; the headers of one that a stack made.
  Bytes head() const;
  /// Number of payload pieces after the head, and the i-th of them.
  std::size_t piece_count() const;
  Bytes piece(std::size_t i) const;
  /// Copies min(size(), to.size()) bytes of the whole frame; returns how many.
  std::size_t copy_to(MutableBytes to) const;
  PacketMeta& meta();
  const PacketMeta& meta() const;

  buf::PacketBuf* raw() const { return raw_; }
  buf::PacketBuf* take() { return std::exchange(raw_, nullptr); }

 private:
  buf::PacketBuf* raw_ = nullptr;
};

}  // namespace strata
