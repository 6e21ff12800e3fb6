#include "sim/drill/flow.hpp"

#include "wire/tcp.hpp"

namespace strata::drill {
namespace {

void add_to_blocks(std::vector<Option>& options, std::uint32_t base) {
  for (Option& option : options) {
    if (option.kind != Option::Kind::sack) continue;
    for (std::uint32_t& edge : option.numbers) edge += base;
  }
}

std::uint8_t traffic_class_of(const IpFields& ip) {
  if (ip.traffic_class) return *ip.traffic_class;
  if (ip.ecn && *ip.ecn != EcnMark::any_ect) return static_cast<std::uint8_t>(*ip.ecn);
  return 0;
}

/// The ACE counter as its three flags (RFC 9768 §3.2.2).
std::uint16_t ace_flags(std::uint8_t counter) {
  std::uint16_t flags = 0;
  if ((counter & 1) != 0) flags |= tcp_flag::kEce;
  if ((counter & 2) != 0) flags |= tcp_flag::kCwr;
  if ((counter & 4) != 0) flags |= tcp_flag::kAe;
  return flags;
}

}  // namespace

WireSegment Flow::to_wire(const TcpSpec& spec, const IpFields& ip) {
  WireSegment segment;
  segment.from = remote_;
  segment.to = local_;
  segment.traffic_class = traffic_class_of(ip);
  segment.hop_limit = ip.hop_limit.value_or(64);
  segment.flags = static_cast<std::uint16_t>(spec.flags | (spec.ace ? ace_flags(*spec.ace) : 0));
  const bool is_syn = (spec.flags & tcp_flag::kSyn) != 0;
  // A SYN of the peer says on the wire what the script says. What follows counts from the one that opens: the
  // first to a listener, else the last before anything other.
  const bool first = kind_ == FlowKind::passive ? !peer_syn_seen_ : !is_open_ && !peer_answered_;
  if (is_syn && first && kind_ != FlowKind::stray && !spec.sequence.absolute) {
    remote_base_ = spec.sequence.begin;
    peer_syn_seen_ = true;
  }
  segment.seq = spec.sequence.begin + (is_syn || spec.sequence.absolute ? 0 : remote_base_);
  if (spec.ack) segment.ack = *spec.ack + (spec.ack_absolute ? 0 : local_base_);
  segment.window = spec.window.value_or(0);
  segment.urgent = spec.urgent.value_or(0);
  segment.options = spec.options;
  segment.length = spec.sequence.length;
  add_to_blocks(segment.options, local_base_);
  for (Option& option : segment.options) {
    if (option.kind == Option::Kind::timestamps) option.numbers[1] = echo_to_wire(option.numbers[1]);
  }
  peer_answered_ = peer_answered_ || !is_syn;
  return segment;
}

WireSegment Flow::quoted(const SequenceRange& range) const {
  WireSegment segment;
  segment.from = local_;
  segment.to = remote_;
  segment.seq = range.any ? last_seq_ : range.begin + (range.absolute ? 0 : local_base_);
  segment.flags = tcp_flag::kAck;
  segment.length = range.length;
  return segment;
}

void Flow::on_sent(const WireSegment& segment) {
  if (segment.has(tcp_flag::kSyn)) local_base_ = segment.seq;
  // An answer other than SYN and RST: both ends have their numbers.
  if (!segment.has(tcp_flag::kSyn | tcp_flag::kRst)) is_open_ = true;
  last_seq_ = segment.seq;
}

WireSegment Flow::to_script(const WireSegment& segment) const {
  WireSegment script = segment;
  script.seq -= local_base_;
  // A SYN-ACK answers the number that the SYN has on the wire.
  if (script.has(tcp_flag::kAck) && !script.has(tcp_flag::kSyn)) script.ack -= remote_base_;
  add_to_blocks(script.options, 0U - remote_base_);
  return script;
}

void Flow::learn_timestamp(std::uint32_t script_value, std::uint32_t wire_value) {
  if (!timestamp_origin_) timestamp_origin_ = {.script = script_value, .wire = wire_value};
  timestamps_[script_value] = wire_value;
}

std::uint32_t Flow::echo_to_wire(std::uint32_t script_value) const {
  if (script_value == 0) return 0;
  if (const auto known = timestamps_.find(script_value); known != timestamps_.end()) return known->second;
  // Not a stamp that was seen: as far from the first one as the script says.
  return timestamp_origin_ ? script_value - timestamp_origin_->script + timestamp_origin_->wire
                           : script_value;
}

Flow& Flows::add(const Endpoint& local, const Endpoint& remote, FlowKind kind) {
  flows_.emplace_back(local, remote, kind);
  current_ = &flows_.back();
  return *current_;
}

Flow& Flows::for_injected(bool is_syn, bool listening) {
  const bool begins = flows_.empty() || (is_syn && listening && current_->is_settled());
  if (!begins) return *current_;
  return add(ends_.usual_local(), {.address = ends_.remote, .zone = 0, .port = next_remote_port_++},
             is_syn && listening ? FlowKind::passive : FlowKind::stray);
}

Flow* Flows::for_sent(const WireSegment& segment) {
  for (auto flow = flows_.rbegin(); flow != flows_.rend(); ++flow) {
    if (flow->local() == segment.from && flow->remote() == segment.to) return &*flow;
  }
  const bool begins = segment.has(tcp_flag::kSyn) && !segment.has(tcp_flag::kAck);
  return begins ? &add(segment.from, segment.to, FlowKind::active) : nullptr;
}

}  // namespace strata::drill
