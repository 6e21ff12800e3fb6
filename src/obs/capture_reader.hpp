// Reads pcap and pcapng files into memory, through libpcap: nanosecond times, Ethernet only. For captures a
// person looks at, not for gigabytes.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "strata/time.hpp"

namespace strata::obs {

struct CapturedFrame {
  Instant at;            ///< the capture's own clock
  std::size_t size = 0;  ///< on the wire; `bytes` may be cut short
  std::vector<std::uint8_t> bytes;
};

/// The frames in the file's order, or one sentence that says what is wrong with it.
std::expected<std::vector<CapturedFrame>, std::string> read_capture(const std::string& path);

}  // namespace strata::obs
