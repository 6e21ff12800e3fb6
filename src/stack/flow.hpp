// A connection as the stack keeps it: the sans-IO machine, its wheel node, and its places in the stack's
// lists.
#pragma once

#include <cstdint>

#include "base/intrusive_list.hpp"
#include "base/timer_wheel.hpp"
#include "internet/types.hpp"
#include "strata/socket.hpp"
#include "strata/stack.hpp"
#include "transport/tcp/connection.hpp"

namespace strata {

/// IP and TCP without options.
constexpr std::uint32_t tcp_headers_size(const IpAddress& remote) { return remote.is_v4() ? 40 : 60; }

struct Flow {
  static constexpr std::uint32_t kNoListener = 0xffff'ffff;

  Flow(const tcp::FlowKey& key, const tcp::PathInfo& path, const TcpConfig& config)
      : connection(key, path, config) {}

  tcp::Connection connection;
  WheelNode timer;
  ListHook<Flow> dirty_hook;  ///< has something to say on `way.nic`
  ListHook<Flow> ready_hook;  ///< its waker is due
  ListHook<Flow> wait_hook;   ///< waits for accept(), or later with its writer for memory
  Waker waker;
  Ready pending = Ready::none;  ///< edges that the waker has not heard
  bool owned = false;           ///< the application holds a handle
  bool in_table = false;
  bool progressed = false;        ///< the peer acknowledged something new since our last packet
  bool detached = false;          ///< a TIME-WAIT record answers in its place; only the handle is left
  internet::RouteChoice way;      ///< to the peer
  std::uint32_t way_version = 0;  ///< of the routes that `way` was chosen from
  std::uint32_t index = 0;
  std::uint32_t hash = 0;
  std::uint32_t listener = kNoListener;  ///< where it came from, until it is accepted

  tcp::Tcb& tcb() { return connection.tcb(); }
  const tcp::Tcb& tcb() const { return connection.tcb(); }
};

}  // namespace strata
