// What network cards do for TCP, in software: completing checksums, and cutting a super-segment into frames
// of the wire (TCP segmentation offload). Headers are copied and corrected per frame; payload is shared,
// never copied.
#pragma once

#include <cstddef>
#include <cstdint>

#include "buf/packet_buf.hpp"
#include "strata/packet.hpp"
#include "wire/checksum.hpp"

namespace strata {

/// Turns a partial checksum into a complete one; other frames stay as they are. False, with nothing changed,
/// when memory for a copy of the head ran out.
[[nodiscard]] bool complete_checksum(Packet& frame);

struct SplitterOptions {
  bool has_ethernet_header = true;
  bool leave_partial = false;  ///< the device behind completes checksums: leave them partial
};

/// Cuts one packet at a time. Frames that are no TCP super-segments over IP come out as they went in.
class Splitter {
 public:
  explicit Splitter(const SplitterOptions& options) : options_(options) {}

  /// Takes the packet to be cut. False, with the frame left alone, when memory ran out. Precondition: done().
  [[nodiscard]] bool start(Packet& frame);
  /// True when nothing is left of the packet.
  bool done() const { return !super_; }
  /// The next frame; an empty packet when done(), or when the pool has no descriptor left (try again later).
  Packet next();
  /// Undoes the last next(): one packet that stands for `refused` and all that is behind it. done() is true
  /// afterwards.
  Packet take_back(Packet refused);
  /// Forgets what is left.
  void drop() { super_.reset(); }

 private:
  struct Position {
    std::uint32_t sent = 0;    ///< payload bytes before it
    std::uint32_t frames = 0;  ///< frames before it
    std::uint16_t slice = 0;   ///< the slice it lies in, and how far
    std::uint32_t in_slice = 0;
  };

  bool read_headers();
  bool read_ipv4();
  bool read_ipv6();
  void sum_constant_fields();
  Position share_payload(buf::PacketBuf& frame, std::uint32_t size) const;
  void write_headers(buf::PacketBuf& frame, const Position& at, bool is_last, bool leave_partial) const;
  void write_ip(std::uint8_t* ip, std::size_t total_length, std::uint32_t index) const;

  SplitterOptions options_;
  Packet super_;
  bool whole_ = true;  ///< hand the packet over as it is
  bool is_ipv6_ = false;
  Position next_;
  Position before_;        ///< where the last frame began
  std::size_t ip_at_ = 0;  ///< offsets in the head
  std::size_t tcp_at_ = 0;
  std::size_t payload_at_ = 0;
  std::uint32_t seq_ = 0;    ///< of the first frame
  std::uint16_t ip_id_ = 0;  ///< IPv4
  std::uint16_t offset_and_flags_ = 0;
  std::uint64_t ip_sum_ = 0;       ///< IPv4: of the header but total length, identification and checksum
  InternetChecksum pseudo_;        ///< addresses and protocol, no length
  InternetChecksum tcp_constant_;  ///< pseudo_ and the TCP header but sequence number, flags and checksum
};

}  // namespace strata
