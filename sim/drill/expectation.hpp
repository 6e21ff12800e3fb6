// Does a segment that the stack sent match the one that the script expects? A lenient judge proves nothing:
// flags, numbers, length, the kinds and the order of options must be the same; the window, the urgent pointer
// and the fields of the IP header where they are written. Pure: knows no clock and no stack.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "sim/drill/flow.hpp"
#include "sim/drill/script.hpp"
#include "sim/drill/wire_segment.hpp"
#include "strata/time.hpp"

namespace strata::drill {

/// A segment on its way out.
struct Sent {
  Instant at;
  WireSegment segment;
  Flow* flow = nullptr;  ///< null: of no connection that the script knows
};

struct MatchRules {
  /// `--tcp_ts_tick_usecs`: one step of a time stamp, and then stamps are compared. Zero: they are not.
  Duration timestamp_tick;
  Duration timestamp_tolerance;
};

/// How many of the front of `sent` belong together as one expected segment of `length` bytes: a burst that a
/// network card would have cut for us. Equal sizes but for the last, numbers that follow, the same ACK,
/// window and options.
std::size_t burst_size(const std::deque<Sent>& sent, std::uint32_t length);

/// The first `count` of them as one: what the card was given. PSH and FIN are those of the last.
WireSegment merge(const std::deque<Sent>& sent, std::size_t count);

/// The first field in which the segment differs, as `win: 10, not 20`; nothing when it matches. Both are in
/// the script's numbers but for `on_wire`, which decides where the script writes `!`.
std::optional<std::string> difference(const PacketSpec& expected, const WireSegment& actual,
                                      const WireSegment& on_wire, const Flow* flow, const MatchRules& rules);

}  // namespace strata::drill
