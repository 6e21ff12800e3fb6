// What queues need to know of a frame: may it be marked, and which flow is it of. Frames without IP may not,
// and are all of one flow.
#pragma once

#include <cstdint>

#include "strata/packet.hpp"

namespace strata {

/// Sets the mark of RFC 3168 §5. False, with nothing changed, when the sender did not say that it understands
/// marks, or memory ran out.
bool mark_congestion_experienced(Packet& frame, bool has_ethernet_header);
/// The same for all frames of one direction of a connection.
std::uint32_t flow_of(const Packet& frame, bool has_ethernet_header);

}  // namespace strata
