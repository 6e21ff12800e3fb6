// What a frame is, as far as faults and expectations want to tell frames apart: "the first SYN", "every pure
// ACK".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "strata/bytes.hpp"

namespace strata::sim {

// clang-format off
enum class FrameKind : std::uint8_t {
  any,
  arp, udp, icmp,
  tcp,                         // any segment; the others in this line by flags and payload:
  syn, syn_ack, fin, rst, data, ack,  // ack: nothing but an acknowledgment
};
// clang-format on
std::string_view name(FrameKind kind);
std::optional<FrameKind> frame_kind(std::string_view name);

/// A FIN that carries data is of both kinds.
bool is_of_kind(Bytes frame, FrameKind kind);

}  // namespace strata::sim
