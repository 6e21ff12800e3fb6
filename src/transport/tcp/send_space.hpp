// How much an application may queue, and when it hears of room: by the payload that waits, or by the memory
// that Linux would need for it (TcpConfig::send_rule). Called by user_calls.cpp, input_ack.cpp and
// output.cpp.
#pragma once

#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

struct SendSpace {
  std::uint32_t room = 0;  ///< payload bytes that may be queued now
  std::uint32_t tail = 0;  ///< Tcb::tail_burst after that many were queued
};

/// What the buffer holds now: less than its size while the stack is short of memory.
std::uint32_t send_buffer_size(const Tcb& tcb, const Context& context);
/// Up to `wanted`.
SendSpace send_space(const Tcb& tcb, const Context& context, std::uint32_t wanted);
/// The writer met a full queue, or a full stack, and wants to hear of room.
void wait_for_room(Tcb& tcb, const Context& context);
/// A third of the buffer is free, and half of what may wait unsent: worth waking a writer for.
bool has_ample_room(const Tcb& tcb, const Context& context);
/// Tells a writer that met a full queue, once there is ample room.
void signal_send_room(Tcb& tcb, const Context& context);
/// A writer that waits while the network would take more gets a larger buffer (tcp_wmem).
void grow_send_buffer(Tcb& tcb, const Context& context);
/// Something was acknowledged: grows what may grow, then tells a waiting writer.
void make_send_room(Tcb& tcb, const Context& context);
/// Payload that leaves in one piece, for the device to cut.
std::uint32_t burst_limit(const Tcb& tcb, const TcpConfig& config);

}  // namespace strata::tcp
