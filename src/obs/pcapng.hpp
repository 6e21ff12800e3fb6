// Writes captures in the pcapng format (draft-ietf-opsawg-pcapng): nanosecond times, interface names,
// direction, comments. The bytes go to a sink; opening and closing files is not done here. Partial checksums
// are completed in the written copy.
//
//   PcapngWriter writer({.context = &file, .write = write_to_file}, {.origin_nanos = wall clock at Instant
//   0}); const std::uint32_t tap0 = writer.add_interface({.name = "tap0"}); writer.write_frame({.interface =
//   tap0, .at = now, .direction = FrameDirection::out}, packet);
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "strata/bytes.hpp"
#include "strata/capture.hpp"
#include "strata/packet.hpp"
#include "strata/time.hpp"

namespace strata::obs {

/// Takes whole blocks of the file in order; false when one could not be written.
struct ByteSink {
  void* context = nullptr;
  bool (*write)(void* context, Bytes bytes) = nullptr;
};

struct PcapngOptions {
  std::int64_t origin_nanos = 0;  ///< nanoseconds since 1970 at Instant 0: the stack's clock has any origin
  std::string_view application = "strata";
};

struct PcapngInterface {
  std::string_view name;
  std::string_view description;
  bool has_ethernet_header = true;  ///< false: frames begin with the IP header
};

/// What is written beside a frame's bytes.
struct FrameNote {
  std::uint32_t interface = 0;  ///< as add_interface() said
  Instant at;
  FrameDirection direction = FrameDirection::in;
  std::string_view comment;
};

class PcapngWriter {
 public:
  /// Writes the section header at once.
  PcapngWriter(ByteSink sink, const PcapngOptions& options);

  std::uint32_t add_interface(const PcapngInterface& interface);
  void write_frame(const FrameNote& note, const Packet& frame);
  void write_frame(const FrameNote& note, Bytes frame);

  /// True after the sink refused a block. Nothing more is written then, so the file ends with its last whole
  /// block.
  bool has_failed() const { return has_failed_; }
  std::uint64_t frames_written() const { return frames_written_; }

 private:
  void begin_block(std::uint32_t type);
  void end_block();
  void begin_packet_block(const FrameNote& note, std::size_t size);
  void end_packet_block(const FrameNote& note);
  void put_u16(std::uint16_t value);
  void put_u32(std::uint32_t value);
  void put_padded(Bytes bytes);
  void put_option(std::uint16_t code, Bytes value);
  void end_options();

  ByteSink sink_;
  std::int64_t origin_nanos_;
  std::vector<std::uint8_t> block_;  ///< the block under construction
  std::uint32_t interfaces_ = 0;
  std::uint64_t frames_written_ = 0;
  bool has_failed_ = false;
};

}  // namespace strata::obs
