#include "sim/endpoint.hpp"

#include <algorithm>

#include "transport/tcp/input.hpp"
#include "transport/tcp/user_calls.hpp"

namespace strata::sim {
namespace {

constexpr std::uint16_t kMss = 1460;
/// As much payload as the largest IP packet holds beside the longest headers.
constexpr std::uint32_t kGsoMax = 65'535 - 120;
/// The program keeps so much queued that has not left: the network is never short of data.
constexpr std::uint32_t kReadyToSend = 2 * Pattern::kPieceMax;

tcp::FlowKey key_of(const Endpoint::Setup& setup) {
  const Endpoint::Setup& s = setup;
  const strata::Endpoint client{
      .address = IpAddress::v4(10, 0, 0, 1), .zone = 0, .port = static_cast<std::uint16_t>(40'000 + s.flow)};
  const strata::Endpoint server{.address = IpAddress::v4(10, 0, 0, 2), .zone = 0, .port = 80};
  return s.active ? tcp::FlowKey{.local = client, .remote = server}
                  : tcp::FlowKey{.local = server, .remote = client};
}

bool is_repetition(Cause cause) {
  switch (cause) {
    case Cause::retransmit_rto:
    case Cause::retransmit_fast:
    case Cause::retransmit_partial_ack:
    case Cause::probe_tail:
    case Cause::probe_zero_window: return true;
    default: return false;
  }
}

}  // namespace

Endpoint::Endpoint(const Setup& setup, Pattern& pattern)
    : setup_(setup),
      pattern_(pattern),
      pools_({.block_size = 2048, .blocks_max = 1024, .packets_max = 16, .queue_nodes_max = 1U << 20}),
      islands_(1U << 18),
      records_(TableLimits{}.records_max),
      challenge_(setup.config.challenge_acks_per_second, 1),
      connection_(key_of(setup), {.mss = kMss, .gso_max = kGsoMax}, setup_.config),
      arriving_(pools_.packets.allocate()) {}

Endpoint::~Endpoint() {
  arriving_.reset();
  connection_.release(context(Instant()));
}

tcp::Context Endpoint::context(Instant now) {
  return {.config = setup_.config,
          .pools = pools_,
          .islands = islands_,
          .records = records_,
          .islands_max = TableLimits{}.reassembly_ranges_max,
          .counters = counters_,
          .challenge = challenge_,
          .trace = trace_,
          .now = now};
}

void Endpoint::connect(Instant now) {
  opened_ = true;
  // Close to the end of the number space: every run crosses it.
  tcp::open_active(connection_.tcb(), context(now), SeqNum(0xffff'0000U));
}

void Endpoint::on_arrival(const WireSegment& wire, Instant now) {
  tcp::Tcb& tcb = connection_.tcb();
  tcp::Segment segment;
  segment.seq = wire.seq;
  segment.ack = wire.ack;
  segment.flags = wire.flags;
  segment.window = wire.window;
  segment.options = wire.options;
  segment.payload_size = wire.size;
  segment.packet = arriving_.raw();
  segment.meta.ecn = wire.ecn;
  if (tcb.state == tcp::State::closed) {
    if (setup_.active || opened_ || !segment.has(tcp_flag::kSyn)) return;
    opened_ = true;
    tcp::open_passive(tcb, context(now), segment, SeqNum(0x7fff'0000U));
    return;
  }
  const std::uint64_t offset = unwrapped(wire.seq, tcb.irs + 1, read_);
  arriving_.raw()->head_slice = pattern_.piece(wire.size == 0 ? 0 : offset, wire.size);
  connection_.on_segment(segment, context(now));
  read(now);
  if (tcb.fin_received && !setup_.active && !stopped_) finish(now);
}

void Endpoint::on_timers(Instant now) { connection_.on_timers(context(now)); }

void Endpoint::transmit(Path& path, Instant now) {
  while (true) {
    write(now);
    const std::optional<tcp::TxSegment> segment = connection_.poll_transmit(context(now));
    if (!segment) return;
    check(*segment);
    put_on(path, *segment, now);
  }
}

void Endpoint::finish(Instant now) {
  stopped_ = true;
  (void)tcp::shutdown_send(connection_.tcb(), context(now));
}

/// As tcp::send(), but without a copy.
void Endpoint::write(Instant now) {
  tcp::Tcb& tcb = connection_.tcb();
  if (!setup_.active || stopped_ || !tcp::may_queue_data(tcb.state)) return;
  const std::size_t wanted = std::size_t{tcb.flight_size()} + kReadyToSend;
  while (tcb.send_queue.size() < wanted && tcb.send_queue.size() < setup_.config.send_buffer) {
    if (!tcb.send_queue.append(pools_, pattern_.piece(written_, Pattern::kPieceMax))) return;
    written_ += Pattern::kPieceMax;
    tcb.send_clock.start(tcp::SendClock::What::busy, now);
  }
}

void Endpoint::read(Instant now) {
  tcp::Tcb& tcb = connection_.tcb();
  while (!tcb.receive_queue.empty()) {
    const Bytes piece = tcb.receive_queue.front();
    if (!pattern_.holds(read_, piece)) ++wrong_bytes_;
    read_ += piece.size();
    tcp::consume(tcb, context(now), piece.size());
  }
}

void Endpoint::check(const tcp::TxSegment& segment) {
  if (segment.payload_size == 0) return;
  const std::uint64_t offset = unwrapped(segment.seq, connection_.tcb().iss + 1, sent_);
  if (!pattern_.holds(offset, *segment.packet.raw())) ++wrong_bytes_;
  if (offset < sent_ && !is_repetition(segment.cause)) ++without_cause_;
  sent_ = std::max(sent_, offset + segment.payload_size);
}

/// As a device cuts it.
void Endpoint::put_on(Path& path, const tcp::TxSegment& segment, Instant now) const {
  WireSegment wire{.options = segment.options,
                   .seq = segment.seq,
                   .ack = segment.ack,
                   .size = segment.payload_size,
                   .flow = setup_.flow,
                   .flags = segment.flags,
                   .window = segment.window,
                   .ecn = segment.ecn};
  constexpr std::uint16_t kOnlyLast = tcp_flag::kFin | tcp_flag::kPsh;
  const std::uint32_t piece = segment.gso_size == 0 ? segment.payload_size : segment.gso_size;
  std::uint32_t left = segment.payload_size;
  for (; left > piece; left -= piece) {
    wire.size = piece;
    wire.flags = static_cast<std::uint16_t>(segment.flags & ~kOnlyLast);
    path.push(wire, now);
    wire.seq += piece;
  }
  wire.size = left;
  wire.flags = segment.flags;
  path.push(wire, now);
}

/// The place in the stream of a number not far from the place `near`.
std::uint64_t Endpoint::unwrapped(SeqNum seq, SeqNum first, std::uint64_t near) const {
  const std::int32_t distance = seq - (first + static_cast<std::uint32_t>(near));
  return near + static_cast<std::uint64_t>(std::int64_t{distance});
}

}  // namespace strata::sim
