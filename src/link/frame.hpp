// What the link layer does to a frame without knowing why: a second handle to the same bytes, a head that may
// be written to, headers apart from payload, one bit changed. Payload that others may see is never written
// to; it is copied first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "buf/packet_buf.hpp"
#include "buf/slice.hpp"
#include "strata/bytes.hpp"
#include "strata/packet.hpp"

namespace strata {

/// A second packet with the same bytes: the inline head copied, every block shared. Empty when the frame's
/// pool is exhausted.
Packet share(const Packet& frame);

/// A slice of its own memory, outside every pool, for the rare frames that must be changed. Empty when memory
/// ran out.
buf::Slice copy_to_heap(Bytes bytes);

/// The head, writable: in place when nobody else sees it, else moved to a copy. nullptr when memory ran out.
std::uint8_t* writable_head(buf::PacketBuf& frame);

/// Makes the head inline and exactly `size` bytes long; the rest of it becomes payload. False, with nothing
/// changed, when the frame has no slice to spare or memory ran out. Precondition: size <= head().size().
bool separate_headers(buf::PacketBuf& frame, std::size_t size);

/// Sets the congestion mark (RFC 3168 §5) in the IP header that begins at `ip_at`. False, with nothing
/// changed, when its sender did not say that it understands marks, or memory ran out.
bool mark_congestion(buf::PacketBuf& frame, std::size_t ip_at);

/// Inverts one bit of the frame, counted from its first byte. False, with nothing changed, when memory ran
/// out. Precondition: bit < 8 * frame.size().
bool flip_bit(buf::PacketBuf& frame, std::size_t bit);

}  // namespace strata
