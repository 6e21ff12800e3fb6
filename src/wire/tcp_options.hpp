// TCP options in use (RFC 9293 §3.2): MSS, window scale and timestamps (RFC 7323), SACK-permitted and SACK
// (RFC 2018).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/seq_num.hpp"
#include "strata/bytes.hpp"
#include "strata/config.hpp"
#include "wire/parse_error.hpp"

namespace strata {

inline constexpr std::size_t kTcpOptionsSizeMax = 40;

struct TcpTimestamps {
  std::uint32_t value = 0;  ///< TSval
  std::uint32_t echo = 0;   ///< TSecr
  friend constexpr bool operator==(const TcpTimestamps&, const TcpTimestamps&) = default;
};

struct TcpOptions {
  TcpOptionOrder order = TcpOptionOrder::linux_like;  ///< for writing
  std::optional<std::uint16_t> mss{};
  std::optional<std::uint8_t> wscale{};  ///< the shift as sent; RFC 7323 §2.3 lets the reader use at most 14
  bool sack_permitted = false;
  std::uint8_t sack_count = 0;  ///< valid entries of `sack`
  std::optional<TcpTimestamps> timestamps{};
  std::array<SeqRange, 4> sack{};

  friend constexpr bool operator==(const TcpOptions&, const TcpOptions&) = default;
};
static_assert(std::is_trivially_copyable_v<TcpOptions> && sizeof(TcpOptions) <= 56);

/// One bounded pass. A length below 2 or beyond the end is `tcp_bad_option` (RFC 9293 §3.1, MUST-7: survive
/// illegal lengths); an unknown kind, or a known kind of another length than its own, is skipped.
Result<TcpOptions, ParseError> parse_tcp_options(Bytes options);
/// The same into `found`, which must be fresh: what a segment carries is then never copied.
Result<void, ParseError> read_tcp_options(Bytes options, TcpOptions& found);

/// Bytes that write_tcp_options() fills, a multiple of four.
std::size_t tcp_options_size(const TcpOptions& options);

/// Writes the options in their order, padded to words; returns the size. SACK blocks that do not
/// fit into 40 bytes are left out. Precondition: to.size() >= tcp_options_size(options).
std::size_t write_tcp_options(const TcpOptions& options, MutableBytes to);

}  // namespace strata
