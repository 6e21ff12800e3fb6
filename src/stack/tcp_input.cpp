// Segments on their way up: checks that need no connection, then the flow table, then RFC 9293 §3.10.7.
#include "stack/tcp_host.hpp"
#include "transport/tcp/input.hpp"
#include "transport/tcp/user_calls.hpp"
#include "wire/checksum.hpp"
#include "wire/ipv4.hpp"
#include "wire/tcp.hpp"

namespace strata {
namespace {

Errc error_of(internet::IcmpErrorKind kind) {
  using enum internet::IcmpErrorKind;
  switch (kind) {
    case port_unreachable:
    case protocol_unreachable: return Errc::connection_refused;
    case network_unreachable: return Errc::network_unreachable;
    default: return Errc::host_unreachable;
  }
}

bool has_syn_and_fin(const TcpView& view) {
  constexpr std::uint16_t kBoth = tcp_flag::kSyn | tcp_flag::kFin;
  return (view.flags() & kBoth) == kBoth;
}

/// All but the options.
tcp::Segment segment_of(const TcpView& view, const internet::Delivery& delivery, buf::PacketBuf& packet) {
  return {.seq = view.seq(),
          .ack = view.ack(),
          .flags = view.flags(),
          .window = view.window(),
          .urgent = view.urgent(),
          .options = {},
          .packet = &packet,
          .payload_size = static_cast<std::uint32_t>(packet.size() - view.header_size()),
          .meta = {.ecn = delivery.ecn,
                   .dscp = delivery.dscp,
                   .ttl = delivery.ttl,
                   .segments = packet.meta.segments,
                   .gso_size = packet.meta.gso_size}};
}

}  // namespace

bool TcpHost::checksum_is_good(const internet::Delivery& delivery, const buf::PacketBuf& raw) const {
  if (raw.meta.csum != ChecksumState::unverified) return true;
  InternetChecksum sum =
      pseudo_header(delivery.src, delivery.dst, kProtocolTcp, static_cast<std::uint32_t>(raw.size()));
  sum.add(raw.head());
  for (const buf::Slice& slice : raw.payload()) sum.add(slice.bytes());
  return sum.is_valid();
}

void TcpHost::input(const internet::Delivery& delivery, Packet& packet, Instant now) {
  context_.now = now;
  context_.count(Counter::tcp_in);
  buf::PacketBuf& raw = *packet.raw();
  const auto view = TcpView::parse(raw.head());
  if (!view) return context_.count(counter_of(view.error()));
  if (delivery.to_group) return context_.count(Counter::tcp_to_group);  // RFC 9293 §3.9.2.3
  if (view->src_port() == 0 || view->dst_port() == 0) return context_.count(Counter::tcp_bad_port);
  if (!checksum_is_good(delivery, raw)) return context_.count(Counter::tcp_bad_checksum);
  if (config_.syn_fin == TcpSynFin::dropped && has_syn_and_fin(*view))
    return context_.count(Counter::tcp_bad_flags);
  tcp::Segment segment = segment_of(*view, delivery, raw);
  const auto options = read_tcp_options(view->options(), segment.options);
  if (!options) return context_.count(counter_of(options.error()));

  const auto zone = static_cast<std::uint32_t>(delivery.zone);
  const tcp::FlowKey key{.local = {.address = delivery.dst, .zone = zone, .port = view->dst_port()},
                         .remote = {.address = delivery.src, .zone = zone, .port = view->src_port()}};
  raw.trim_head(view->header_size());
  const std::uint32_t slot = lookup(key, flow_hash(flow_key_, key));
  if (slot == FlowTable::kNone) return input_no_flow(key, segment);
  if ((slot & FlowTable::kTimeWaitBit) != 0)
    return input_time_wait(slot & ~FlowTable::kTimeWaitBit, key, segment);
  input_flow(flows_[slot], segment);
}

std::uint32_t TcpHost::lookup(const tcp::FlowKey& key, std::uint32_t hash) const {
  return table_.find(hash, [&](std::uint32_t slot) {
    if ((slot & FlowTable::kTimeWaitBit) == 0) return flows_[slot].tcb().flow == key;
    return time_wait_[slot & ~FlowTable::kTimeWaitBit].key() == key;
  });
}

void TcpHost::input_flow(Flow& flow, const tcp::Segment& segment) {
  // The accept queue is full: the handshake stays open, the peer's next segment or our SYN-ACK tries again.
  if (flow.connection.state() == tcp::State::syn_received && flow.listener != Flow::kNoListener &&
      listeners_.all()[flow.listener].is_full() && !segment.has(tcp_flag::kRst) &&
      !segment.has(tcp_flag::kSyn)) {
    return context_.count(Counter::tcp_listen_overflow);
  }
  const SeqNum una = flow.tcb().snd_una;
  flow.connection.on_segment(segment, context_);
  const auto& rare = flow.tcb().rare;
  if (rare && rare->fast_open.is_answered) learn_fast_open(flow);
  if (flow.tcb().snd_una != una) flow.progressed = true;
  touch(flow);
}

void TcpHost::input_time_wait(std::uint32_t index, const tcp::FlowKey& key, const tcp::Segment& segment) {
  context_.count(Counter::tcp_time_wait_in);
  tcp::TimeWaitRecord& record = time_wait_[index];
  switch (tcp::process_time_wait(record, segment)) {
    case tcp::TimeWaitVerdict::drop:
      if (segment.has(tcp_flag::kRst)) context_.count(Counter::tcp_time_wait_rst_ignored);
      return;
    case tcp::TimeWaitVerdict::answer:
      time_wait_.restart(index, context_.now + config_.time_wait);
      return send_stray(key, tcp::time_wait_ack(record, context_.now));
    case tcp::TimeWaitVerdict::acknowledge: return acknowledge_in_time_wait(record);
    case tcp::TimeWaitVerdict::reuse: break;
  }
  Listener* listener = listeners_.find(key.local, record.hash);
  // RFC 9293 §3.10.7.4, fourth check: where nobody would take the new connection, the SYN is like any other.
  if (listener == nullptr) return acknowledge_in_time_wait(record);
  context_.count(Counter::tcp_time_wait_reused);
  const SeqNum above = record.snd_nxt;
  expire_time_wait(index, Cause::syn_arrived);
  open_passive(*listener, key, segment, above);
}

void TcpHost::acknowledge_in_time_wait(const tcp::TimeWaitRecord& record) {
  if (!challenge_.allow(context_.now)) return context_.count(Counter::tcp_challenge_limited);
  send_stray(record.key(), tcp::time_wait_ack(record, context_.now));
}

void TcpHost::input_no_flow(const tcp::FlowKey& key, const tcp::Segment& segment) {
  Listener* listener = listeners_.find(key.local, flow_hash(flow_key_, key));
  if (listener != nullptr) {
    switch (tcp::process_listen(config_, segment)) {
      case tcp::ListenVerdict::ignore: return context_.count(Counter::tcp_bad_flags);
      case tcp::ListenVerdict::open: return open_passive(*listener, key, segment, std::nullopt);
      case tcp::ListenVerdict::reset: break;
    }
  }
  // Intercepted for a listener that is gone: not ours to refuse.
  if (listener == nullptr && !internet_.is_local(key.local.address, NicId{key.local.zone})) {
    return context_.count(Counter::ip_not_for_us);
  }
  context_.count(Counter::tcp_no_port);
  auto reset = tcp::reset_for(segment, listener == nullptr ? Cause::rst_no_connection : Cause::rst_bad_ack);
  if (reset) send_stray(key, *std::move(reset));
}

/// RFC 9293 §3.10.7.2, third check. `above`: a number that the new initial sequence number has to exceed (RFC
/// 6191 §2).
void TcpHost::open_passive(Listener& listener, const tcp::FlowKey& key, const tcp::Segment& syn,
                           std::optional<SeqNum> above) {
  if (listener.is_full()) return context_.count(Counter::tcp_listen_overflow);
  if (listener.half_open >= config_.syn_queue_max) return context_.count(Counter::tcp_syn_queue_full);
  const auto choice = way_of(key);
  if (!choice) return context_.count(Counter::ip_no_route);
  Flow* flow = make_flow(key, *choice);
  if (flow == nullptr) return;
  SeqNum iss = tcp::initial_sequence_number(isn_key_, key, context_.now);
  if (above && !iss.after(*above)) iss = *above + (1U << 16);
  flow->tcb().settings.set(listener.settings);
  flow->listener = listener.index;
  ++listener.half_open;
  tcp::open_passive(flow->tcb(), context_, syn, iss);
  touch(*flow);
}

void TcpHost::on_icmp_error(const internet::IcmpError& error, Instant now) {
  context_.now = now;
  const auto zone = static_cast<std::uint32_t>(error.zone);
  const tcp::FlowKey key{
      .local = {.address = error.src, .zone = zone, .port = load_be<std::uint16_t>(error.transport.data())},
      .remote = {
          .address = error.dst, .zone = zone, .port = load_be<std::uint16_t>(error.transport.data() + 2)}};
  const std::uint32_t slot = lookup(key, flow_hash(flow_key_, key));
  if (slot == FlowTable::kNone || (slot & FlowTable::kTimeWaitBit) != 0) {
    return context_.count(Counter::icmp_error_no_socket);
  }
  Flow& flow = flows_[slot];
  if (error.kind == internet::IcmpErrorKind::fragmentation_needed) return on_too_big(flow, error);
  tcp::on_icmp_error(flow.tcb(), context_, SeqNum(load_be<std::uint32_t>(error.transport.data() + 4)),
                     error_of(error.kind));
  touch(flow);
}

}  // namespace strata
