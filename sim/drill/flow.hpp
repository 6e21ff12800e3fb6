// Between the numbers of a script and those on the wire. A script counts from the initial sequence numbers
// and has time stamps of its own; a stack draws all of these. One Flow per connection, and the table that
// says which connection a packet of the script belongs to, since a script never names ports.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "sim/drill/script.hpp"
#include "sim/drill/wire_segment.hpp"

namespace strata::drill {

enum class FlowKind : std::uint8_t {
  active,   ///< began with our SYN
  passive,  ///< began with a SYN to a socket that listens
  stray,    ///< no connection: what is injected has the numbers of the script on the wire
};

class Flow {
 public:
  Flow(const Endpoint& local, const Endpoint& remote, FlowKind kind)
      : local_(local), remote_(remote), kind_(kind) {}

  const Endpoint& local() const { return local_; }
  const Endpoint& remote() const { return remote_; }

  // --- Script to wire ---
  /// The segment that `<` describes.
  WireSegment to_wire(const TcpSpec& spec, const IpFields& ip);
  /// A segment of ours as an ICMP error quotes it.
  WireSegment quoted(const SequenceRange& range) const;

  // --- Wire to script ---
  /// Must see every segment that the stack sends, in order.
  void on_sent(const WireSegment& segment);
  /// The same segment in the script's numbers. The value of a time stamp stays as it is, what it echoes too:
  /// both are compared by their own rules.
  WireSegment to_script(const WireSegment& segment) const;
  /// The script calls the stamp on the wire `script_value`.
  void learn_timestamp(std::uint32_t script_value, std::uint32_t wire_value);
  /// Where the script's stamps began, as it counts and as the wire does.
  struct TimestampOrigin {
    std::uint32_t script;
    std::uint32_t wire;
  };
  std::optional<TimestampOrigin> timestamp_origin() const { return timestamp_origin_; }

  /// Where somebody listens, a SYN now is the beginning of another connection.
  bool is_settled() const { return kind_ != FlowKind::passive || peer_answered_; }

 private:
  std::uint32_t echo_to_wire(std::uint32_t script_value) const;

  Endpoint local_;
  Endpoint remote_;
  FlowKind kind_;
  bool peer_syn_seen_ = false;  ///< the one that numbers count from
  bool peer_answered_ = false;  ///< something other than its SYN was injected
  bool is_open_ = false;
  std::uint32_t local_base_ = 0;  ///< wire number minus script number
  std::uint32_t remote_base_ = 0;
  std::uint32_t last_seq_ = 0;  ///< of our latest segment, on the wire
  std::optional<TimestampOrigin> timestamp_origin_;
  std::map<std::uint32_t, std::uint32_t> timestamps_;  ///< ours, script to wire
};

/// The addresses and ports of a script.
struct Ends {
  IpAddress local;
  IpAddress remote;
  std::uint16_t port = 8080;  ///< that servers listen on, on either side

  /// What `...` stands for in bind(), and in connect().
  Endpoint usual_local() const { return {.address = local, .zone = 0, .port = port}; }
  Endpoint usual_remote() const { return {.address = remote, .zone = 0, .port = port}; }
};

class Flows {
 public:
  explicit Flows(const Ends& ends) : ends_(ends) {}

  /// The connection that an injected packet belongs to; `listening`: a SYN may begin a new one.
  Flow& for_injected(bool is_syn, bool listening);
  /// The connection of a segment that the stack sent, made when its SYN shows a new one; null for a stranger.
  Flow* for_sent(const WireSegment& segment);
  /// The latest one, if any.
  Flow* current() { return flows_.empty() ? nullptr : current_; }
  const Ends& ends() const { return ends_; }

 private:
  Flow& add(const Endpoint& local, const Endpoint& remote, FlowKind kind);

  Ends ends_;
  std::deque<Flow> flows_;
  Flow* current_ = nullptr;
  std::uint16_t next_remote_port_ = 40'000;
};

}  // namespace strata::drill
