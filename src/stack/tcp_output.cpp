// Segments on their way down: TCP header and checksum in front, then the internet layer.
#include "stack/tcp_host.hpp"
#include "transport/tcp/input.hpp"
#include "transport/tcp/path_mtu.hpp"
#include "transport/tcp/user_calls.hpp"
#include "wire/checksum.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata {
namespace {

/// Completes the checksum, or leaves the pseudo header's sum to a device that will.
void finish_checksum(buf::PacketBuf& packet, const IpAddress& src, const IpAddress& dst, bool offload) {
  InternetChecksum sum = pseudo_header(src, dst, kProtocolTcp, static_cast<std::uint32_t>(packet.size()));
  std::uint8_t* field = packet.mutable_head() + TcpHeader::kChecksumOffset;
  if (offload) {
    store_be(field, sum.folded());
    packet.meta.csum = ChecksumState::partial;
    packet.meta.csum_start = 0;  // from the transport header; wrapping shifts it
    packet.meta.csum_offset = TcpHeader::kChecksumOffset;
    return;
  }
  sum.add(packet.head());
  for (const buf::Slice& slice : packet.payload()) sum.add(slice.bytes());
  store_be(field, sum.finish());
}

}  // namespace

/// Takes the segment's packet. `confirms`: the peer acknowledged something new since the last one.
Packet TcpHost::wrap(const tcp::FlowKey& key, tcp::TxSegment& segment, const internet::RouteChoice& choice,
                     const FlowMarks& marks) {
  Packet packet = std::move(segment.packet);
  if (!packet) packet = context_.pools.packets.allocate();
  if (!packet) {
    context_.count(Counter::no_packet);
    return packet;
  }
  const TcpHeader header{.src_port = key.local.port,
                         .dst_port = key.remote.port,
                         .seq = segment.seq,
                         .ack = segment.ack,
                         .flags = segment.flags,
                         .window = segment.window,
                         .urgent = segment.urgent,
                         .options = segment.options};
  buf::PacketBuf& raw = *packet.raw();
  header.write(raw.prepend(header.size()));
  raw.meta.gso_size = segment.gso_size;
  finish_checksum(raw, key.local.address, key.remote.address,
                  choice.link->checksum_offload_tx || segment.gso_size != 0);
  const internet::IpSend send{.src = key.local.address,
                              .dst = key.remote.address,
                              .protocol = kProtocolTcp,
                              .ttl = segment.ttl != 0        ? segment.ttl
                                     : choice.hop_limit != 0 ? choice.hop_limit
                                                             : ttl_,
                              .dscp = segment.dscp,
                              .ecn = segment.ecn,
                              .dont_fragment = !segment.may_fragment && !choice.is_narrower,
                              .flow_label = marks.label,
                              .zone = choice.nic,
                              .confirms_neighbor = marks.progressed};
  return internet_.wrap(std::move(packet), send, choice, context_.now);
}

/// A segment without a connection: it takes the queue of the internet layer.
void TcpHost::send_stray(const tcp::FlowKey& key, tcp::TxSegment segment) {
  const auto choice = way_of(key);
  if (!choice) return context_.count(Counter::ip_no_route);
  if ((segment.flags & tcp_flag::kRst) != 0) context_.count(Counter::tcp_rst_out);
  context_.count(Counter::tcp_out);
  Packet packet = wrap(key, segment, *choice, {});
  if (packet) internet_.queue_output(choice->nic, std::move(packet));
}

Result<internet::RouteChoice> TcpHost::way_of(const tcp::FlowKey& key) const {
  return internet_.route(key.remote.address, key.local.address, NicId{key.remote.zone});
}

/// RFC 6437 §3: the same for all packets of a flow, and nobody can guess that of another. Of the flow's hash
/// only what a secret hides is shown.
std::uint32_t TcpHost::label_of(const Flow& flow) const {
  const std::uint64_t mixed = (flow.hash ^ flow_key_.k1) * 0x9e37'79b9'7f4a'7c15U;  // 2^64 / golden ratio
  return static_cast<std::uint32_t>(mixed >> 44);
}

/// Brings `way` up to date; false when no route leads to the peer any more.
bool TcpHost::choose_way(Flow& flow) {
  if (flow.way_version == internet_.routes_version()) return true;
  const tcp::FlowKey& key = flow.tcb().flow;
  const auto choice = way_of(key);
  if (!choice) return false;
  flow.way = *choice;
  flow.way_version = internet_.routes_version();
  tcp::on_path(flow.tcb(), context_, path_of(*choice, key.remote.address), Cause::path_changed);
  return true;
}

Packet TcpHost::next_output(NicId nic, Instant now) {
  context_.now = now;
  auto& list = dirty(nic);
  while (Flow* flow = list.pop_front()) {
    const bool reachable = choose_way(*flow);  // first: it says how large a segment may be
    std::optional<tcp::TxSegment> segment = flow->connection.poll_transmit(context_);
    if (!segment) {
      if (flow->connection.state() == tcp::State::time_wait) detach_time_wait(*flow);
      settle(*flow);
      continue;
    }
    const NicId out = flow->way.nic;
    Packet packet;
    const FlowMarks marks{.label = label_of(*flow), .progressed = std::exchange(flow->progressed, false)};
    if (reachable) packet = wrap(flow->tcb().flow, *segment, flow->way, marks);
    dirty(out).push_back(*flow);  // one packet each: connections take turns
    settle(*flow);
    if (!reachable) context_.count(Counter::ip_no_route);
    if (!packet) continue;
    if (out == nic) return packet;
    internet_.queue_output(out, std::move(packet));
  }
  return {};
}

/// The last word is said: a compact record answers from now on, and the connection's memory is free, unless a
/// handle still wants to read from it.
void TcpHost::detach_time_wait(Flow& flow) {
  tcp::Tcb& tcb = flow.tcb();
  const Instant expires = context_.now + config_.time_wait;
  std::uint32_t record = time_wait_.add(tcb, flow.hash, expires);
  if (record == tcp::TimeWaitTable::kNone && time_wait_.oldest() != tcp::TimeWaitTable::kNone) {
    context_.count(Counter::tcp_time_wait_overflow);
    expire_time_wait(time_wait_.oldest(), Cause::none);
    record = time_wait_.add(tcb, flow.hash, expires);
  }
  if (record != tcp::TimeWaitTable::kNone) {
    table_.replace(flow.hash, flow.index, record | FlowTable::kTimeWaitBit);
    flow.in_table = false;
    flow.detached = true;
  }
  tcb.state = tcp::State::closed;  // not an event of the protocol: the record is in TIME-WAIT
  tcb.timers.stop_all();
  tcb.signal(Ready::closed);
}

void TcpHost::expire_time_wait(std::uint32_t index, Cause cause) {
  const tcp::TimeWaitRecord& record = time_wait_[index];
  if (context_.tracing()) {
    TraceEvent event;
    event.at = context_.now;
    event.flow = record.flow_number;
    event.kind = TraceKind::state_changed;
    event.cause = cause;
    event.state = {.old_state = TcpState::time_wait, .new_state = TcpState::closed};
    context_.trace.function(context_.trace.context, event);
  }
  table_.erase(record.hash, index | FlowTable::kTimeWaitBit);
  time_wait_.remove(index);
}

}  // namespace strata
