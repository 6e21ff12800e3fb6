// TCP options in use (RFC 9293 §3.2): MSS, window scale and timestamps (RFC 7323), SACK-permitted and SACK
// (RFC 2018), AccECN (RFC 9768), Fast Open (RFC 7413).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/seq_num.hpp"
#include "strata/bytes.hpp"
#include "strata/config.hpp"
#include "strata/tcp_info.hpp"
#include "wire/parse_error.hpp"

namespace strata {

inline constexpr std::size_t kTcpOptionsSizeMax = 40;

struct TcpTimestamps {
  std::uint32_t value = 0;  ///< TSval
  std::uint32_t echo = 0;   ///< TSecr
  friend constexpr bool operator==(const TcpTimestamps&, const TcpTimestamps&) = default;
};

/// RFC 9768 §3.2.3: which field comes first; the field of marks is in the middle.
enum class TcpAccEcnOrder : std::uint8_t {
  none,  ///< there is no such option
  e0b_first,
  e1b_first,
};

struct TcpAccEcn {
  TcpMarkedBytes bytes{};  ///< 24 bits each; of fields that are not there, zero
  TcpAccEcnOrder order = TcpAccEcnOrder::none;
  std::uint8_t fields = 0;  ///< 0 to 3, from the front

  constexpr bool is_there() const { return order != TcpAccEcnOrder::none; }
  constexpr bool has_e0b() const { return has(TcpAccEcnOrder::e0b_first); }
  constexpr bool has_ceb() const { return fields >= 2; }
  constexpr bool has_e1b() const { return has(TcpAccEcnOrder::e1b_first); }
  /// On the wire, without padding.
  constexpr std::size_t size() const { return is_there() ? 2U + 3U * fields : 0U; }
  friend constexpr bool operator==(const TcpAccEcn&, const TcpAccEcn&) = default;

 private:
  constexpr bool has(TcpAccEcnOrder first) const { return fields == 3 || (fields > 0 && order == first); }
};

/// RFC 7413 §4.1.1: a cookie, or without one the wish for it.
struct FastOpenOption {
  enum class Form : std::uint8_t {
    none,
    standard,
    experimental,  ///< RFC 6994 with the number that was used before there was an RFC
  };
  static constexpr std::uint16_t kMagic = 0xf989;
  static constexpr std::size_t kCookieMin = 4;
  static constexpr std::size_t kCookieMax = 16;

  Form form = Form::none;
  std::uint8_t size = 0;  ///< of the cookie, an even number
  std::array<std::uint8_t, kCookieMax> cookie{};

  friend constexpr bool operator==(const FastOpenOption&, const FastOpenOption&) = default;
};

struct TcpOptions {
  TcpOptionOrder order = TcpOptionOrder::linux_like;  ///< for writing
  std::optional<std::uint16_t> mss{};
  std::optional<std::uint8_t> wscale{};  ///< the shift as sent; RFC 7323 §2.3 lets the reader use at most 14
  bool sack_permitted = false;
  std::uint8_t sack_count = 0;  ///< valid entries of `sack`
  std::optional<TcpTimestamps> timestamps{};
  std::array<SeqRange, 4> sack{};
  TcpAccEcn accecn{};
  FastOpenOption fast_open{};

  friend constexpr bool operator==(const TcpOptions&, const TcpOptions&) = default;
};
static_assert(std::is_trivially_copyable_v<TcpOptions> && sizeof(TcpOptions) <= 92);

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
