// The Range field (RFC 9110 §14.2): which bytes of a file a client asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace strata::http {

/// More ranges than this in one request look like an attack: the field is ignored then (RFC 9110 §14.2).
inline constexpr std::size_t kRangesMax = 16;

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

enum class RangeVerdict : std::uint8_t {
  whole,          ///< no range, another unit, malformed, or unreasonable: send everything
  partial,        ///< `ranges` holds what to send
  unsatisfiable,  ///< well-formed, but nothing of it lies within the file
};

struct RangeRequest {
  RangeVerdict verdict = RangeVerdict::whole;
  std::vector<ByteRange> ranges;
};

/// Reads `bytes=0-99,200-,-500` against a file of `size` bytes.
RangeRequest parse_range(std::string_view field, std::uint64_t size);

}  // namespace strata::http
