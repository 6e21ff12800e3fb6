// One connection, sans-IO: segments and calls in, segments, deadlines and events out. Knows no IP header and
// no device.
#pragma once

#include <optional>

#include "strata/tcp_info.hpp"
#include "transport/tcp/tcb.hpp"

namespace strata::tcp {

class Connection {
 public:
  Connection(const FlowKey& flow, const PathInfo& path, const TcpConfig& config) : tcb_(flow, path, config) {}

  /// Mutates, never transmits.
  void on_segment(const Segment& segment, const Context& context);
  void on_timers(const Context& context);
  /// The next segment to send; nothing when there is nothing to say now.
  std::optional<TxSegment> poll_transmit(const Context& context);
  Instant next_deadline() const { return tcb_.timers.next(); }
  /// Edges since the last call.
  Ready take_events() { return std::exchange(tcb_.events, Ready::none); }
  /// Nothing left to do, to say or to read: the memory may go.
  bool is_finished() const { return tcb_.state == State::closed && tcb_.orphan && !tcb_.rst_pending; }
  /// Gives all memory back without a word.
  void release(const Context& context);

  TcpInfo info(const Context& context) const;
  /// Without what depends on the stack's memory.
  TcpInfo info(Instant now) const;
  TcpInfo info() const { return info(tcb_.last_received); }
  State state() const { return tcb_.state; }
  Tcb& tcb() { return tcb_; }
  const Tcb& tcb() const { return tcb_; }

 private:
  Tcb tcb_;
};

}  // namespace strata::tcp
