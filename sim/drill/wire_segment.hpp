// TCP segments over either IP as they stand on the wire, read from frames that the stack sent and written
// into frames for it. Options keep their order and their padding: a script compares both.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "sim/drill/script.hpp"
#include "strata/address.hpp"
#include "strata/bytes.hpp"

namespace strata::drill {

using Frame = std::vector<std::uint8_t>;

struct WireSegment {
  Endpoint from;
  Endpoint to;
  std::uint8_t traffic_class = 0;
  std::uint8_t hop_limit = 64;
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
  std::uint16_t flags = 0;
  std::uint16_t window = 0;
  std::uint16_t urgent = 0;
  std::vector<Option> options;
  std::uint32_t length = 0;  ///< payload bytes

  bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
};

/// A frame that begins with its IP header; else why it is no whole TCP segment: `ICMP`, `wrong TCP checksum`.
std::expected<WireSegment, std::string> read_segment(Bytes frame);

/// The bytes that the options take in a header, without padding.
std::size_t options_size(const std::vector<Option>& options);

/// With `payload` behind the headers. Precondition: options_size() is a multiple of four, at most 40.
Frame write_segment(const WireSegment& segment, Bytes payload);

/// An ICMP message whose quote is the front of `quoted` as the stack sent it.
struct IcmpMessage {
  std::uint8_t type = 3;
  std::uint8_t code = 0;
  std::uint32_t rest = 0;  ///< the second word of the header
};
Frame write_icmp(const IcmpMessage& message, const IpAddress& from, const WireSegment& quoted);

}  // namespace strata::drill
