// For tests: one segment as a line of text, in the manner of packetdrill and tcpdump. A line spells only the
// fields that matter; numbers count from the initial sequence numbers, so the first byte of a stream is 1.
//
//   S  seq 0 mss 1460 wscale 7 sackOK ts 100/0     flags first: S F R P U E W A, and `.` for ACK
//   P. 1:1001(1000) ack 1 win 500                  or: P. seq 1 len 1000 ack 1 win 500
//   PU. 1:11(10) ack 1 urg 10                      with an urgent pointer
//   .  ack 1 sack 2001:3001,5001:6001 no-ts        no-ts, no-sack, no-mss, no-wscale: the option is not there
//   P. len 4380 gso 1460 cause app_send            a super-segment, and why it was sent
//   E. len 1000 ce                                 the mark of IP: noecn ect0 ect1 ce
//   .5 ack 1 ecn0 1,0,1                            the ACE counter; AccECN's fields in either order, or
//   no-ecn
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/tcp/segment.hpp"

namespace strata::tcp {

/// Where the two directions count from.
struct Numbers {
  std::uint32_t seq = 0;
  std::uint32_t ack = 0;
};

/// A parsed line; what was not spelled is empty.
struct SegmentLine {
  using Blocks = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

  std::uint16_t flags = 0;
  std::optional<std::uint32_t> seq{};
  std::optional<std::uint32_t> ack{};
  std::optional<std::uint32_t> length{};
  std::optional<std::uint16_t> window{};
  std::optional<std::uint16_t> urgent{};
  std::optional<std::uint16_t> gso_size{};
  std::optional<std::uint16_t> mss{};
  std::optional<std::uint8_t> wscale{};
  std::optional<TcpTimestamps> timestamps{};
  std::optional<Blocks> sack{};
  std::optional<std::uint8_t> ecn{};  ///< the two bits of IP
  std::optional<TcpAccEcn> accecn{};
  bool no_accecn = false;
  std::string cause{};
  bool sack_permitted = false;
  bool no_mss = false;
  bool no_wscale = false;
  bool no_timestamps = false;
  bool no_sack = false;
};

/// Nothing when `text` is not in the notation.
std::optional<SegmentLine> parse_line(std::string_view text);

/// What the line says about options, as a SYN would carry them.
TcpOptions options_of(const SegmentLine& line, const Numbers& base);

/// The whole segment in the notation.
std::string to_line(const TxSegment& segment, const Numbers& base);

/// The first spelled field in which `segment` differs, as `win: 10, not 20`; empty when it matches.
std::string difference(const SegmentLine& line, const TxSegment& segment, const Numbers& base);

}  // namespace strata::tcp
